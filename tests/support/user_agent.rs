//! A user agent that needs no browser. It supports cookies, redirects and forms.

use std::collections::BTreeMap;
use std::fmt;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::patience::PATIENCE;

/// The maximum number of consecutive redirects, and of forms in a sign-in. No test needs more than
/// six of either.
const MAX_STEPS: usize = 12;

/// One person's user agent. It keeps cookies, and follows redirects only if a test asks it to.
#[derive(Clone)]
pub struct UserAgent {
    client: Client,
}

/// An HTTP response.
pub struct Page {
    /// The URL from which the response came. It is the base for relative URLs on the page.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// An HTML form as a browser submits it when a submit button is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// `GET` or `POST`.
    pub method: Method,
    /// The absolute URL that the form is submitted to.
    pub action: Url,
    /// The fields in document order; a name may occur more than once.
    pub fields: Vec<(String, String)>,
    /// The names of the fields of type `password`.
    pub password_fields: Vec<String>,
}

impl UserAgent {
    /// A user agent with an empty cookie jar.
    pub fn new() -> Self {
        Self::build(false)
    }

    /// A user agent that accepts every TLS certificate.
    pub fn accepting_any_certificate() -> Self {
        Self::build(true)
    }

    fn build(accepts_any_certificate: bool) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .tls_danger_accept_invalid_certs(accepts_any_certificate)
            .build()
            .expect("a client with a cookie jar can be built");
        Self { client }
    }

    /// A request with this user agent's cookies, for tests that set headers.
    pub fn request(&self, method: Method, url: impl AsRef<str>) -> RequestBuilder {
        self.client.request(method, url.as_ref())
    }

    /// Sends a request made by [`request`](Self::request).
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("no response: {error:?}"));
        Page {
            url: response.url().clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.expect("the whole body arrives"),
        }
    }

    /// Opens a URL; returns a redirect without following it.
    pub async fn get(&self, url: impl AsRef<str>) -> Page {
        self.send(self.request(Method::GET, url)).await
    }

    /// Posts form fields; returns a redirect without following it.
    pub async fn post_form(&self, url: impl AsRef<str>, fields: &[(String, String)]) -> Page {
        let body = serde_urlencoded::to_string(fields).expect("pairs of strings can be encoded");
        let request = self
            .request(Method::POST, url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        self.send(request).await
    }

    /// Follows redirects until the response is not a redirect.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..MAX_STEPS {
            let Some(location) = page.redirect() else {
                return page;
            };
            page = self.get(location).await;
        }
        panic!("more than {MAX_STEPS} redirects, the last to {}", page.url);
    }

    /// Opens a URL and follows redirects.
    pub async fn open(&self, url: impl AsRef<str>) -> Page {
        self.follow(self.get(url).await).await
    }

    /// Submits a form unchanged; returns a redirect without following it.
    pub async fn submit(&self, form: &Form) -> Page {
        if form.method == Method::POST {
            return self.post_form(&form.action, &form.fields).await;
        }
        let mut url = form.action.clone();
        url.query_pairs_mut().clear().extend_pairs(&form.fields);
        self.get(url).await
    }

    /// Goes from `start` to the form that carries the IdP's response, and signs in as `name` if the
    /// IdP asks for a password. Returns the response's form without submitting it.
    pub async fn sign_in(&self, start: impl AsRef<str>, name: &str, password: &str) -> Form {
        let mut page = self.open(start).await;
        for _ in 0..MAX_STEPS {
            if let Some(form) = page.form_with("SAMLResponse") {
                return form;
            }
            // In a browser, a script would submit the form with rolecall's AuthnRequest. This agent
            // runs no scripts, so it submits the form itself. A form with a password field is the
            // IdP's own, even if it repeats the AuthnRequest. That form is filled in below.
            let ours = page.form_with("SAMLRequest");
            if let Some(form) = ours.filter(|form| form.password_fields.is_empty()) {
                page = self.follow(self.submit(&form).await).await;
                continue;
            }
            let Some(form) = page
                .forms()
                .into_iter()
                .find(|form| !form.password_fields.is_empty())
            else {
                panic!("neither a sign-in form nor a SAMLResponse on {page}");
            };
            page = self
                .follow(self.submit(&form.signed_in_as(name, password)).await)
                .await;
        }
        panic!("{name} is asked to sign in again and again: {page}");
    }
}

impl Default for UserAgent {
    fn default() -> Self {
        Self::new()
    }
}

impl Page {
    /// The target of a redirect; `None` if the response is not a redirect.
    pub fn redirect(&self) -> Option<Url> {
        let location = self
            .headers
            .get(LOCATION)
            .filter(|_| self.status.is_redirection())?;
        let location = location.to_str().expect("a Location is ASCII");
        Some(self.url.join(location).expect("a Location is a URL"))
    }

