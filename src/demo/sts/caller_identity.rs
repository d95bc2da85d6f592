//! The caller of a request that is signed with Signature Version 4. GetCallerIdentity returns this
//! caller.

use std::sync::Arc;
use std::time::SystemTime;

use actix_web::HttpRequest;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;

use super::Sts;
use super::fault::Fault;
use crate::demo::credentials::{Holder, IssuedCredentials, equal};
use crate::demo::user::User;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "sts";
/// The maximum difference between the time of a signature and the service's clock.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// Headers that the signer adds itself. The request passed to the signer must not contain them.
const ADDED: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

const NO_MATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

impl Sts {
    /// Verifies the signature of `request` and returns the caller that signed it.
    pub(super) fn caller(&self, request: &HttpRequest, body: &[u8]) -> Result<Caller, Fault> {
        let now = self.clock.now();
        let authorization = Authorization::read(request)?;
        let caller = self.holder(&authorization.access_key_id)?;
        let token = header(request, "x-amz-security-token");
        if let Caller::Session(credentials) = &caller {
            if !credentials.has_session_token(token.unwrap_or_default()) {
                return Err(Fault::invalid_client_token_id());
            }
            if credentials.expires <= now {
                return Err(Fault::expired_token());
            }
        } else if token.is_some() {
            return Err(Fault::invalid_client_token_id());
        }
        authorization.check_scope(&caller)?;
        let signed_at = authorization.signed_at(request, now)?;
        let expected = authorization.expected(request, body, &caller, signed_at)?;
        if equal(&expected, &authorization.signature) {
            Ok(caller)
        } else {
            Err(Fault::signature_does_not_match(NO_MATCH))
        }
    }
}

impl Sts {
    pub(super) fn holder(&self, access_key_id: &str) -> Result<Caller, Fault> {
        let mut users = self.users.iter();
        if let Some(user) = users.find(|user| user.access_key_id == access_key_id) {
            return Ok(Caller::User(Arc::clone(user)));
        }
        let credentials = self.register.find(access_key_id);
        let credentials = credentials.ok_or_else(Fault::invalid_client_token_id)?;
        Ok(Caller::Session(credentials))
    }
}

#[derive(Clone, Debug)]
pub enum Caller {
    /// An IAM user with its long-term access key.
    User(Arc<User>),
    /// The principal of temporary credentials.
    Session(Arc<IssuedCredentials>),
}

impl Caller {
    /// The caller's ARN: `Arn` in the GetCallerIdentity response.
    pub fn arn(&self) -> String {
        match self {
            Self::User(user) => user.arn(),
            Self::Session(credentials) => credentials.session.arn(),
        }
    }

    /// The caller's unique ID: `UserId` in the GetCallerIdentity response.
    pub fn id(&self) -> String {
        match self {
            Self::User(user) => user.id(),
            Self::Session(credentials) => credentials.session.id(),
        }
    }

    /// The caller's account ID: `Account` in the GetCallerIdentity response.
    pub fn account(&self) -> &str {
        match self {
            Self::User(user) => &user.account,
            Self::Session(credentials) => &credentials.session.account,
        }
    }

    /// The caller's partition, such as `aws`.
    pub fn partition(&self) -> &str {
        match self {
            Self::User(user) => &user.partition,
            Self::Session(credentials) => &credentials.session.partition,
        }
    }

    /// Checks whether AWS accepts the caller's credentials for the operation, regardless of
    /// policies (IAM User Guide, "Compare AWS STS credentials").
    pub(super) fn may_call(&self, operation: &str) -> Result<(), Fault> {
        let Self::Session(credentials) = self else {
            return Ok(());
        };
        let is_allowed = match credentials.session.holder {
            Holder::Role { .. } => true,
            Holder::User { .. } => matches!(operation, "AssumeRole" | "GetCallerIdentity"),
            Holder::FederatedUser { .. } | Holder::Root { .. } => operation == "GetCallerIdentity",
        };
        if is_allowed {
            Ok(())
        } else {
            Err(Fault::session_credentials(operation))
        }
    }

    /// The ARN that trust policies use for the caller. For a role session, this is the role's ARN.
    pub fn principal(&self) -> String {
        match self {
            Self::User(user) => user.arn(),
            Self::Session(credentials) => credentials.session.principal(),
        }
    }

