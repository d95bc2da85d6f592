//! Console sign-in: exchanges credentials for a URL that signs people in to the AWS console.
//!
//! See the IAM User Guide, "Enabling custom identity broker access to the AWS console".

mod destination;
mod error;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

pub use self::destination::{Destination, DestinationError};
pub use self::error::SigninError;
use super::credentials::Credentials;
use super::duration::SessionDuration;
use super::partition::{NoConsole, Partition};
use super::region::Region;
use crate::causes::causes;

/// How long a sign-in URL is valid (IAM User Guide, "Enabling custom identity broker access to the
/// AWS console").
pub const URL_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The maximum size of a response, in bytes. A sign-in token is about 2,000 bytes long.
const RESPONSE_MAXIMUM: usize = 64 * 1024;

/// How to reach the federation endpoint.
#[derive(Clone, Debug)]
pub struct SigninSettings {
    /// A federation endpoint that replaces those of AWS in every partition, for emulators.
    pub endpoint: Option<Url>,
    /// In this Region's partition, the Region of the federation endpoint and the default Region of
    /// console pages. For other partitions, see [`Partition::sts_region`].
    pub region: Region,
    /// The timeout of one attempt, which includes connecting and reading the response.
    pub timeout: Duration,
}

/// The parameters of a console sign-in.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleSignIn<'a> {
    /// The partition of the credentials.
    pub partition: Partition,
    /// The console page to open.
    pub destination: &'a Destination,
    /// The requested lifetime of the console session. If it is `None`, the session lasts as long as
    /// the credentials. It must be `None` for credentials from `GetFederationToken` or role
    /// chaining, for which AWS refuses a duration.
    pub duration: Option<SessionDuration>,
    /// The URL to which AWS sends people when their console session has ended.
    pub issuer: &'a Url,
}

/// A URL that signs in anyone who opens it.
#[derive(Clone, Debug)]
pub struct SigninUrl {
    /// The URL. It is as sensitive as the credentials: send it only in a `Location` header, and
    /// never log it.
    pub url: SecretString,
    /// When the URL stops working.
    pub expires_at: DateTime<Utc>,
}

/// A client for the federation endpoints of all partitions.
#[derive(Clone, Debug)]
pub struct Signin {
    endpoint: Option<Url>,
    region: Region,
    client: Client,
}

