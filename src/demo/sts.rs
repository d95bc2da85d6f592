//! An embedded Security Token Service with all operations that a sign-in broker calls. It is as
//! strict as AWS's STS and uses the same wire format: the query protocol, version 2011-06-15.
//!
//! Error codes and statuses are those that AWS documents. If AWS does not document the message of
//! an error, the message is our own.
//!
//! The embedded STS defines its own limits, independently of the broker's assumptions about AWS. A
//! test (`tests/limits.rs`) compares these limits with those in the module `aws`, so that an error
//! in either set is found. The patterns of some parameters are defined only once, by types in `aws`
//! that the embedded STS also uses.

mod assertion;
mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
pub mod authorization;
mod caller_identity;
mod fault;
mod federation_token;
mod parameters;
mod policy;
mod session;
mod session_token;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use secrecy::ExposeSecret as _;
use thiserror::Error;

pub use self::assertion::objections;
use self::assume_role::AssumedRole;
use self::assume_role_with_saml::Assumed;
pub use self::assume_role_with_saml::RESERVED;
use self::assume_role_with_web_identity::Assumed as AssumedByToken;
pub use self::assume_role_with_web_identity::OidcProvider;
pub use self::assume_root::RootAccess;
use self::caller_identity::Caller;
pub use self::fault::Fault;
use self::parameters::Parameters;
pub(super) use self::session::Seconds;
use super::credentials::Register;
use super::role::Role;
use super::user::User;
use crate::clock::Clock;
use crate::saml::encryption::DecryptionKey;
use crate::saml::metadata::{IdpMetadata, MetadataError};
use crate::saml::{Trust, TrustError};

const VERSION: &str = "2011-06-15";

/// The audiences that identify AWS. By default, the embedded STS requires one of them in an
/// assertion.
pub const AWS_AUDIENCES: [&str; 2] = [
    "urn:amazon:webservices",
    "https://signin.aws.amazon.com/saml",
];

/// Why the metadata of a SAML provider is invalid.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// The document is not valid metadata of an IdP.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The signing keys in the document are unusable.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

/// A SAML provider that is registered with IAM.
#[derive(Debug)]
pub struct Provider {
    entity_id: String,
    trust: Trust,
    decryption_keys: Vec<DecryptionKey>,
}

impl Provider {
    /// Creates a provider from a metadata document.
    pub fn new(metadata: &str) -> Result<Self, ProviderError> {
        let metadata = IdpMetadata::parse(metadata, None)?;
        Ok(Self {
            // Like AWS, the embedded STS accepts SHA-1.
            trust: Trust::new(&metadata.signing_certificates, true)?,
            entity_id: metadata.entity_id,
            decryption_keys: Vec::new(),
        })
    }

    /// Adds a private key for decryption (in IAM, UpdateSAMLProvider with AddPrivateKey).
    pub fn with_decryption_key(mut self, key: DecryptionKey) -> Self {
        self.decryption_keys.push(key);
        self
    }
}

/// The embedded STS, with the IAM resources on which its decisions depend.
#[derive(Debug)]
pub struct Sts {
    roles: HashMap<String, Role>,
    providers: HashMap<String, Provider>,
    audiences: Vec<String>,
    users: Vec<Arc<User>>,
    oidc_providers: Vec<OidcProvider>,
    root_access: Option<RootAccess>,
    register: Register,
    clock: Clock,
}

impl Sts {
    /// Creates an STS with these roles. `providers` contains the SAML providers by ARN. An
    /// assertion must contain one of `audiences`. If the list is empty, any audience is accepted,
    /// because AWS does not document how strictly it checks audiences.
    pub fn new(
        roles: Vec<Role>,
        providers: HashMap<String, Provider>,
        audiences: Vec<String>,
        register: Register,
        clock: Clock,
    ) -> Self {
        Self {
            roles: roles.into_iter().map(|role| (role.arn(), role)).collect(),
            providers,
            audiences,
            users: Vec::new(),
            oidc_providers: Vec::new(),
            root_access: None,
            register,
            clock,
        }
    }

    /// Sets the IAM users, who may sign requests with their access keys.
    pub fn with_users(self, users: Vec<User>) -> Self {
        Self {
            users: users.into_iter().map(Arc::new).collect(),
            ..self
        }
    }

    /// Sets the OpenID Connect providers, which are required for AssumeRoleWithWebIdentity.
    pub fn with_oidc_providers(self, oidc_providers: Vec<OidcProvider>) -> Self {
        Self {
            oidc_providers,
            ..self
        }
    }

