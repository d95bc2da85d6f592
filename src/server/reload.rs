//! Reading the configuration again, while people are served.
//!
//! A new configuration holds as a whole or not at all. A mistake anywhere changes nothing, and so does an
//! audit trail that cannot be written.

use std::sync::{Mutex, PoisonError};

use actix_web::web::Data;
use thiserror::Error;

use super::file_mistakes;
use super::tls::Tls;
use crate::audit::{AuditError, Event, Origin, Who};
use crate::config::{Config, Mistakes, Source};
use crate::web::rules::{Rules, RulesError};
use crate::web::{App, Reloaded, RequestId};

/// Why the rules stay as they were.
#[derive(Debug, Error)]
pub enum ReloadError {
    /// The configuration was not read from a file.
    #[error("there is no file to read the configuration from")]
    NoFile,
    /// The service is going down.
    #[error("the service is stopping")]
    Stopping,
    /// What is wrong with it, a line each.
    #[error("{}", .0.join("\n"))]
    Mistakes(Vec<String>),
    /// The reload cannot be written down.
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

/// Reads the configuration again.
pub(super) struct Reload {
    app: Data<App>,
    source: Option<Source>,
    /// One reload at a time.
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

    /// Takes up the configuration as it is now; tells what came of it in the log and in readiness.
    pub(super) fn run(&self) -> Result<(), ReloadError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let reloaded = self.take_up();
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

    /// Returns the keys that need a restart.
    fn take_up(&self) -> Result<Vec<&'static str>, ReloadError> {
        if self.app.stopping.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(ReloadError::Stopping);
        }
        let source = self.source.as_ref().ok_or(ReloadError::NoFile)?;
        let before = self.app.rules();
        let (config, need_restart) = read(source, &before.config)?.reloaded_over(&before.config)?;
        let clock = self.app.state.clock.clone();
        let rules = Rules::renewed(config, clock, &before)?;
        self.record(&rules, before.digest.to_string(), need_restart.clone())?;
        let digest = rules.digest.to_string();
        self.app.replace_rules(rules);
        tracing::info!(rules = digest, before = %before.digest, "the configuration was reloaded");
        if !need_restart.is_empty() {
            let keys = need_restart.join(", ");
            tracing::warn!(keys, "these keys have changed and need a restart");
        }
        Ok(need_restart)
    }

    /// Before anybody is served by the new rules.
    fn record(
        &self,
        rules: &Rules,
        before: String,
        need_restart: Vec<&'static str>,
    ) -> Result<(), AuditError> {
        let event = Event::RulesReloaded {
            before,
            need_restart,
        };
        let origin = Origin {
            request_id: &RequestId::new(),
            ip: None,
            user_agent: None,
            session: None,
            rules: rules.digest.as_str(),
        };
        let now = self.app.state.clock.now();
        self.app
            .state
            .audit
            .record(now, &event, &Who::default(), &origin)
    }
}

/// The configuration, or all that is wrong with it and with the files that it names.
fn read(source: &Source, running: &Config) -> Result<Config, Mistakes> {
    let (config, files) = source.load_with_files();
    let config = config.map_err(|mistakes| mistakes.and(file_mistakes(&files)))?;
    // Another certificate needs a restart, which must not fail for it. The one that is served may be
    // changed at any time, and whoever serves it looks after that.
    let tls = config.http.tls.as_ref();
    let is_another = tls != running.http.tls.as_ref();
    match tls.filter(|_| is_another).and_then(Tls::mistake) {
        Some(mistake) => Err(mistake.into()),
        None => Ok(config),
    }
}