    fn credentials(&self) -> Credentials {
        let (id, secret, token) = match self {
            Self::User(user) => (&user.access_key_id, &user.secret_access_key, None),
            Self::Session(issued) => (
                &issued.access_key_id,
                &issued.secret_access_key,
                Some(issued.session_token.expose_secret().to_owned()),
            ),
        };
        Credentials::new(id, secret.expose_secret(), token, None, "rolecall demo")
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The parts of the Authorization header.
struct Authorization {
    access_key_id: String,
    date: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Authorization {
    fn read(request: &HttpRequest) -> Result<Self, Fault> {
        let value =
            header(request, "authorization").ok_or_else(Fault::missing_authentication_token)?;
        let fields = value
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| Fault::incomplete_signature("Unsupported AWS 'algorithm'."))?;
        let field = |name: &str| {
            let found = fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name));
            found
                .and_then(|field| field.strip_prefix('='))
                .ok_or_else(|| {
                    let message = format!("Authorization header requires '{name}' parameter.");
                    Fault::incomplete_signature(&message)
                })
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let &[access_key_id, date, region, service, "aws4_request"] = scope.as_slice() else {
            let message = "Credential must have exactly 5 slash-delimited elements";
            return Err(Fault::incomplete_signature(message));
        };
        Ok(Self {
            access_key_id: access_key_id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: field("SignedHeaders")?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: field("Signature")?.to_owned(),
        })
    }

    fn check_scope(&self, caller: &Caller) -> Result<(), Fault> {
        if self.service != SERVICE {
            let message = "Credential should be scoped to correct service: 'sts'.";
            return Err(Fault::signature_does_not_match(message));
        }
        let required: &[&str] = match caller {
            Caller::Session(_) => &["host", "x-amz-date", "x-amz-security-token"],
            Caller::User(_) => &["host", "x-amz-date"],
        };
        let signed = |name: &str| self.signed_headers.iter().any(|header| header == name);
        if required.iter().all(|name| signed(name)) {
            Ok(())
        } else {
            let message = "'Host', 'X-Amz-Date' and 'X-Amz-Security-Token' must be 'SignedHeader's \
                           in the AWS Authorization.";
            Err(Fault::signature_does_not_match(message))
        }
    }

    /// The time at which the request was signed. Returns an error if this time is invalid, is not
    /// on the date in the credential scope, or differs from `now` by more than five minutes.
    fn signed_at(&self, request: &HttpRequest, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
        let text = header(request, "x-amz-date").unwrap_or_default();
        let signed_at = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
            .map_err(|_| {
                let message = "Date must be in ISO-8601 'basic format'.";
                Fault::incomplete_signature(message)
            })?
            .and_utc();
        if !text.starts_with(&self.date) || self.date.len() != 8 {
            let message = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version \
                           of date from HTTP";
            return Err(Fault::signature_does_not_match(message));
        }
        let basic = |time: DateTime<Utc>| time.format("%Y%m%dT%H%M%SZ");
        if signed_at < now - SKEW {
            let (earliest, now) = (basic(now - SKEW), basic(now));
            return Err(Fault::signature_does_not_match(&format!(
                "Signature expired: {text} is now earlier than {earliest} ({now} - 5 min.)"
            )));
        }
        if signed_at > now + SKEW {
            let (latest, now) = (basic(now + SKEW), basic(now));
            return Err(Fault::signature_does_not_match(&format!(
                "Signature not yet current: {text} is still later than {latest} ({now} + 5 min.)"
            )));
        }
        Ok(signed_at)
    }

    /// Calculates the signature that the received request must have if the caller signed it.
    fn expected(
        &self,
        request: &HttpRequest,
        body: &[u8],
        caller: &Caller,
        signed_at: DateTime<Utc>,
    ) -> Result<String, Fault> {
        let no_match = || Fault::signature_does_not_match(NO_MATCH);
        let identity = caller.credentials().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::from(signed_at))
            .settings(self.settings())
            .build()
            .map_err(|_| no_match())?
            .into();
        let host = header(request, "host").unwrap_or_default();
        let url = format!("http://{host}{}", request.uri());
        let headers = self.signed_headers.iter().filter_map(|name| {
            let added = ADDED.contains(&name.as_str());
            header(request, name)
                .filter(|_| !added)
                .map(|value| (name.as_str(), value))
        });
        let body = SignableBody::Bytes(body);
        let signable = SignableRequest::new(request.method().as_str(), url, headers, body)
            .map_err(|_| no_match())?;
        let signed = sign(signable, &parameters).map_err(|_| no_match())?;
        Ok(signed.signature().to_owned())
    }

    /// The settings for signing exactly the headers that the client signed.
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        if self
            .signed_headers
            .iter()
            .any(|name| name == "x-amz-content-sha256")
        {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }
}
