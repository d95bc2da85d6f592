//! The service: built from its configuration, then run until it is told to stop.

mod connections;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle, Service as _};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use chrono::TimeDelta;
use openssl::ssl::SslAcceptorBuilder;
use thiserror::Error;

use crate::audit::{Audit, AuditError};
use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{Config, Limits, Mistake, Mistakes, NamedFiles};
use crate::routes;
use crate::saml::{self, ServiceProvider};
use crate::session::Sessions;
use crate::store::MemoryStore;
use crate::web::middleware::{SecurityHeaders, not_too_often, same_origin, with_request_id};
use crate::web::{App, Visitors};

use connections::{Connection, Connections, InHand};
use tls::Tls;

/// How long requests may go on after the signal to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 20;
/// How long a connection is kept between requests.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often idle connections and the files of the certificate are looked at.
const UPKEEP: Duration = Duration::from_secs(5);
/// A time-out that is none.
const FOREVER: Duration = Duration::from_hours(365 * 24);
/// A number of connections that is never reached.
const NO_LIMIT: usize = 10_000_000;

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
        let bind = |address| {
            TcpListener::bind(address).map_err(|source| BuildError::Listen { address, source })
        };
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
        let mut targets: Vec<_> = app.saml.idps().iter().map(|idp| &idp.sso_url).collect();
        targets.extend(&config.aws.signin_endpoint);
        let headers = SecurityHeaders::new(&config.public_url, &targets)
            .map_err(|error| BuildError::Other(format!("security headers: {error}")))?;
        let app = Data::new(app);
        let upkeep = Upkeep {
            tls,
            connections: Connections::new(),
            idle: config
                .limits
                .header_seconds
                .map(|head| KEEP_ALIVE + seconds(head)),
        };
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
        let upkeep = actix_web::rt::spawn(self.upkeep.go_on());
        let (public, internal) = futures_util::future::join(self.public, self.internal).await;
        signals.abort();
        upkeep.abort();
        public.and(internal)
    }
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

    /// Closes the connections on which nothing has happened for `limit`, and says how many.
    pub fn close_idle(&self, limit: Duration) -> usize {
        self.upkeep.connections.close_idle(limit)
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

/// What is done every few seconds.
#[derive(Clone)]
struct Upkeep {
    tls: Option<Tls>,
    connections: Connections,
    /// How long nothing may happen on a connection.
    idle: Option<Duration>,
}

impl Upkeep {
    async fn go_on(self) {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            self.reload_tls();
            self.close_idle();
        }
    }

    fn reload_tls(&self) {
        match self.tls.as_ref().map(Tls::reload) {
            Some(Ok(true)) => tracing::info!("new connections get the new TLS certificate"),
            Some(Err(error)) => {
                tracing::warn!(%error, "the TLS certificate that is served stays the one before");
            }
            Some(Ok(false)) | None => {}
        }
    }

    fn close_idle(&self) {
        if let Some(idle) = self.idle {
            let closed = self.connections.close_idle(idle);
            if closed > 0 {
                tracing::info!(closed, "idle connections were closed");
            }
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

fn app(config: &Config, clock: Clock) -> Result<(App, Option<Tls>), BuildError> {
    let (saml, tls) = read_files(config)?;
    let audit = match &config.audit.file {
        Some(file) => Audit::to_file(file)?,
        None => Audit::to_standard_output(),
    };
    let store = MemoryStore::default();
    let is_https = config.public_url.scheme() == "https";
    let app = App {
        public_url: config.public_url.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        forwarded_header: config.http.forwarded_header,
        visitors: config.limits.requests_per_minute.map(Visitors::new),
        broker: Broker::from_config(config, clock.clone()).map_err(BuildError::Other)?,
        clock,
        saml,
        sessions: Sessions::new(store.clone(), is_https),
        store,
        session_max_age: TimeDelta::seconds(i64::from(config.session.max_age_seconds)),
        audit,
        stopping: AtomicBool::new(false),
    };
    Ok((app, tls))
}

/// Where the public comes in, and how many at a time.
struct Door {
    listener: TcpListener,
    tls: Option<SslAcceptorBuilder>,
    connections: Connections,
    limits: Limits,
}

fn public(app: Data<App>, headers: SecurityHeaders, door: Door) -> std::io::Result<Server> {
    let Door {
        listener,
        tls,
        connections,
        limits,
    } = door;
    let message_bytes = limits.body_bytes.map_or(usize::MAX, size);
    let head = limits.header_seconds.map_or(Duration::ZERO, seconds);
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let connections_each = limits
        .connections
        .map_or(NO_LIMIT, |limit| size(limit).div_ceil(workers));
    let server = HttpServer::new(move || {
        let headers = headers.clone();
        ActixApp::new()
            .app_data(app.clone())
            .configure(|config| routes::public(config, message_bytes))
            .wrap(from_fn(same_origin))
            .wrap(from_fn(not_too_often))
            .wrap_fn(move |request, service| {
                let headers = headers.clone();
                let response = service.call(request);
                async move {
                    let mut response = response.await?;
                    headers.apply(response.headers_mut());
                    Ok(response)
                }
            })
            .wrap(from_fn(with_request_id))
            .wrap_fn(|request, service| {
                let connection = request.conn_data::<Arc<Connection>>();
                let in_hand = connection.map(InHand::new);
                let response = service.call(request);
                async move {
                    let response = response.await;
                    drop(in_hand);
                    response
                }
            })
    });
    let server = server
        .workers(workers)
        .on_connect(move |stream, data| {
            if let Some(connection) = connections.note(stream) {
                data.insert(connection);
            }
        })
        .client_request_timeout(head)
        .max_connections(connections_each)
        .max_connection_rate(connections_each)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let server = match tls {
        Some(tls) => server
            .tls_handshake_timeout(if head.is_zero() { FOREVER } else { head })
            .listen_openssl(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

fn seconds(limit: NonZeroU32) -> Duration {
    Duration::from_secs(limit.get().into())
}

fn size(limit: NonZeroU32) -> usize {
    usize::try_from(limit.get()).unwrap_or(usize::MAX)
}

fn internal(app: Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .configure(routes::internal)
    });
    let server = server
        .workers(1)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
