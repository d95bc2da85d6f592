//! The demo and its embedded parts: an identity provider, an STS, a federation endpoint for console
//! sign-in, and a page that replaces the console.
//!
//! `rolecall demo` runs these parts alongside the broker, so that newcomers can try everything
//! without an IdP or an AWS account. In tests, the same parts act as a strict AWS and a
//! configurable IdP.

pub mod credentials;
mod grants;
pub mod idp;
pub mod organization;
mod pages;
pub mod parts;
pub mod people;
pub mod role;
mod shelf;
pub mod signin;
pub mod sts;
#[cfg(test)]
mod tests;
pub mod user;

use std::io::Write as _;
use std::iter;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tempfile::TempDir;
use thiserror::Error;
use url::Url;

pub use self::organization::Organization;
use self::organization::environment;
pub use self::parts::{EmbeddedParts, PartsError, Settings};
use self::user::User;
use crate::aws::session_policy::SessionPolicy;
use crate::clock::Clock;
use crate::config::Color;
use crate::config::{self, Config};
use crate::demo::idp::{IdpError, RelyingParty};
use crate::server::{Application, BuildError, Listeners};

/// Why the demo could not start, or why it stopped.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The port is 65535, so there is no next port for the embedded parts.
    #[error("the demo needs two consecutive ports: choose a port below 65535")]
    NoNextPort,
    /// The embedded parts did not start.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// The IdP's metadata could not be created.
    #[error(transparent)]
    Idp(#[from] IdpError),
    /// The broker did not start.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The temporary folder, the signing key or a listener could not be used, or the broker stopped
    /// with an error.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The broker's address is not a URL.
    #[error("{0}")]
    Url(#[from] url::ParseError),
}

/// Runs the broker at `http://localhost:{port}` with the embedded parts on the next port, until the
/// process receives a signal to stop. If `port` is 0, the broker and the parts use free ports.
pub async fn run(port: u16) -> Result<(), DemoError> {
    let demo = Demo::build(port)?;
    // The demo also works if standard output is closed.
    let _ = std::io::stdout().write_all(demo.greeting().as_bytes());
    demo.run_until_stopped().await
}

/// A broker and the embedded parts, started together.
pub struct Demo {
    application: Application,
    parts: EmbeddedParts,
    public_url: Url,
    organization: Organization,
    clock: Clock,
    folder: TempDir,
}

impl Demo {
    /// Binds the ports, starts the embedded parts and builds the broker. Must be called in an actix
    /// runtime.
    pub fn build(port: u16) -> Result<Self, DemoError> {
        let (listeners, public, embedded) = listen(port)?;
        let public_url = Url::parse(&format!("http://localhost:{}/", public.port()))?;
        let clock = Clock::system();
        let relying_party = relying_party(&public_url)?;
        let organization = Organization::example(&relying_party.acs_url);
        let parts = EmbeddedParts::start_on(
            embedded,
            Settings {
                people: organization.people.clone(),
                roles: organization.roles.clone(),
                users: iter::once(&organization.broker)
                    .chain(&organization.users)
                    .cloned()
                    .collect(),
                root_access: Some(organization.root_access.clone()),
                oidc_providers: vec![grants::oidc_provider(&public_url)],
                accounts: organization.accounts.clone(),
                ..Settings::new(relying_party, clock.clone())
            },
        )?;
        let folder = tempfile::Builder::new()
            .prefix("rolecall-demo-")
            .tempdir()?;
        let config = config(&public_url, public, &parts, &organization, &folder)?;
        Ok(Self {
            application: Application::build_on(listeners, &config, clock.clone())?,
            clock,
            parts,
            public_url,
            organization,
            folder,
        })
    }

    /// The URL at which people open the broker: `http://localhost` with its port.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// The clock that the broker and the embedded parts share.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The embedded IdP, STS and console.
    pub fn parts(&self) -> &EmbeddedParts {
        &self.parts
    }

    /// The introduction that the demo prints at startup: its URLs, its people, and how to use the
    /// credentials with the AWS CLI.
    pub fn greeting(&self) -> String {
        let sts = self.parts.sts_endpoint();
        let line = |person: &people::Person| format!("  {:<14} {}", person.name, person.summary);
        let people: Vec<String> = self.organization.people.iter().map(line).collect();
        format!(
            "rolecall demo: a broker, an identity provider, an STS and a console on this machine\n\n\
             Open   {broker}\n\n\
             People who can sign in:\n{people}\n\n\
             Start at the identity provider:         {unsolicited}\n\
             Sign out of the identity provider:      {sign_out}\n\n\
             To use copied credentials with the AWS CLI and the embedded STS:\n  \
             aws sts get-caller-identity --endpoint-url {sts} --region us-east-1\n\
             or, with AWS CLI and SDK versions that support AWS_ENDPOINT_URL_STS:\n  \
             export AWS_ENDPOINT_URL_STS={sts} AWS_DEFAULT_REGION=us-east-1\n\n\
             These credentials work only in the demo. Press Ctrl-C to stop the demo.\n\n",
            broker = self.public_url,
            people = people.join("\n"),
            unsolicited = self.parts.unsolicited_url(),
            sign_out = self.parts.sign_out_url(),
        )
    }

    /// Serves requests until the process receives a signal to stop.
    pub async fn run_until_stopped(self) -> Result<(), DemoError> {
        self.application.run_until_stopped().await?;
        self.parts.stop().await;
        Ok(self.folder.close()?)
    }
}

/// Binds the listeners of the broker and of the embedded parts. Also returns the broker's public
/// address.
fn listen(port: u16) -> Result<(Listeners, SocketAddr, TcpListener), DemoError> {
    let next = match port {
        0 => 0,
        port => port.checked_add(1).ok_or(DemoError::NoNextPort)?,
    };
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listeners = Listeners::bind(loopback(port), loopback(0))?;
    let (public, _) = listeners.addresses()?;
    Ok((listeners, public, parts::listen(next)?))
}

/// Two session policies, each of which is an AWS managed policy. `read-only` is a switch next to
/// each role; `billing` is in the list of permissions.
fn session_policies() -> Vec<config::NamedPolicy> {
    let named = |(id, name, policy): (&str, &str, &str)| {
        let policy = SessionPolicy::new(vec![format!("arn:aws:iam::aws:policy/{policy}")], None);
        Some(config::NamedPolicy {
            id: id.to_owned(),
            name: name.to_owned(),
            on_each_role: id == "read-only",
            policy: policy.ok()?,
        })
    };
    let policies = [
        ("read-only", "Read-only", "ReadOnlyAccess"),
        ("billing", "Billing only", "job-function/Billing"),
    ];
    policies.into_iter().filter_map(named).collect()
}

fn relying_party(public_url: &Url) -> Result<RelyingParty, DemoError> {
    Ok(RelyingParty {
        entity_id: config::Saml::default_for(public_url).entity_id,
        acs_url: public_url.join("/saml/acs")?.into(),
    })
}

fn iam_user(user: &User) -> Option<config::IamUser> {
    Some(config::IamUser {
        arn: user.arn().parse().ok()?,
        access_key_id: user.access_key_id.clone(),
        secret_access_key: config::Secret(user.secret_access_key.clone()),
    })
}

fn config(
    public_url: &Url,
    public: SocketAddr,
    parts: &EmbeddedParts,
    organization: &Organization,
    folder: &TempDir,
) -> Result<Config, DemoError> {
    let metadata_file = folder.path().join("idp.xml");
    std::fs::write(&metadata_file, parts.idp().metadata_xml()?)?;
    let account = |(id, name): (&String, &String)| config::Account {
        id: id.clone(),
        name: name.clone(),
        environment: environment(id).map(|(text, _)| text.to_owned()),
        color: environment(id).map_or_else(Color::default, |(_, color)| color),
    };
    Ok(Config {
        public_url: public_url.clone(),
        http: config::Http {
            listen: public,
            ..config::Http::default()
        },
        limits: config::Limits {
            // Waiting is not limited, because a busy laptop can delay requests even if only one
            // person signs in.
            waiting_milliseconds: None,
            ..config::Limits::default()
        },
        saml: config::Saml::default_for(public_url),
        idps: vec![config::Idp {
            id: "demo".to_owned(),
            name: "Demo identity provider".to_owned(),
            email_domains: Vec::new(),
            metadata: config::MetadataSource::File(metadata_file),
            metadata_certificate_file: None,
            metadata_require_valid_until: false,
            metadata_max_validity_days: None,
            entity_id: None,
            allow_unsolicited: true,
            allow_sha1: false,
            allow_cbc: false,
            request_binding: None,
            single_logout: true,
            prompt: config::Prompt::default(),
            name_id_format: None,
            issuer_format: None,
            person_attribute: None,
            authn_contexts: Vec::new(),
        }],
        portal: config::Portal::default(),
        aws: config::Aws {
            sts_endpoint: Some(parts.sts_endpoint()),
            signin_endpoint: Some(parts.signin_endpoint()),
            identity: config::Identity::Keys {
                access_key_id: organization.broker.access_key_id.clone(),
                secret_access_key: config::Secret(organization.broker.secret_access_key.clone()),
            },
            ..config::Aws::default()
        },
        session_policies: session_policies(),
        iam_users: organization.users.iter().filter_map(iam_user).collect(),
        grants: organization.grants.clone(),
        tools: Some(config::Tools {
            idp: None,
            when: Vec::new(),
        }),
        oidc: Some(config::Oidc {
            issuer: public_url.clone(),
            signing_key_files: vec![grants::signing_key(folder.path())?],
        }),
        accounts: organization.accounts.iter().map(account).collect(),
        session: config::Session::default(),
        audit: config::Audit::default(),
    })
}
