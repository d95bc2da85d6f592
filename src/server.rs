//! Builds the service from its configuration and runs it until it is stopped.

mod connections;
mod door;
mod head_lines;
mod housekeeping;
mod listeners;
mod reload;
mod signals;
mod tls;
mod trail;
mod warnings;
mod watched;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use thiserror::Error;
use tokio::time::Instant;

use crate::audit::{Audit, AuditError};
use crate::clock::Clock;
use crate::config::{Config, Mistake, Mistakes, NamedFiles, Source};
use crate::saml::{self, ServiceProvider};
use crate::state::{ProgramKeys, State};
use crate::store::{self, Store};
use crate::web::App;
use crate::web::rules::{Rules, RulesError};

use housekeeping::Housekeeping;
pub use listeners::Listeners;
use listeners::{Public, internal, public};
use reload::Reload;
pub use reload::ReloadError;
pub use signals::{Signals, survive_signals};
use tls::{Tls, TlsError};
use trail::TrailLog;
pub use warnings::warnings;

/// How often connections are checked while the service stops.
const DRAIN: Duration = Duration::from_millis(50);

/// Why the service cannot start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Mistakes in the configuration or in the files that it refers to.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The operating system does not allow rolecall to listen on an address, for example because
    /// the address is in use.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address to listen on.
        address: SocketAddr,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The audit trail cannot be opened.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// OpenSSL could not generate the program's keys.
    #[error("the random number generator failed")]
    Random(#[from] openssl::error::ErrorStack),
    /// The rules cannot be built from the configuration.
    #[error(transparent)]
    Rules(RulesError),
    /// The TLS listener cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP servers cannot be started.
    #[error(transparent)]
    Server(#[from] std::io::Error),
}

impl From<RulesError> for BuildError {
    fn from(error: RulesError) -> Self {
        match error {
            RulesError::Mistakes(mistakes) => mistakes.into(),
            other => Self::Rules(other),
        }
    }
}

/// The process ends at the latest this long after a signal to stop: 18 seconds for requests in
/// progress, and two for the internal server and the log.
const SHUTDOWN: Duration = Duration::from_secs(20);

/// A service that is listening but does not serve requests yet.
pub struct Application {
    app: Data<App>,
    public: Server,
    internal: Server,
    housekeeping: Housekeeping,
    reload: Arc<Reload>,
    signals: Option<Signals>,
}

impl Application {
    /// Builds the service from its configuration and binds the two addresses to listen on.
    pub fn build(config: &Config, clock: Clock) -> Result<Self, BuildError> {
        let (app, tls) = app(config, clock, store_of(config))?;
        let listeners = Listeners::bind(config.http.listen, config.http.internal_listen)?;
        Self::start(app, tls, listeners)
    }

    /// Builds the service on listeners that are already bound.
    pub fn build_on(
        listeners: Listeners,
        config: &Config,
        clock: Clock,
    ) -> Result<Self, BuildError> {
        let (app, tls) = app(config, clock, store_of(config))?;
        Self::start(app, tls, listeners)
    }

    /// Builds the service on listeners that are already bound, with a store that may fail.
    #[cfg(test)]
    pub(crate) fn build_with(
        store: Store,
        listeners: Listeners,
        config: &Config,
    ) -> Result<Self, BuildError> {
        let (app, tls) = app(config, Clock::system(), store)?;
        Self::start(app, tls, listeners)
    }

    fn start(app: App, tls: Option<Tls>, listeners: Listeners) -> Result<Self, BuildError> {
        let limits = app.rules().config.limits;
        let app = Data::new(app);
        let housekeeping = Housekeeping::new(app.clone(), tls, limits);
        let tls = housekeeping.tls.as_ref();
        let (people, monitoring) = listeners.into_parts();
        let people = Public {
            listener: people,
            tls: tls.map(Tls::acceptor).transpose()?,
            connections: housekeeping.connections.clone(),
            limits,
        };
        Ok(Self {
            public: public(app.clone(), people)?,
            internal: internal(app.clone(), monitoring)?,
            reload: Arc::new(Reload::new(app.clone(), None)),
            app,
            housekeeping,
            signals: None,
        })
    }

    /// Sets the source from which a reload reads the configuration.
    #[must_use]
    pub fn reloading_from(self, source: Source) -> Self {
        let reload = Arc::new(Reload::new(self.app.clone(), Some(source)));
        Self { reload, ..self }
    }

    /// Makes the service handle SIGHUP, SIGUSR1 and SIGUSR2, in addition to SIGTERM and SIGINT.
    #[must_use]
    pub fn obeying(self, signals: Signals) -> Self {
        let signals = Some(signals);
        Self { signals, ..self }
    }

    /// Returns a handle that controls the running service.
    pub fn handle(&self) -> Handle {
        Handle {
            app: self.app.clone(),
            servers: [self.public.handle(), self.internal.handle()],
            housekeeping: self.housekeeping.clone(),
            reload: Arc::clone(&self.reload),
        }
    }

    /// Serves requests until SIGTERM, SIGINT or a call to [`Handle::stop`]. Requests in progress at
    /// the public server then get 18 seconds to complete.
    pub async fn run_until_stopped(self) -> std::io::Result<()> {
        let handle = self.handle();
        let is_own_process = self.signals.is_some();
        let housekeeping = self.housekeeping.clone();
        let mut tasks = vec![
            actix_web::rt::spawn(async move {
                signals::stop_signal().await;
                if is_own_process {
                    signals::end_process_after(SHUTDOWN);
                }
                handle.stop().await;
            }),
            actix_web::rt::spawn(self.housekeeping.clone().every_few_seconds()),
            actix_web::rt::spawn(self.housekeeping.clone().watch_connections()),
            actix_web::rt::spawn(self.housekeeping.refresh_metadata_when_due()),
        ];
        if let Some(signals) = self.signals {
            tasks.push(actix_web::rt::spawn(signals.obey(self.reload)));
        }
        let (public, internal) = futures_util::future::join(self.public, self.internal).await;
        for task in tasks {
            task.abort();
        }
        housekeeping.tell_the_rest().await;
        TrailLog::default().log_end(&self.app.state.audit);
        public.and(internal)
    }
}

/// Controls a running service.
#[derive(Clone)]
pub struct Handle {
    app: Data<App>,
    servers: [ServerHandle; 2],
    housekeeping: Housekeeping,
    reload: Arc<Reload>,
}

impl Handle {
    /// Reloads the configuration, as SIGHUP does.
    pub async fn reload(&self) -> Result<(), ReloadError> {
        Arc::clone(&self.reload).run().await
    }

    /// Reloads the TLS certificate if it has changed, without waiting for the next housekeeping
    /// run.
    pub fn reload_tls(&self) {
        self.housekeeping.reload_tls();
    }

    /// Reloads the OpenID Connect issuer's signing keys if they have changed, without waiting for
    /// the next housekeeping run.
    pub fn reload_signing_keys(&self) {
        self.housekeeping.reload_signing_keys();
    }

    /// Reloads changed metadata files and fetches metadata that is due for a refresh, without
    /// waiting for the next housekeeping run.
    pub async fn refresh_metadata(&self) {
        self.housekeeping.refresh_metadata().await;
    }

    /// Closes all of the public server's connections that have been idle for longer than `limit`,
    /// and returns their number.
    pub fn close_idle(&self, limit: Duration) -> usize {
        self.housekeeping.connections.close_idle(limit)
    }

    /// Stops the service. First, the readiness check starts to fail. Then the public server
    /// completes the requests in progress and stops. The internal server stops last.
    pub async fn stop(&self) {
        self.app.stopping.store(true, Ordering::Relaxed);
        tracing::info!("the service is stopping; requests in progress can still be completed");
        let stop = async {
            for server in &self.servers {
                server.stop(true).await;
            }
        };
        tokio::select! {
            () = stop => {}
            () = self.drain() => {}
        }
    }

    /// Does not wait long for clients that do not finish what they have begun.
    async fn drain(&self) {
        let since = Instant::now();
        let mut interval = tokio::time::interval(DRAIN);
        loop {
            interval.tick().await;
            self.housekeeping.connections.drain(since);
        }
    }
}

/// The mistakes in the files that a configuration refers to. These mistakes can be reported even if
/// the configuration itself contains mistakes.
pub fn file_mistakes(named: &NamedFiles, now: DateTime<Utc>) -> Vec<Mistake> {
    let mut mistakes = saml::file_mistakes(named, now);
    mistakes.extend(named.tls.as_ref().and_then(Tls::mistake));
    mistakes
}

/// Reads the service provider's files and, if TLS is configured, the TLS certificate and its key.
/// Reports the mistakes in all of these files together.
pub fn read_files(
    config: &Config,
    now: DateTime<Utc>,
) -> Result<(ServiceProvider, Option<Tls>), Mistakes> {
    let saml = ServiceProvider::from_config(config, now);
    let tls = config.http.tls.as_ref().map(Tls::read).transpose();
    match (saml, tls) {
        (Ok(saml), Ok(tls)) => Ok((saml, tls)),
        (Ok(_), Err(mistake)) => Err(mistake.into()),
        (Err(mistakes), tls) => Err(mistakes.and(tls.err())),
    }
}

fn store_of(config: &Config) -> Store {
    store::in_memory(config.limits.session_megabytes.map(NonZeroU32::get))
}

/// Builds the application state, which all requests share, and reads the TLS files if TLS is
/// configured. Records are kept in `store`.
pub fn app(config: &Config, clock: Clock, store: Store) -> Result<(App, Option<Tls>), BuildError> {
    let (saml, tls) = read_files(config, clock.now())?;
    let audit = match &config.audit.file {
        Some(file) => Audit::to_file(file, config.audit.sync, clock.clone())?,
        None => Audit::to_standard_output(clock.clone())?,
    };
    let rules = Rules::new(config.clone(), saml, clock.clone())?;
    let is_https = config.public_url.scheme() == "https";
    let state = State::new(clock, store, ProgramKeys::draw()?, audit, is_https);
    Ok((App::new(state, rules), tls))
}