    /// Sets the organization with centralized root access. Without one, AssumeRoot is refused.
    pub fn with_root_access(self, root_access: Option<RootAccess>) -> Self {
        Self {
            root_access,
            ..self
        }
    }

    async fn respond(
        &self,
        request: &HttpRequest,
        body: &[u8],
        request_id: &str,
    ) -> Result<String, Fault> {
        let parameters = Parameters::read(body)?;
        let version = parameters.find("Version").unwrap_or(VERSION);
        let operation = parameters.find("Action").unwrap_or_default();
        let caller = || {
            let caller = self.caller(request, body)?;
            caller.may_call(operation)?;
            Ok::<_, Fault>(caller)
        };
        match operation {
            _ if version != VERSION => Err(Fault::invalid_action(operation, version)),
            "AssumeRoleWithSAML" => {
                let assumed = self.assume_role_with_saml(&parameters)?;
                written(AssumedXml {
                    assumed: &assumed,
                    request_id,
                })
            }
            "AssumeRole" => {
                let assumed = self.assume_role(&parameters, &caller()?)?;
                written(AssumedRoleXml {
                    assumed: &assumed,
                    request_id,
                })
            }
            "AssumeRoleWithWebIdentity" => {
                let assumed = self.assume_role_with_web_identity(&parameters).await?;
                written(AssumedByTokenXml {
                    assumed: &assumed,
                    request_id,
                })
            }
            "DecodeAuthorizationMessage" => written(DecodedXml {
                decoded: authorization::decode(&parameters, &caller()?)?,
                request_id,
            }),
            "GetAccessKeyInfo" => {
                caller()?;
                written(AccessKeyXml {
                    account: self.account_of_key(&parameters)?,
                    request_id,
                })
            }
            "GetCallerIdentity" => {
                let caller = caller()?;
                written(CallerXml { caller, request_id })
            }
            "GetFederationToken" => {
                written(self.federation_token(&parameters, &caller()?, request_id)?)
            }
            "GetSessionToken" => {
                written(self.session_token(&parameters, &caller()?, request_id)?)
            }
            "AssumeRoot" => written(self.assume_root(&parameters, &caller()?, request_id)?),
            _ => Err(Fault::invalid_action(operation, version)),
        }
    }
}

fn written(xml: impl Template) -> Result<String, Fault> {
    xml.render()
        .map_err(|error| Fault::internal_failure(error.to_string()))
}

/// `POST /sts`: handles one request of the query protocol.
pub async fn post(request: HttpRequest, body: web::Bytes, sts: web::Data<Sts>) -> HttpResponse {
    let request_id = request_id();
    let (status, xml) = match sts.respond(&request, &body, &request_id).await {
        Ok(xml) => (actix_web::http::StatusCode::OK, xml),
        Err(fault) => {
            tracing::info!(
                code = fault.code,
                message = %fault.message,
                "the demo STS refused a request"
            );
            let xml = FaultXml {
                code: fault.code,
                message: &fault.message,
                request_id: &request_id,
            };
            (fault.status, xml.render().unwrap_or_default())
        }
    };
    let mut response = HttpResponse::build(status)
        .content_type("text/xml")
        .body(xml);
    // Clients correct their clocks with the Date header. It must therefore contain the time of the
    // service's clock, which can differ from the machine's clock.
    let date = sts
        .clock
        .now()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(value) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        let name = HeaderName::from_static("x-amzn-requestid");
        response.headers_mut().insert(name, value);
    }
    response
}

/// A random UUID (RFC 9562 5.4), the format of AWS request IDs.
fn request_id() -> String {
    let random = crate::crypto::random::<16>().unwrap_or_default();
    let number = u128::from_be_bytes(random);
    let number = number & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{number:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[derive(Template)]
#[template(path = "demo/sts/assume_role_with_saml.xml")]
struct AssumedXml<'a> {
    assumed: &'a Assumed,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/assume_role.xml")]
struct AssumedRoleXml<'a> {
    assumed: &'a AssumedRole,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/assume_role_with_web_identity.xml")]
struct AssumedByTokenXml<'a> {
    assumed: &'a AssumedByToken,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/decode_authorization_message.xml")]
struct DecodedXml<'a> {
    decoded: String,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/get_access_key_info.xml")]
struct AccessKeyXml<'a> {
    account: String,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/get_caller_identity.xml")]
struct CallerXml<'a> {
    caller: Caller,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "demo/sts/error.xml")]
struct FaultXml<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}
