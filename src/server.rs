//! The service: built from its configuration, then run until it is told to stop.

mod connections;
mod door;
mod tls;
mod upkeep;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::Data;
use chrono::TimeDelta;
use socket2::{Domain, Socket, Type};
use thiserror::Error;
use url::Url;

use crate::audit::{Audit, AuditError};
use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{Config, Mistake, Mistakes, NamedFiles};
use crate::grant::{Condition, Grant};
use crate::saml::{self, ServiceProvider};
use crate::session::Sessions;
use crate::store::MemoryStore;
use crate::web::brand::Brand;
use crate::web::middleware::SecurityHeaders;
use crate::web::view::account_labels;
use crate::web::{App, Bodies, TurnedAway, Visitors};

use door::{Door, internal, public};
use tls::Tls;
use upkeep::Upkeep;

/// Why the service does not start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The configuration, metadata or keys.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The audit trail.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// The two listeners: for people, and for the machine's monitoring.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    internal: TcpListener,
}

impl Listeners {
    /// Binds both addresses.
    pub fn bind(public: SocketAddr, internal: SocketAddr) -> Result<Self, BuildError> {
        let bind =
            |address| listen(address).map_err(|source| BuildError::Listen { address, source });
        Ok(Self {
            public: bind(public)?,
            internal: bind(internal)?,
        })
    }

    /// The addresses: with port 0 the system chose one.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.public.local_addr()?, self.internal.local_addr()?))
    }
}

/// How many connections may wait to be taken; the system has a bound of its own. Beyond it the
/// system drops those who knock, and they try again a second later: the standard library's 128 are
/// fewer than an attacker opens at once.
const WAITING_CONNECTIONS: i32 = 4_096;

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart need not wait until the last connections of the process before are forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING_CONNECTIONS)?;
    Ok(socket.into())
}

/// The service, listening but not yet answering.
pub struct Application {
    app: Data<App>,
    public: Server,
    internal: Server,
    upkeep: Upkeep,
}

impl Application {
    /// Builds the service from its configuration, and takes its addresses.
    pub fn build(config: &Config, clock: Clock) -> Result<Self, BuildError> {
        let app = app(config, clock)?;
        let listeners = Listeners::bind(config.http.listen, config.http.internal_listen)?;
        Self::start(app, config, listeners)
    }

    /// Builds the service on addresses that are taken already.
    pub fn build_on(
        listeners: Listeners,
        config: &Config,
        clock: Clock,
    ) -> Result<Self, BuildError> {
        Self::start(app(config, clock)?, config, listeners)
    }

    fn start(
        (app, tls): (App, Option<Tls>),
        config: &Config,
        listeners: Listeners,
    ) -> Result<Self, BuildError> {
        let headers = SecurityHeaders::new(&config.public_url, &form_targets(&app, config))
            .map_err(|error| BuildError::Other(format!("security headers: {error}")))?;
        let app = Data::new(app);
        let upkeep = Upkeep::new(app.clone(), tls, config.limits);
        let door = Door {
            listener: listeners.public,
            tls: upkeep
                .tls
                .as_ref()
                .map(Tls::acceptor)
                .transpose()
                .map_err(|error| BuildError::Other(error.to_string()))?,
            connections: upkeep.connections.clone(),
            limits: config.limits,
        };
        let other = |error: std::io::Error| BuildError::Other(error.to_string());
        Ok(Self {
            public: public(app.clone(), headers, door).map_err(other)?,
            internal: internal(app.clone(), listeners.internal).map_err(other)?,
            app,
            upkeep,
        })
    }

    /// Stops the service from elsewhere, as a signal would.
    pub fn handle(&self) -> Handle {
        Handle {
            app: self.app.clone(),
            servers: [self.public.handle(), self.internal.handle()],
            upkeep: self.upkeep.clone(),
        }
    }

    /// Answers until the process is told to stop (SIGTERM, SIGINT) or [`Handle::stop`] is called;
    /// requests that have begun are finished.
    pub async fn run_until_stopped(self) -> std::io::Result<()> {
        let handle = self.handle();
        let signals = actix_web::rt::spawn(async move {
            wait_for_signal().await;
            handle.stop().await;
        });
        let upkeep = [
            actix_web::rt::spawn(self.upkeep.clone().look_after_the_door()),
            actix_web::rt::spawn(self.upkeep.look_after_metadata()),
        ];
        let (public, internal) = futures_util::future::join(self.public, self.internal).await;
        signals.abort();
        for task in upkeep {
            task.abort();
        }
        public.and(internal)
    }
}

