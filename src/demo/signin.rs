//! An embedded AWS federation endpoint, and a page that replaces the console (IAM User Guide,
//! "Enable custom identity broker access to the AWS console").

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use super::credentials::{IssuedCredentials, Origin, Register, Session};
use super::pages::{self, ConsoleVisit};
use super::shelf::Shelf;
use super::sts::Seconds;
use crate::aws::partition::Partition;
use crate::clock::Clock;
use crate::crypto;

const COOKIE: &str = "demo_console";
const HOME: &str = "/console/home";
const CAPACITY: usize = 10_000;
/// How long a sign-in token is valid, in minutes. Like the limits of the embedded STS, this value
/// is defined independently of the broker.
const TOKEN_MINUTES: i64 = 15;

/// Why the endpoint returns status 400. AWS's endpoint does not return a reason.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SigninFault {
    /// The request body or query string is not form-encoded.
    #[error("the request is not form-encoded")]
    Form,
    /// The `Action` parameter is neither `getSigninToken` nor `login`.
    #[error("Action must be getSigninToken or login")]
    Action,
    /// SessionType is present, but its value is not `json`.
    #[error("SessionType must be json")]
    SessionType,
    /// Session is not a JSON object with exactly the fields sessionId, sessionKey and sessionToken.
    #[error("Session must be a JSON object with exactly sessionId, sessionKey and sessionToken")]
    Session,
    /// The access key ID is unknown, or the secret access key or session token does not match it.
    #[error("the credentials are not valid")]
    Credentials,
    /// The credentials are from GetSessionToken or AssumeRoot, and cannot be used for the console.
    #[error("the credentials cannot be used for the console")]
    Kind,
    /// The credentials have expired.
    #[error("the credentials have expired")]
    Expired,
    /// SessionDuration is not a number from 900 to 43,200.
    #[error("SessionDuration must be between 900 and 43200")]
    SessionDuration,
    /// SessionDuration was sent with credentials from GetFederationToken or from role chaining.
    #[error("SessionDuration cannot be used with these credentials")]
    NoSessionDuration,
    /// Destination is not a page in the console of the session's partition or in the embedded
    /// console.
    #[error("Destination must be in the partition's console or in the embedded console")]
    Destination,
    /// Random numbers could not be generated.
    #[error("random numbers could not be generated")]
    Failed,
}

/// The sign-in endpoint and the embedded console.
pub struct Signin {
    own_origin: Url,
    front_door: String,
    account_names: BTreeMap<String, String>,
    register: Register,
    tokens: Shelf<Arc<ConsoleSession>>,
    visits: Shelf<Arc<Visit>>,
    clock: Clock,
}

/// A console session that a sign-in token can start.
#[derive(Debug)]
struct ConsoleSession {
    session: Session,
    expires: DateTime<Utc>,
}

