//! The rules: everything that is read from the configuration and may change while the service runs.
//! They are one value, which a reload replaces as a whole, and each request takes once.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header::InvalidHeaderValue;
use thiserror::Error;
use url::Url;

use super::brand::Brand;
use super::limits::RateLimiter;
use super::security_headers::SecurityHeaders;
use super::view::{AccountLabel, account_labels};
use crate::clock::Clock;
use crate::config::{Config, Digest, Mistakes};
use crate::desk::{self, TermsError};
use crate::saml::ServiceProvider;
use crate::signin;

/// The rules.
#[derive(Debug)]
pub struct Rules {
    /// The configuration that they are made of.
    pub config: Config,
    /// What tells them from others.
    pub digest: Digest,
    /// What holds for signing in.
    pub sign_in: signin::Terms,
    /// What holds for roles.
    pub desk: Arc<desk::Terms>,
    /// Whose service it is.
    pub brand: Arc<Brand>,
    /// What accounts are for, by their numbers.
    pub account_labels: HashMap<String, AccountLabel>,
    /// The security headers of every answer.
    pub headers: SecurityHeaders,
    /// Counts the requests from each address, if they are limited.
    pub rate_limiter: Option<Arc<RateLimiter>>,
}

/// Why a configuration makes no rules.
#[derive(Debug, Error)]
pub enum RulesError {
    /// Metadata or keys.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// What it says of roles.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// The security headers.
    #[error("security headers: {0}")]
    Headers(#[from] InvalidHeaderValue),
}

impl Rules {
    /// The rules of a configuration; `saml` was read with it.
    pub fn new(config: Config, saml: ServiceProvider, clock: Clock) -> Result<Self, RulesError> {
        let digest = config.digest(saml.file_digests());
        let desk = desk::Terms::from_config(&config, digest, clock)?;
        let limiter = config.limits.requests_per_minute.map(RateLimiter::new);
        let sign_in = signin::Terms::new(&config, saml, Arc::clone(desk.grants()));
        Self::of(config, sign_in, desk, limiter.map(Arc::new))
    }

    /// The rules of a configuration that takes the place of `before`. What did not change stays:
    /// IdPs with their metadata, the clients of AWS, and who has asked how often.
    pub fn renewed(config: Config, clock: Clock, before: &Self) -> Result<Self, RulesError> {
        let now = clock.now();
        let saml = ServiceProvider::renewed(&config, &before.sign_in.saml)?;
        let digest = config.digest(saml.file_digests());
        let desk = desk::Terms::renewed(&config, digest, clock, &before.desk)?;
        let limit = config.limits.requests_per_minute;
        let limiter = if limit == before.config.limits.requests_per_minute {
            before.rate_limiter.clone()
        } else {
            limit.map(RateLimiter::new).map(Arc::new)
        };
        let grants = Arc::clone(desk.grants());
        let sign_in = signin::Terms::renewed(&config, saml, grants, &before.sign_in, now);
        Self::of(config, sign_in, desk, limiter)
    }

    fn of(
        config: Config,
        sign_in: signin::Terms,
        desk: desk::Terms,
        rate_limiter: Option<Arc<RateLimiter>>,
    ) -> Result<Self, RulesError> {
        let headers =
            SecurityHeaders::new(&config.public_url, &form_targets(&sign_in.saml, &config))?;
        Ok(Self {
            digest: desk.digest().clone(),
            brand: Brand::from(&config.portal).into(),
            account_labels: account_labels(&config.accounts),
            sign_in,
            desk: Arc::new(desk),
            config,
            headers,
            rate_limiter,
        })
    }
}

/// Where forms end, beside https hosts: emulators.
fn form_targets(saml: &ServiceProvider, config: &Config) -> Vec<Url> {
    let mut targets: Vec<_> = config.aws.signin_endpoint.iter().cloned().collect();
    for idp in saml.idps() {
        targets.extend(idp.latest().map(|latest| latest.sso_url.clone()));
        targets.extend(idp.metadata_url().cloned());
    }
    targets
}