impl Signin {
    /// Creates a client that follows no redirects, because its requests contain secrets.
    pub fn new(settings: SigninSettings) -> Result<Self, SigninError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(settings.timeout)
            .timeout(settings.timeout)
            .build()
            .map_err(|error| SigninError::Client {
                reason: causes(&error),
            })?;
        Ok(Self {
            endpoint: settings.endpoint,
            region: settings.region,
            client,
        })
    }

    /// The page to open: `text` (a URL or a path) or, if it is `None`, the console's home page. A
    /// path and the home page are in `region` or, if that is `None`, in the configured Region. A
    /// Region outside `partition` is replaced with one in `partition`.
    ///
    /// Call this before requesting credentials, so that no credentials are issued for an invalid
    /// destination.
    pub fn destination(
        &self,
        text: Option<&str>,
        partition: Partition,
        region: Option<&Region>,
    ) -> Result<Destination, DestinationError> {
        let region = region.unwrap_or(&self.region);
        match text {
            None => Destination::home(partition, region),
            Some(text) => Destination::parse(text, partition, region, self.endpoint.as_ref()),
        }
    }

    /// Gets a sign-in token for the credentials and builds the URL that redeems the token.
    ///
    /// If AWS refuses a request with a duration (status 400), the request is sent once more without
    /// the duration. The console session then lasts as long as the credentials.
    pub async fn sign_in_url(
        &self,
        credentials: &Credentials,
        sign_in: ConsoleSignIn<'_>,
        now: DateTime<Utc>,
    ) -> Result<SigninUrl, SigninError> {
        let endpoint = self.federation_endpoint(sign_in.partition)?;
        let first = self.token(&endpoint, credentials, sign_in.duration).await;
        let token = match (first, sign_in.duration) {
            (Err(SigninError::Refused { status: 400 }), Some(_)) => {
                self.token(&endpoint, credentials, None).await?
            }
            (first, _) => first?,
        };
        Ok(SigninUrl {
            url: login_url(endpoint, sign_in, &token),
            expires_at: now + URL_LIFETIME,
        })
    }

    fn federation_endpoint(&self, partition: Partition) -> Result<Url, NoConsole> {
        match &self.endpoint {
            Some(endpoint) => Ok(endpoint.clone()),
            None => partition.signin_url(&self.region),
        }
    }

    /// Gets a sign-in token with POST, so that the credentials do not appear in a URL or in a
    /// proxy's log.
    async fn token(
        &self,
        endpoint: &Url,
        credentials: &Credentials,
        duration: Option<SessionDuration>,
    ) -> Result<SecretString, SigninError> {
        let session = session_json(credentials);
        let duration = duration.map(|duration| duration.to_string());
        let mut form = vec![
            ("Action", "getSigninToken"),
            ("SessionType", "json"),
            ("Session", &*session),
        ];
        form.extend(
            duration
                .iter()
                .map(|duration| ("SessionDuration", duration.as_str())),
        );
        let response = self.post(endpoint, &form).await?;
        if response.status() != StatusCode::OK {
            return Err(SigninError::Refused {
                status: response.status().as_u16(),
            });
        }
        read_token(response).await
    }

    /// Sends a request. Retries it once if the connection fails or the endpoint reports a server
    /// error (5xx), but not after a timeout. A kept-alive connection can fail because the endpoint
    /// has just closed it. Retrying is safe, because requesting a token changes nothing.
    async fn post(&self, endpoint: &Url, form: &[(&str, &str)]) -> Result<Response, SigninError> {
        let send = || self.client.post(endpoint.clone()).form(form).send();
        match send().await {
            Ok(response) if !response.status().is_server_error() => Ok(response),
            Err(error) if error.is_timeout() => Err(error.into()),
            _ => Ok(send().await?),
        }
    }
}

/// The credentials, with the field names of the federation endpoint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "defined by the endpoint")]
struct SessionJson<'a> {
    session_id: &'a str,
    session_key: &'a str,
    session_token: &'a str,
}

fn session_json(credentials: &Credentials) -> Zeroizing<String> {
    let session = SessionJson {
        session_id: credentials.access_key_id(),
        session_key: credentials.secret_access_key().expose_secret(),
        session_token: credentials.session_token().expose_secret(),
    };
    let json = serde_json::to_string(&session).expect("three strings always serialize");
    Zeroizing::new(json)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenResponse {
    signin_token: SecretString,
}

async fn read_token(mut response: Response) -> Result<SecretString, SigninError> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > RESPONSE_MAXIMUM {
            return Err(SigninError::UnexpectedResponse);
        }
        body.extend_from_slice(&chunk);
    }
    // Drop the cause: serde_json's error may quote the response.
    let token: TokenResponse =
        serde_json::from_slice(&body).map_err(|_| SigninError::UnexpectedResponse)?;
    if token.signin_token.expose_secret().is_empty() {
        return Err(SigninError::UnexpectedResponse);
    }
    Ok(token.signin_token)
}

fn login_url(mut endpoint: Url, sign_in: ConsoleSignIn<'_>, token: &SecretString) -> SecretString {
    endpoint
        .query_pairs_mut()
        .append_pair("Action", "login")
        .append_pair("Issuer", sign_in.issuer.as_str())
        .append_pair("Destination", sign_in.destination.as_str())
        .append_pair("SigninToken", token.expose_secret());
    String::from(endpoint).into()
}

#[cfg(test)]
mod tests;
