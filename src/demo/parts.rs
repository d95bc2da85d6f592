//! The embedded parts, which are served from one address. Their site differs from the service
//! provider's, so that browsers restrict cookies as they do in production.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle, Service as _};
use actix_web::web::{self, Data, FormConfig, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use thiserror::Error;
use url::Url;

use super::credentials::Register;
use super::idp::sso::{self, IdpSite};
use super::idp::{EmbeddedIdp, IdpError, RelyingParty};
use super::people::Person;
use super::role::Role;
use super::signin::{self, Signin};
use super::sts::{self, AWS_AUDIENCES, OidcProvider, Provider, ProviderError, RootAccess, Sts};
use super::user::User;
use crate::clock::Clock;
use crate::web::pages::static_files;
use crate::web::security_headers::SecurityHeaders;

/// The maximum size of a request body for the STS and the sign-in endpoint, in bytes. It is enough
/// for a percent-encoded assertion of 100,000 characters, and for policies.
const BODY_BYTES: usize = 512 * 1024;
const FORM_BYTES: usize = 128 * 1024;

/// The settings of the embedded parts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The only service provider to which the IdP sends responses.
    pub relying_party: RelyingParty,
    /// The people who can sign in at the IdP.
    pub people: Vec<Person>,
    /// The roles in AWS. The SAML providers in their trust policies have the embedded IdP's
    /// metadata, unless `providers` contains other metadata.
    pub roles: Vec<Role>,
    /// The metadata of the SAML providers for other IdPs, by provider ARN.
    pub providers: BTreeMap<String, String>,
    /// The IAM users in AWS, with their access keys.
    pub users: Vec<User>,
    /// The OpenID Connect providers in IAM.
    pub oidc_providers: Vec<OidcProvider>,
    /// The organization in which AssumeRoot is allowed; `None` if it is always refused.
    pub root_access: Option<RootAccess>,
    /// The audiences that AWS accepts. An assertion must contain one of them, unless the list is
    /// empty.
    pub audiences: Vec<String>,
    /// The names of AWS accounts, by account ID. The console page shows them.
    pub accounts: BTreeMap<String, String>,
    /// The clock that all parts share.
    pub clock: Clock,
}

impl Settings {
    /// Settings with this service provider and clock, and with AWS's audiences. All other settings
    /// are empty.
    pub fn new(relying_party: RelyingParty, clock: Clock) -> Self {
        Self {
            relying_party,
            people: Vec::new(),
            roles: Vec::new(),
            providers: BTreeMap::new(),
            users: Vec::new(),
            oidc_providers: Vec::new(),
            root_access: None,
            audiences: AWS_AUDIENCES.map(str::to_owned).to_vec(),
            accounts: BTreeMap::new(),
            clock,
        }
    }
}

/// Why the parts could not start.
#[derive(Debug, Error)]
pub enum PartsError {
    /// The parts cannot listen on their address, for example because it is in use.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// The error from the operating system.
        source: std::io::Error,
    },
    /// The IdP's key or metadata could not be created.
    #[error("the embedded identity provider cannot start: {0}")]
    Idp(#[from] IdpError),
    /// The metadata of a SAML provider is invalid.
    #[error("the metadata of the SAML provider {arn} is invalid: {source}")]
    Provider {
        /// The provider's ARN.
        arn: String,
        /// Why the provider's metadata is invalid.
        source: ProviderError,
    },
    /// The HTTP server could not start, or the ACS URL is invalid.
    #[error("the embedded parts cannot start: {0}")]
    Server(String),
}

/// The embedded parts, which run until [`EmbeddedParts::stop`] is called.
pub struct EmbeddedParts {
    url: Url,
    idp: Arc<EmbeddedIdp>,
    register: Register,
    handle: ServerHandle,
}

/// The state that the HTTP handlers share.
#[derive(Clone)]
struct Parts {
    site: Data<IdpSite>,
    sts: Data<Sts>,
    signin: Data<Signin>,
}

impl EmbeddedParts {
    /// Starts the parts on a free port of 127.0.0.1. Must be called in an actix runtime.
    pub fn start(settings: Settings) -> Result<Self, PartsError> {
        Self::start_on(listen(0)?, settings)
    }

