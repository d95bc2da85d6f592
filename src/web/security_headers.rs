//! The security headers on every response.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use url::Url;

/// The security headers, which are built once for each set of rules.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl SecurityHeaders {
    /// Builds the headers for a service at `public_url`. The service's forms may lead to `https:`
    /// hosts and to `form_targets`.
    ///
    /// `form-action` also applies to redirects after a form is submitted. Opening the console leads
    /// to AWS. Requesting credentials may lead to the IdP, which may redirect to any other host.
    /// Those hosts cannot be listed, so any `https:` host is allowed. This is acceptable, because
    /// our forms contain no credentials. Emulators on `http:` are listed.
    pub fn new(public_url: &Url, form_targets: &[Url]) -> Result<Self, InvalidHeaderValue> {
        let mut targets = String::new();
        for url in form_targets.iter().filter(|url| url.scheme() == "http") {
            targets.push(' ');
            targets.push_str(&url.origin().ascii_serialization());
        }
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             form-action 'self' https:{targets}; base-uri 'none'; frame-ancestors 'none'"
        );
        let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
        let mut headers = vec![
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_str(&policy)?,
            ),
            fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            fixed(header::X_FRAME_OPTIONS, "DENY"),
            // With `no-referrer`, browsers would send `Origin: null` with our own forms.
            fixed(header::REFERRER_POLICY, "same-origin"),
            fixed(
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            fixed(
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
            fixed(
                HeaderName::from_static("permissions-policy"),
                "interest-cohort=(), camera=(), microphone=(), geolocation=()",
            ),
            fixed(header::CACHE_CONTROL, "no-store"),
        ];
        if public_url.scheme() == "https" {
            headers.push(fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
        }
        Ok(Self { headers })
    }

    /// Adds the headers that the response does not contain yet.
    pub fn apply(&self, response: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if !response.contains_key(name) {
                response.insert(name.clone(), value.clone());
            }
        }
    }
}
