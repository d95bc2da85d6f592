//! Housekeeping: tasks that run every few seconds while the service runs.

use std::time::Duration;

use actix_web::web::Data;

use super::connections::Connections;
use super::listeners::{KEEP_ALIVE, seconds};
use super::tls::Tls;
use super::trail::TrailLog;
use crate::audit::{Event, Origin, Who};
use crate::config::Limits;
use crate::store::Taken;
use crate::tally::Beyond;
use crate::web::{App, RequestId};

/// How often housekeeping runs.
const EVERY: Duration = Duration::from_secs(5);
/// How often the bounds on connections are applied that depend on time.
const LOOK: Duration = Duration::from_millis(250);
/// When a part of the store's memory is this full, in percent, a warning is logged. No request is
/// refused yet.
const NEARLY_FULL_PERCENT: u64 = 80;

/// Logs a warning for each part of the store's memory that has become nearly full since the last
/// check.
fn warn(was: Taken, is: Taken) {
    let has_become = |was, is| was < NEARLY_FULL_PERCENT && is >= NEARLY_FULL_PERCENT;
    if has_become(was.sessions, is.sessions) {
        tracing::warn!(
            percent = is.sessions,
            "the memory for sessions is nearly full (limits.session_megabytes)"
        );
    }
    if has_become(was.used_assertions, is.used_assertions) {
        tracing::warn!(
            percent = is.used_assertions,
            "the memory for used assertions is nearly full; when it is full, nobody can sign in until \
             the oldest entries expire, 16 minutes after they were written"
        );
    }
    if has_become(was.logouts, is.logouts) {
        tracing::warn!(
            percent = is.logouts,
            "the memory for logouts is nearly full; when it is full, identity providers cannot end \
             sessions until the oldest entries expire, about a day after they were written"
        );
    }
}

/// Logs how many records the store has dropped since the last check, if any.
fn warn_of_evictions(records: u64) {
    if records > 0 {
        tracing::warn!(
            records,
            "the store dropped its least recently used marks of logouts or counts of logins, because it \
             has no more memory for them"
        );
    }
}

/// The housekeeping tasks and the state that they maintain.
#[derive(Clone)]
pub(super) struct Housekeeping {
    app: Data<App>,
    pub(super) tls: Option<Tls>,
    pub(super) connections: Connections,
    /// How long a connection may be idle; `None` means no limit.
    idle: Option<Duration>,
}

impl Housekeeping {
    pub(super) fn new(app: Data<App>, tls: Option<Tls>, limits: Limits) -> Self {
        Self {
            connections: Connections::new(app.clone()),
            app,
            tls,
            idle: limits.header_seconds.map(|head| KEEP_ALIVE + seconds(head)),
        }
    }

    /// Every few seconds, reloads the TLS certificate and the signing keys if they have changed,
    /// closes idle connections, removes expired records and logs warnings.
    pub(super) async fn every_few_seconds(self) {
        let mut interval = tokio::time::interval(EVERY);
        let (mut was, mut evicted) = (Taken::default(), 0);
        let mut trail_log = TrailLog::default();
        loop {
            interval.tick().await;
            self.reload_tls();
            self.reload_signing_keys();
            self.close_idle();
            // `admission` also removes expired records.
            let admission = self.app.state.store.admission();
            if let Some(is) = admission.taken {
                warn(was, is);
                was = is;
            }
            warn_of_evictions(admission.evicted - evicted);
            evicted = admission.evicted;
            self.app.shed.tell();
            trail_log.log(&self.app.state.audit);
            self.tell_of_floods().await;
        }
    }

    /// Logs and audits what was only counted in minutes that have ended.
    async fn tell_of_floods(&self) {
        let now = self.app.state.clock.now();
        let app = &self.app;
        self.tell(app.state.refusals.due(now), app.log_lines.due(now))
            .await;
    }

    /// Logs and audits everything that was only counted, before the program ends.
    pub(super) async fn tell_the_rest(&self) {
        let app = &self.app;
        self.tell(app.state.refusals.rest(), app.log_lines.rest())
            .await;
    }

    async fn tell(&self, refusals: Option<Beyond>, log_lines: Option<Beyond>) {
        if let Some(Beyond { total, counts, .. }) = log_lines {
            let counts = serde_json::to_string(&counts).unwrap_or_default();
            tracing::warn!(total, counts, "log lines were left out");
        }
        let Some(refusals) = refusals else {
            return;
        };
        let event = Event::RefusalsUnwritten(refusals);
        let rules = self.app.rules();
        let origin = Origin {
            request_id: &RequestId::new(),
            ip: None,
            user_agent: None,
            session: None,
            rules: rules.digest.as_str(),
        };
        let (state, nobody) = (&self.app.state, Who::default());
        let recorded = state
            .audit
            .record(state.clock.now(), &event, &nobody, &origin);
        if let Err(error) = recorded.await {
            tracing::error!(%error, ?event, "the count of refusals could not be written");
        }
    }

    /// Every few seconds, refreshes the metadata that is due. This is a separate task, because an
    /// identity provider may be slow to respond.
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
            Some(Ok(true)) => tracing::info!("the TLS certificate was reloaded"),
            Some(Err(error)) => {
                tracing::warn!(%error, "the TLS certificate could not be reloaded; new connections still use the old one");
            }
            Some(Ok(false)) | None => {}
        }
    }

    pub(super) fn reload_signing_keys(&self) {
        let rules = self.app.rules();
        match rules.desk.reload_signing_keys() {
            Ok(true) => tracing::info!("the signing keys were reloaded"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "the signing keys could not be reloaded; tokens are still signed with the previous key");
            }
        }
    }

    /// A few times a second, closes the connections of clients that keep us waiting. This is a
    /// separate task, because housekeeping reads files.
    pub(super) async fn watch_connections(self) {
        let mut interval = tokio::time::interval(LOOK);
        loop {
            self.connections.look(interval.tick().await);
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