    /// The text of the page, without its markup.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        html.root_element().text().collect()
    }

    /// The forms on the page, as their first submit buttons submit them.
    pub fn forms(&self) -> Vec<Form> {
        let html = Html::parse_document(&self.body);
        html.select(&selector("form"))
            .map(|form| self.read_form(&html, form, None))
            .collect()
    }

    /// The form as it would be submitted by the first button that matches a CSS selector.
    pub fn pressed(&self, css: &str) -> Option<Form> {
        let html = Html::parse_document(&self.body);
        let button = html.select(&selector(css)).next()?;
        let form = html
            .select(&selector("form"))
            .find(|form| owns(*form, button))?;
        Some(self.read_form(&html, form, Some(button)))
    }

    /// The first form that has a field with this name.
    pub fn form_with(&self, field: &str) -> Option<Form> {
        self.forms()
            .into_iter()
            .find(|form| form.field(field).is_some())
    }

    /// The text of each element that matches a CSS selector, with whitespace collapsed.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        let words = |element: ElementRef<'_>| {
            element
                .text()
                .flat_map(str::split_whitespace)
                .collect::<Vec<_>>()
                .join(" ")
        };
        html.select(&selector(css)).map(words).collect()
    }

    fn read_form(&self, html: &Html, form: ElementRef<'_>, button: Option<ElementRef<'_>>) -> Form {
        let attribute = |name| form.value().attr(name);
        let action = button.and_then(|button| button.value().attr("formaction"));
        let action = action.or_else(|| attribute("action").filter(|action| !action.is_empty()));
        let mut read = Form {
            method: match attribute("method") {
                Some(method) if method.eq_ignore_ascii_case("post") => Method::POST,
                _ => Method::GET,
            },
            action: action.map_or_else(
                || self.url.clone(),
                |action| {
                    self.url
                        .join(action)
                        .expect("a form's action is a valid URL")
                },
            ),
            fields: Vec::new(),
            password_fields: Vec::new(),
        };
        let mut pressed = false;
        let all = selector("input, button, select, textarea");
        for control in html.select(&all).filter(|control| owns(form, *control)) {
            match button {
                Some(button) if is_submit(control) => pressed = control != button,
                _ => {}
            }
            read.add_control(control, &mut pressed);
        }
        read
    }
}

impl fmt::Display for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({}):\n{:.4000}",
            self.url, self.status, self.body
        )
    }
}

impl Form {
    /// The value of the first field with this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The fields by name. If a name occurs more than once, only its last value is included.
    pub fn fields_by_name(&self) -> BTreeMap<&str, &str> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The form with this field set to `value`. If the field is missing, it is added.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The form without the fields with this name.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self
    }

    fn signed_in_as(&self, name: &str, password: &str) -> Self {
        let mut form = self.clone().with("username", name);
        for field in &self.password_fields {
            form = form.with(field, password);
        }
        form
    }

    fn add_control(&mut self, control: ElementRef<'_>, pressed: &mut bool) {
        let element = control.value();
        let Some(name) = element
            .attr("name")
            .filter(|_| element.attr("disabled").is_none())
        else {
            return;
        };
        let kind = element.attr("type").unwrap_or("").to_ascii_lowercase();
        let value = || element.attr("value").unwrap_or_default().to_owned();
        let value = match (element.name(), kind.as_str()) {
            ("textarea", _) => control.text().collect(),
            ("select", _) => selected(control),
            ("button", "button" | "reset") | ("input", "button" | "reset" | "image" | "file") => {
                return;
            }
            ("input", "checkbox" | "radio") if element.attr("checked").is_none() => return,
            ("input", "checkbox" | "radio") => element.attr("value").unwrap_or("on").to_owned(),
            ("button", _) | ("input", "submit") if std::mem::replace(pressed, true) => return,
            _ => value(),
        };
        if kind == "password" {
            self.password_fields.push(name.to_owned());
        }
        self.fields.push((name.to_owned(), value));
    }
}

/// Whether a control belongs to a form. If the control has the attribute `form`, this attribute
/// must contain the form's ID. Without this attribute, the control must be inside the form.
fn owns(form: ElementRef<'_>, control: ElementRef<'_>) -> bool {
    match control.value().attr("form") {
        Some(id) => form.value().attr("id") == Some(id),
        None => control.ancestors().any(|node| node.id() == form.id()),
    }
}

fn is_submit(control: ElementRef<'_>) -> bool {
    let element = control.value();
    match element.name() {
        "button" => matches!(element.attr("type"), None | Some("submit")),
        name => name == "input" && element.attr("type") == Some("submit"),
    }
}

/// The value that a `select` without `multiple` submits: the value of the chosen option or, if none
/// is chosen, of the first option.
fn selected(select: ElementRef<'_>) -> String {
    let all = selector("option");
    let chosen = select
        .select(&all)
        .find(|option| option.value().attr("selected").is_some());
    chosen
        .or_else(|| select.select(&all).next())
        .map_or_else(String::new, |option| {
            option
                .value()
                .attr("value")
                .map_or_else(|| option.text().collect(), str::to_owned)
        })
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a test's CSS selector is valid")
}
