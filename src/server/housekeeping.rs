//! Housekeeping: what is done every few seconds, while people are served.

use std::time::Duration;

use actix_web::web::Data;

use super::connections::Connections;
use super::listeners::{KEEP_ALIVE, seconds, size};
use super::tls::Tls;
use crate::config::Limits;
use crate::store::Taken;
use crate::web::App;

/// How often files are looked at, and idle connections.
const EVERY: Duration = Duration::from_secs(5);
/// So many connections are no crowd.
const FEW: usize = 100;
/// How long nothing may happen on a connection where there are nearly as many as there may be: longer
/// than a browser takes from one request to the next of a page.
const IDLE_IN_A_CROWD: Duration = Duration::from_secs(2);
/// From here on the administrator is warned, before anybody is refused.
const NEARLY_FULL_PERCENT: u64 = 80;

/// Tells what has become nearly full.
fn warn(was: Taken, is: Taken) {
    let has_become = |was, is| was < NEARLY_FULL_PERCENT && is >= NEARLY_FULL_PERCENT;
    if has_become(was.sessions, is.sessions) {
        tracing::warn!(
            percent = is.sessions,
            "the memory of people who are signed in is nearly used up: limits.session_megabytes"
        );
    }
    if has_become(was.used_assertions, is.used_assertions) {
        tracing::warn!(
            percent = is.used_assertions,
            "the memory of used assertions is nearly used up: then nobody can sign in until the oldest \
             are some ten minutes old"
        );
    }
    if has_become(was.logouts, is.logouts) {
        tracing::warn!(
            percent = is.logouts,
            "the memory of logouts is nearly used up: then identity providers cannot end sessions until \
             the oldest are a day old"
        );
    }
}

/// What is done every few seconds.
#[derive(Clone)]
pub(super) struct Housekeeping {
    app: Data<App>,
    pub(super) tls: Option<Tls>,
    pub(super) connections: Connections,
    /// How long nothing may happen on a connection.
    idle: Option<Duration>,
    /// How many connections there may be.
    most: Option<usize>,
}

impl Housekeeping {
    pub(super) fn new(app: Data<App>, tls: Option<Tls>, limits: Limits) -> Self {
        Self {
            app,
            tls,
            connections: Connections::new(),
            most: limits.connections.map(size),
            idle: limits.header_seconds.map(|head| KEEP_ALIVE + seconds(head)),
        }
    }

    /// The certificate, connections on which nothing happens, and records that are over.
    pub(super) async fn every_few_seconds(self) {
        let mut interval = tokio::time::interval(EVERY);
        let mut was = Taken::default();
        loop {
            interval.tick().await;
            self.reload_tls();
            self.reload_signing_keys();
            self.close_idle();
            // The store tidies up when it is asked this.
            if let Some(is) = self.app.state.store.admission().taken {
                warn(was, is);
                was = is;
            }
            self.app.shed.tell();
        }
    }

    /// On its own: an identity provider may take its time.
    pub(super) async fn refresh_metadata_when_due(self) {
        let mut interval = tokio::time::interval(EVERY);
        loop {
            interval.tick().await;
            self.refresh_metadata().await;
        }
    }

    pub(super) async fn refresh_metadata(&self) {
        let now = self.app.state.clock.now();
        self.app.rules().sign_in.saml.refresh(now).await;
    }

    pub(super) fn reload_tls(&self) {
        match self.tls.as_ref().map(Tls::reload) {
            Some(Ok(true)) => tracing::info!("new connections get the new TLS certificate"),
            Some(Err(error)) => {
                tracing::warn!(%error, "the TLS certificate that is served stays the one before");
            }
            Some(Ok(false)) | None => {}
        }
    }

    pub(super) fn reload_signing_keys(&self) {
        let rules = self.app.rules();
        match rules.desk.reload_signing_keys() {
            Ok(true) => tracing::info!("tokens are signed with the new key"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "the signing keys could not be reloaded; tokens are still signed with the old key");
            }
        }
    }

    /// Whoever holds very many connections, and does nothing with them, keeps nobody out.
    pub(super) fn make_room(&self) -> usize {
        // Whoever allows fewer knows each of them.
        let most = self.most.filter(|most| *most >= FEW);
        if most.is_some_and(|most| self.connections.count() > most / 4 * 3) {
            self.connections.close_idle(IDLE_IN_A_CROWD)
        } else {
            0
        }
    }

    fn close_idle(&self) {
        let closed = self.make_room();
        if closed > 0 {
            tracing::warn!(
                closed,
                "idle connections were closed: limits.connections is near"
            );
        }
        if let Some(idle) = self.idle {
            let closed = self.connections.close_idle(idle);
            if closed > 0 {
                tracing::info!(closed, "idle connections were closed");
            }
        }
    }
}
