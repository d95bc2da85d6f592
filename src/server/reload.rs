//! Reloads the configuration while requests are served.
//!
//! A reload replaces all rules at once. It fails if there is a mistake in the configuration or in
//! the files that the configuration refers to, or if the reload's audit line cannot be written. If
//! a reload fails, the rules stay as they are.

use std::sync::Arc;

use actix_web::web::Data;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};

use super::file_mistakes;
use super::tls::Tls;
use super::warnings;
use crate::audit::{AuditError, Event, Origin, Who};
use crate::config::{Config, Mistake, Mistakes, Source};
use crate::state::State;
use crate::web::rules::{Rules, RulesError};
use crate::web::{App, Reloaded, RequestId};

/// Why a reload failed. The rules in effect do not change.
#[derive(Debug, Error)]
pub enum ReloadError {
    /// The service has no configuration file, so there is nothing to reload.
    #[error("there is no file to read the configuration from")]
    NoFile,
    /// The service is shutting down.
    #[error("the service is stopping")]
    Stopping,
    /// The reasons, one line each: mistakes in the new configuration or in the files that it refers
    /// to, or another error.
    #[error("{}", .0.join("\n"))]
    Mistakes(Vec<String>),
    /// The audit line of the reload cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl From<Mistakes> for ReloadError {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(mistakes.to_string().lines().map(str::to_owned).collect())
    }
}

impl From<RulesError> for ReloadError {
    fn from(error: RulesError) -> Self {
        match error {
            RulesError::Mistakes(mistakes) => mistakes.into(),
            other => Self::Mistakes(vec![other.to_string()]),
        }
    }
}

/// A reload that panicked or was canceled.
impl From<JoinError> for ReloadError {
    fn from(error: JoinError) -> Self {
        Self::Mistakes(vec![error.to_string()])
    }
}

/// The rules of a new configuration, which are not in effect yet.
struct New {
    rules: Rules,
    before: Arc<Rules>,
    /// The changed configuration keys that need a restart.
    need_restart: Vec<&'static str>,
    warnings: Vec<String>,
}

/// Reloads the configuration of a running service.
pub(super) struct Reload {
    app: Data<App>,
    source: Option<Source>,
    /// Ensures that only one reload runs at a time.
    turn: Mutex<()>,
}

impl Reload {
    pub(super) fn new(app: Data<App>, source: Option<Source>) -> Self {
        Self {
            app,
            source,
            turn: Mutex::new(()),
        }
    }

    /// Reloads the configuration and reports the result in the log and in the readiness response.
    pub(super) async fn run(self: Arc<Self>) -> Result<(), ReloadError> {
        // Also if the configuration has mistakes: programs that rotate logs send SIGHUP.
        self.app.state.audit.reopen();
        let _turn = self.turn.lock().await;
        let reloaded = self.load().await;
        match &reloaded {
            Ok(need_restart) => self.app.note_reload(Reloaded {
                problems: Vec::new(),
                need_restart: need_restart.clone(),
            }),
            Err(error) => self.refused(error),
        }
        reloaded.map(drop)
    }

    fn refused(&self, error: &ReloadError) {
        let problems: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
        for problem in &problems {
            tracing::error!(problem, "the configuration was not reloaded");
        }
        self.app.note_reload(Reloaded {
            problems,
            ..self.app.reloaded()
        });
    }

    /// Replaces the rules and returns the changed configuration keys that need a restart.
    async fn load(self: &Arc<Self>) -> Result<Vec<&'static str>, ReloadError> {
        let reload = Arc::clone(self);
        // Files are read here, so this may block for a while.
        let new = spawn_blocking(move || reload.read()).await??;
        self.record(&new).await?;
        let New {
            rules,
            before,
            need_restart,
            warnings,
        } = new;
        let digest = rules.digest.to_string();
        let warning = rules.config.address_warning();
        self.app.replace_rules(rules);
        tracing::info!(rules = digest, before = %before.digest, "the configuration was reloaded");
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        if let Some(warning) = warning.filter(|_| before.config.knows_addresses()) {
            tracing::warn!("{warning}");
        }
        if !need_restart.is_empty() {
            let keys = need_restart.join(", ");
            tracing::warn!(keys, "changed keys take effect only after a restart");
        }
        Ok(need_restart)
    }

    /// Reads the configuration and the files that it refers to, and builds the new rules.
    fn read(&self) -> Result<New, ReloadError> {
        if self.app.stopping.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(ReloadError::Stopping);
        }
        let source = self.source.as_ref().ok_or(ReloadError::NoFile)?;
        let before = self.app.rules();
        let clock = self.app.state.clock.clone();
        let now = clock.now();
        let (config, files) = source.load_with_files();
        let config = config.map_err(|mistakes| mistakes.and(file_mistakes(&files, now)))?;
        let warnings = warnings(&config, &files);
        let mut mistakes = Vec::from_iter(tls_mistake(&config, &before.config));
        let (config, need_restart) = config.reloaded_over(&before.config);
        mistakes.extend(config.mistakes_until_restart());
        let rules = match Rules::renewed(config, clock, &before) {
            Err(RulesError::Mistakes(more)) => return Err(more.and(mistakes).into()),
            rules => rules?,
        };
        if !mistakes.is_empty() {
            return Err(Mistakes::from(mistakes).into());
        }
        Ok(New {
            rules,
            before,
            need_restart,
            warnings,
        })
    }

    /// Writes the audit line, which must be written before any request uses the new rules.
    async fn record(&self, new: &New) -> Result<(), AuditError> {
        let event = Event::RulesReloaded {
            before: new.before.digest.to_string(),
            need_restart: new.need_restart.clone(),
        };
        let origin = Origin {
            request_id: &RequestId::new(),
            ip: None,
            user_agent: None,
            session: None,
            rules: new.rules.digest.as_str(),
        };
        let State { clock, audit, .. } = &self.app.state;
        let (now, nobody) = (clock.now(), Who::default());
        audit.record(now, &event, &nobody, &origin).await
    }
}

/// The mistake in the TLS files, if there is one and the files' paths have changed. The reload is
/// then refused, because the next restart, which uses the new paths, would fail. Files at unchanged
/// paths are checked by `Tls::reload`.
fn tls_mistake(config: &Config, running: &Config) -> Option<Mistake> {
    let tls = config.http.tls.as_ref();
    let is_other = tls != running.http.tls.as_ref();
    tls.filter(|_| is_other).and_then(Tls::mistake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_reload_that_panics_shows_in_readiness() {
        let app = Data::new(crate::web::tests::app());
        let reload = Reload::new(app.clone(), None);
        let broken = spawn_blocking(|| panic!("out of paper")).await;
        reload.refused(&broken.unwrap_err().into());
        let problems = app.reloaded().problems;
        assert!(problems[0].contains("out of paper"), "{problems:?}");
    }
}