/// A console session that has started.
#[derive(Debug)]
struct Visit {
    console: Arc<ConsoleSession>,
    destination: String,
    issuer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionJson {
    #[serde(rename = "sessionId")]
    access_key_id: String,
    #[serde(rename = "sessionKey")]
    secret_access_key: SecretString,
    #[serde(rename = "sessionToken")]
    token: SecretString,
}

/// The parameters of a GET or POST request.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, SigninFault> {
        let text = if request.method() == actix_web::http::Method::POST {
            body
        } else {
            request.query_string().as_bytes()
        };
        serde_urlencoded::from_bytes(text)
            .map(Self)
            .map_err(|_| SigninFault::Form)
    }

    fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Signin {
    /// An endpoint at `own_origin` that accepts the credentials in `register`. Its pages link back
    /// to the Issuer of the login request or, if there is none, to `front_door`.
    pub fn new(
        own_origin: Url,
        front_door: String,
        account_names: BTreeMap<String, String>,
        register: Register,
        clock: Clock,
    ) -> Self {
        Self {
            own_origin,
            front_door,
            account_names,
            register,
            tokens: Shelf::new(CAPACITY),
            visits: Shelf::new(CAPACITY),
            clock,
        }
    }

    fn signin_token(&self, parameters: &Parameters) -> Result<String, SigninFault> {
        if parameters
            .find("SessionType")
            .is_some_and(|kind| kind != "json")
        {
            return Err(SigninFault::SessionType);
        }
        let credentials = self.credentials(parameters.find("Session").unwrap_or_default())?;
        let console = ConsoleSession {
            expires: self.session_end(parameters.find("SessionDuration"), &credentials)?,
            session: credentials.session.clone(),
        };
        let token = crypto::random_token().map_err(|_| SigninFault::Failed)?;
        let until = self.clock.now() + TimeDelta::minutes(TOKEN_MINUTES);
        self.tokens.put(&token, until, Arc::new(console));
        Ok(token)
    }

    fn credentials(&self, session: &str) -> Result<Arc<IssuedCredentials>, SigninFault> {
        let session: SessionJson =
            serde_json::from_str(session).map_err(|_| SigninFault::Session)?;
        let found = self.register.find(&session.access_key_id);
        let credentials = found.ok_or(SigninFault::Credentials)?;
        if !credentials.has_secret_access_key(session.secret_access_key.expose_secret())
            || !credentials.has_session_token(session.token.expose_secret())
        {
            return Err(SigninFault::Credentials);
        }
        if credentials.expires <= self.clock.now() {
            return Err(SigninFault::Expired);
        }
        // Credentials from GetSessionToken and AssumeRoot cannot open the console (IAM User Guide,
        // "Compare AWS STS credentials").
        if let Origin::SessionToken | Origin::AssumeRoot = credentials.session.origin {
            return Err(SigninFault::Kind);
        }
        Ok(credentials)
    }

    /// The end of the console session. Without a duration, the session ends when the credentials
    /// expire.
    fn session_end(
        &self,
        duration: Option<&str>,
        credentials: &IssuedCredentials,
    ) -> Result<DateTime<Utc>, SigninFault> {
        let Some(duration) = duration else {
            return Ok(credentials.expires);
        };
        if matches!(
            credentials.session.origin,
            Origin::RoleChaining | Origin::FederationToken
        ) {
            return Err(SigninFault::NoSessionDuration);
        }
        match duration.parse() {
            Ok(seconds) if Seconds::OF_ROLES.take(seconds) => {
                Ok(self.clock.now() + TimeDelta::seconds(seconds))
            }
            _ => Err(SigninFault::SessionDuration),
        }
    }

    fn login(&self, parameters: &Parameters) -> Result<HttpResponse, SigninFault> {
        let issuer = parameters.find("Issuer").and_then(web_address);
        let token = parameters.find("SigninToken").unwrap_or_default();
        let Some(console) = self.tokens.take_valid(token, self.clock.now()) else {
            return Ok(self.ended(issuer.as_deref()));
        };
        let destination = parameters.find("Destination").unwrap_or_default();
        let destination = self.destination(destination, &console.session)?;
        let visit = Visit {
            destination: destination.into(),
            issuer,
            console,
        };
        let name = crypto::random_token().map_err(|_| SigninFault::Failed)?;
        self.visits
            .put(&name, visit.console.expires, Arc::new(visit));
        let cookie = Cookie::build(COOKIE, name)
            .path("/console")
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish();
        Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, HOME))
            .cookie(cookie)
            .finish())
    }

    /// Checks that `text` is the URL of a page in the AWS console of the session's partition, or in
    /// the embedded console.
    fn destination(&self, text: &str, session: &Session) -> Result<Url, SigninFault> {
        let url = Url::parse(text).map_err(|_| SigninFault::Destination)?;
        let partition = Partition::from_arn_name(&session.partition);
        let is_aws = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| {
                partition.is_some_and(|partition| partition.is_console_host(host))
            });
        let is_own =
            url.origin() == self.own_origin.origin() && url.path().starts_with("/console/");
        if is_aws || is_own {
            Ok(url)
        } else {
            Err(SigninFault::Destination)
        }
    }

    /// The page for a sign-in link or console session that is unknown or no longer valid.
    fn ended(&self, issuer: Option<&str>) -> HttpResponse {
        pages::notice(
            StatusCode::BAD_REQUEST,
            "Your session has expired",
            "A sign-in link works only once, within 15 minutes. A console session ends at the time \
             that its page shows.",
            "Sign in again",
            issuer.unwrap_or(&self.front_door),
        )
    }
}

/// The URL in `text`, if its scheme is http or https. Other schemes are not safe in a link.
fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// `GET` and `POST /signin/federation`: handles the actions getSigninToken and login.
pub async fn federation(request: HttpRequest, body: Bytes, signin: Data<Signin>) -> HttpResponse {
    let response =
        Parameters::read(&request, &body).and_then(|parameters| match parameters.find("Action") {
            Some("getSigninToken") => signin.signin_token(&parameters).map(token_response),
            Some("login") => signin.login(&parameters),
            _ => Err(SigninFault::Action),
        });
    response.unwrap_or_else(|fault| {
        tracing::info!(%fault, "the demo sign-in endpoint refused a request");
        HttpResponse::BadRequest()
            .content_type(ContentType::plaintext())
            .body(fault.to_string())
    })
}

fn token_response(token: String) -> HttpResponse {
    HttpResponse::Ok().json(BTreeMap::from([("SigninToken", token)]))
}

/// `GET /console/…`: shows who is signed in to the console, and which page was requested.
pub async fn console(request: HttpRequest, signin: Data<Signin>) -> HttpResponse {
    let cookie = request.cookie(COOKIE);
    let visit = cookie.and_then(|cookie| signin.visits.find(cookie.value()));
    let Some(visit) = visit else {
        return signin.ended(None);
    };
    let console = &visit.console;
    if console.expires <= signin.clock.now() {
        return signin.ended(visit.issuer.as_deref());
    }
    let account_name = signin.account_names.get(&console.session.account);
    pages::console(&ConsoleVisit {
        session: &console.session,
        account_name: account_name.map(String::as_str),
        expires: console.expires,
        destination: &visit.destination,
        back: visit.issuer.as_deref().unwrap_or(&signin.front_door),
    })
}