    /// Starts the parts on a listener that is already bound. Must be called in an actix runtime.
    pub fn start_on(listener: TcpListener, settings: Settings) -> Result<Self, PartsError> {
        let failed = |error: &dyn std::fmt::Display| PartsError::Server(error.to_string());
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let url = Url::parse(&format!("http://{address}/")).map_err(|error| failed(&error))?;
        let entity_id = at(&url, "/idp/metadata");
        let now = settings.clock.now();
        let idp = EmbeddedIdp::new(entity_id.as_str(), at(&url, "/idp/sso"), now)?;
        let (idp, register) = (Arc::new(idp), Register::default());
        let headers = headers(&url, &settings.relying_party).map_err(|error| failed(&error))?;
        let parts = Parts::new(settings, &url, &idp, &register)?;
        let server = serve(parts, headers, listener).map_err(|error| failed(&error))?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            url,
            idp,
            register,
            handle,
        })
    }

    /// The URL of the parts: `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The IdP, with which tests can create their own messages.
    pub fn idp(&self) -> &EmbeddedIdp {
        &self.idp
    }

    /// The credentials that the STS has issued.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The URL that starts an unsolicited login, for example to sign in as someone else.
    pub fn unsolicited_url(&self) -> Url {
        at(&self.url, "/idp/unsolicited")
    }

    /// The URL that ends the session at the IdP.
    pub fn sign_out_url(&self) -> Url {
        at(&self.url, "/idp/sign-out")
    }

    /// The URL of the embedded STS: `http://127.0.0.1:PORT/sts`.
    pub fn sts_endpoint(&self) -> Url {
        at(&self.url, "/sts")
    }

    /// The URL for console sign-in: `http://127.0.0.1:PORT/signin/federation`.
    pub fn signin_endpoint(&self) -> Url {
        at(&self.url, "/signin/federation")
    }

    /// Stops the server. Requests in progress have one second to finish.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

/// Binds a port on 127.0.0.1; port 0 means any free port.
pub fn listen(port: u16) -> Result<TcpListener, PartsError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).map_err(|source| PartsError::Listen { address, source })
}

fn at(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url
}

fn headers(
    url: &Url,
    relying_party: &RelyingParty,
) -> Result<SecurityHeaders, Box<dyn std::error::Error>> {
    let acs_url = Url::parse(&relying_party.acs_url)?;
    Ok(SecurityHeaders::new(url, &[acs_url])?)
}

impl Parts {
    fn new(
        settings: Settings,
        url: &Url,
        idp: &Arc<EmbeddedIdp>,
        register: &Register,
    ) -> Result<Self, PartsError> {
        let providers = providers(&settings, idp)?;
        let clock = settings.clock;
        let front_door = Url::parse(&settings.relying_party.acs_url)
            .and_then(|acs_url| acs_url.join("/"))
            .map_err(|error| PartsError::Server(format!("the ACS URL: {error}")))?;
        let signin = Signin::new(
            url.clone(),
            front_door.into(),
            settings.accounts,
            register.clone(),
            clock.clone(),
        );
        let sts = Sts::new(
            settings.roles,
            providers,
            settings.audiences,
            register.clone(),
            clock.clone(),
        )
        .with_users(settings.users)
        .with_oidc_providers(settings.oidc_providers)
        .with_root_access(settings.root_access);
        let site = IdpSite::new(
            Arc::clone(idp),
            settings.relying_party,
            settings.people,
            clock,
        );
        Ok(Self {
            site: Data::new(site),
            sts: Data::new(sts),
            signin: Data::new(signin),
        })
    }

    fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(PayloadConfig::new(BODY_BYTES))
            .app_data(FormConfig::default().limit(FORM_BYTES))
            .app_data(self.site.clone())
            .app_data(self.sts.clone())
            .app_data(self.signin.clone())
            .route("/idp/metadata", web::get().to(sso::metadata))
            .route("/idp/sso", web::get().to(sso::sso))
            .route("/idp/unsolicited", web::get().to(sso::unsolicited))
            .route("/idp/sign-in", web::post().to(sso::sign_in))
            .route("/idp/sign-out", web::get().to(sso::sign_out))
            // SDKs append a slash to the endpoint's path.
            .route("/sts", web::post().to(sts::post))
            .route("/sts/", web::post().to(sts::post))
            .route("/signin/federation", web::get().to(signin::federation))
            .route("/signin/federation", web::post().to(signin::federation))
            .route("/console/{page:.*}", web::get().to(signin::console))
            .route("/static/{name}", web::get().to(static_files::serve));
    }
}

fn providers(
    settings: &Settings,
    idp: &EmbeddedIdp,
) -> Result<HashMap<String, Provider>, PartsError> {
    let embedded = idp.metadata_xml()?;
    let trusted = settings.roles.iter().flat_map(|role| &role.trust.providers);
    let mut documents: BTreeMap<&str, &str> = trusted
        .map(|arn| (arn.as_str(), embedded.as_str()))
        .collect();
    let others = settings.providers.iter();
    documents.extend(others.map(|(arn, metadata)| (arn.as_str(), metadata.as_str())));
    documents
        .into_iter()
        .map(|(arn, metadata)| {
            let arn = arn.to_owned();
            match Provider::new(metadata) {
                Ok(provider) => Ok((arn, provider)),
                Err(source) => Err(PartsError::Provider { arn, source }),
            }
        })
        .collect()
}

fn serve(parts: Parts, headers: SecurityHeaders, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let (parts, headers) = (parts.clone(), headers.clone());
        App::new()
            .configure(move |config| parts.configure(config))
            .wrap_fn(move |request, service| {
                let headers = headers.clone();
                let response = service.call(request);
                async move {
                    let mut response = response.await?;
                    headers.apply(response.headers_mut());
                    Ok(response)
                }
            })
    });
    let server = server.workers(1).shutdown_timeout(1).disable_signals();
    Ok(server.listen(listener)?.run())
}