/// Where forms end, beside https hosts: emulators.
fn form_targets(app: &App, config: &Config) -> Vec<Url> {
    let mut targets: Vec<_> = config.aws.signin_endpoint.iter().cloned().collect();
    for idp in app.saml.idps() {
        targets.extend(idp.latest().map(|latest| latest.sso_url.clone()));
        targets.extend(idp.metadata_url().cloned());
    }
    targets
}

/// Stops a running service.
#[derive(Clone)]
pub struct Handle {
    app: Data<App>,
    servers: [ServerHandle; 2],
    upkeep: Upkeep,
}

impl Handle {
    /// Takes up a changed TLS certificate at once; else that is done every few seconds.
    pub fn reload_tls(&self) {
        self.upkeep.reload_tls();
    }

    /// Takes up changed signing keys of the OpenID Connect issuer at once; else that is done every few
    /// seconds.
    pub fn reload_signing_keys(&self) {
        self.upkeep.reload_signing_keys();
    }

    /// Takes up changed metadata files, and fetches the metadata that is due; else that is done
    /// every few seconds.
    pub async fn refresh_metadata(&self) {
        self.upkeep.refresh_metadata().await;
    }

    /// Closes the connections on which nothing has happened for `limit`, and says how many.
    pub fn close_idle(&self, limit: Duration) -> usize {
        self.upkeep.connections.close_idle(limit)
    }

    /// Closes idle connections where there are nearly as many as there may be, and says how many; else
    /// that is done every few seconds.
    pub fn make_room(&self) -> usize {
        self.upkeep.make_room()
    }

    /// Tells monitoring first, then finishes what has begun, then stops telling.
    pub async fn stop(&self) {
        self.app.stopping.store(true, Ordering::Relaxed);
        tracing::info!("stopping: requests that have begun are finished");
        for server in &self.servers {
            server.stop(true).await;
        }
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// What is wrong with the files that a configuration names, whatever else is wrong with it.
pub fn file_mistakes(named: &NamedFiles) -> Vec<Mistake> {
    let mut mistakes = saml::file_mistakes(named);
    mistakes.extend(named.tls.as_ref().and_then(Tls::mistake));
    mistakes
}

/// The service provider, and TLS where it is configured; tells all that is wrong at once.
pub fn read_files(config: &Config) -> Result<(ServiceProvider, Option<Tls>), Mistakes> {
    let saml = ServiceProvider::from_config(config);
    let tls = config.http.tls.as_ref().map(Tls::read).transpose();
    match (saml, tls) {
        (Ok(saml), Ok(tls)) => Ok((saml, tls)),
        (Ok(_), Err(mistake)) => Err(mistake.into()),
        (Err(mistakes), tls) => Err(mistakes.and(tls.err())),
    }
}

/// What the handlers need, from the configuration.
pub(crate) fn app(config: &Config, clock: Clock) -> Result<(App, Option<Tls>), BuildError> {
    let (saml, tls) = read_files(config)?;
    let audit = match &config.audit.file {
        Some(file) => Audit::to_file(file)?,
        None => Audit::to_standard_output(),
    };
    let room = config.limits.session_megabytes.map(NonZeroU32::get);
    let store = room.map_or_else(MemoryStore::unlimited, MemoryStore::with_megabytes);
    let is_https = config.public_url.scheme() == "https";
    let app = App {
        public_url: config.public_url.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        forwarded_header: config.http.forwarded_header,
        visitors: config.limits.requests_per_minute.map(Visitors::new),
        brand: Brand::from(&config.portal).into(),
        portal: config.portal.clone(),
        account_labels: account_labels(&config.accounts),
        attributes: attributes(config),
        tools: config.tools.clone(),
        broker: Broker::from_config(config, clock.clone()).map_err(BuildError::Other)?,
        clock,
        saml,
        sessions: Sessions::new(store.clone(), is_https).limited(config.limits.logins_per_minute),
        store,
        session_max_age: TimeDelta::seconds(i64::from(config.session.max_age_seconds)),
        audit,
        bodies: Bodies::default(),
        turned_away: TurnedAway::default(),
        stopping: AtomicBool::new(false),
    };
    Ok((app, tls))
}

/// The names of the attributes that grants and tools look at: the others are forgotten.
fn attributes(config: &Config) -> BTreeSet<String> {
    let of_grants = config.grants.iter().flat_map(Grant::attributes);
    let of_tools = config.tools.iter().flat_map(|tools| &tools.when);
    let of_tools = of_tools.map(Condition::attribute);
    of_grants.chain(of_tools).map(str::to_owned).collect()
}
