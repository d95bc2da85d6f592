//! Tests that the tests' user agent reads pages and submits forms as a browser would.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use url::Url;

use crate::support::user_agent::{Form, Page};

fn page(body: &str) -> Page {
    Page {
        url: Url::parse("https://idp.example.com/sign/in?step=1").expect("a URL"),
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: body.to_owned(),
    }
}

fn only_form(body: &str) -> Form {
    let mut forms = page(body).forms();
    assert_eq!(forms.len(), 1);
    forms.remove(0)
}

#[test]
fn a_form_is_sent_to_its_action_or_its_own_page() {
    let form = only_form("<form action='next?a=1&amp;b=2' method=POST></form>");
    assert_eq!(
        form.action.as_str(),
        "https://idp.example.com/sign/next?a=1&b=2"
    );
    assert_eq!(form.method, Method::POST);

    let form = only_form("<form action=''></form>");
    assert_eq!(
        form.action.as_str(),
        "https://idp.example.com/sign/in?step=1"
    );
    assert_eq!(form.method, Method::GET);
}

#[test]
fn only_what_a_browser_sends_is_sent() {
    let form = only_form(
        "<form>
           <input name=text value='a &lt; b'><input value=nameless><input name=off disabled>
           <input name=secret type=password>
           <input type=checkbox name=yes checked><input type=checkbox name=no>
           <input type=radio name=one value=1><input type=radio name=one value=2 checked>
           <textarea name=area>several
lines</textarea>
           <select name=first><option value=f>F<option>G</select>
           <select name=chosen><option>H<option selected>I</select>
           <button name=go value=here>Go</button><button name=go value=there>Go</button>
           <input type=button name=nothing value=nothing>
         </form>",
    );
    let expected = [
        ("text", "a < b"),
        ("secret", ""),
        ("yes", "on"),
        ("one", "2"),
        ("area", "several\nlines"),
        ("first", "f"),
        ("chosen", "I"),
        ("go", "here"),
    ];
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(fields, expected);
    assert_eq!(form.password_fields, ["secret"]);
}

#[test]
fn the_pressed_button_is_submitted() {
    let page = page(
        "<select name=far form=roles><option>F</select>
         <form id=roles action=nowhere method=post>
           <button disabled></button>
           <button name=role value=1 formaction=/here>Here</button>
           <button name=role value=2 formaction=/there>There</button>
           <input name=elsewhere form=other>
         </form>",
    );
    let form = page.pressed("[formaction='/there']").expect("a button");
    assert_eq!(form.action.path(), "/there");
    assert_eq!(form.fields_by_name(), [("far", "F"), ("role", "2")].into());
    let form = page.pressed("[value='1']").expect("a button");
    assert_eq!(form.action.path(), "/here");
    assert_eq!(form.field("role"), Some("1"));
    assert!(page.pressed("[value='3']").is_none());
}

#[test]
fn a_test_can_change_what_is_sent() {
    let form = only_form("<form><input name=a value=1><input name=b value=2></form>");
    let form = form.with("a", "one").with("c", "3").without("b");
    assert_eq!(
        form.fields_by_name().into_iter().collect::<Vec<_>>(),
        [("a", "one"), ("c", "3")]
    );
}

#[test]
fn texts_are_read_as_rendered() {
    let page = page("<ul><li>One <b>two</b>\n three</li><li>Four</li></ul>");
    assert_eq!(page.texts("li"), ["One two three", "Four"]);
}
