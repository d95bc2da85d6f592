//! The service: built from its configuration, then run until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle, Service as _};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use chrono::TimeDelta;
use thiserror::Error;

use crate::audit::{Audit, AuditError};
use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{Config, Mistakes};
use crate::routes;
use crate::saml::ServiceProvider;
use crate::session::Sessions;
use crate::store::MemoryStore;
use crate::web::App;
use crate::web::middleware::{SecurityHeaders, same_origin, with_request_id};

/// How long requests may go on after the signal to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 20;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How many connections a worker holds, each with a body of up to 256 KiB in memory; more wait.
const CONNECTIONS: usize = 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(75);

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

    fn start(app: App, config: &Config, listeners: Listeners) -> Result<Self, BuildError> {
        let mut targets: Vec<_> = app.saml.idps().iter().map(|idp| &idp.sso_url).collect();
        targets.extend(&config.aws.signin_endpoint);
        let headers = SecurityHeaders::new(&config.public_url, &targets)
            .map_err(|error| BuildError::Other(format!("security headers: {error}")))?;
        let app = Data::new(app);
        let other = |error: std::io::Error| BuildError::Other(error.to_string());
        Ok(Self {
            public: public(app.clone(), headers, listeners.public).map_err(other)?,
            internal: internal(app.clone(), listeners.internal).map_err(other)?,
            app,
        })
    }

    /// Stops the service from elsewhere, as a signal would.
    pub fn handle(&self) -> Handle {
        Handle {
            app: self.app.clone(),
            servers: [self.public.handle(), self.internal.handle()],
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
        let (public, internal) = futures_util::future::join(self.public, self.internal).await;
        signals.abort();
        public.and(internal)
    }
}

/// Stops a running service.
#[derive(Clone)]
pub struct Handle {
    app: Data<App>,
    servers: [ServerHandle; 2],
}

impl Handle {
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

fn app(config: &Config, clock: Clock) -> Result<App, BuildError> {
    let saml = ServiceProvider::from_config(config)?;
    let audit = match &config.audit.file {
        Some(file) => Audit::to_file(file)?,
        None => Audit::to_standard_output(),
    };
    let store = MemoryStore::default();
    let is_https = config.public_url.scheme() == "https";
    Ok(App {
        public_url: config.public_url.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        broker: Broker::from_config(config, clock.clone()).map_err(BuildError::Other)?,
        clock,
        saml,
        sessions: Sessions::new(store.clone(), is_https),
        store,
        session_max_age: TimeDelta::seconds(i64::from(config.session.max_age_seconds)),
        audit,
        stopping: AtomicBool::new(false),
    })
}

fn public(
    app: Data<App>,
    headers: SecurityHeaders,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let headers = headers.clone();
        ActixApp::new()
            .app_data(app.clone())
            .configure(routes::public)
            .wrap(from_fn(same_origin))
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
    });
    let server = server
        .client_request_timeout(HEAD_TIMEOUT)
        .max_connections(CONNECTIONS)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
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
