//! The rules: the configuration that is in effect, and everything that is derived from it.
//!
//! The rules are one value, which a reload replaces as a whole. A request keeps the rules that were
//! in effect when it arrived. Only the desk checks its decisions against newer rules.

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
use crate::desk::{self, DeskRulesError};
use crate::saml::ServiceProvider;
use crate::signin;

/// The configuration that is in effect, and everything that is derived from it.
#[derive(Debug)]
pub struct Rules {
    /// The configuration that the rules were built from.
    pub config: Config,
    /// The digest that identifies these rules in audit lines and health checks.
    pub digest: Digest,
    /// The rules for logins and for the validity of sessions.
    pub sign_in: signin::SignInRules,
    /// The rules for roles and credentials.
    pub desk: Arc<desk::DeskRules>,
    /// The brand that the pages show.
    pub brand: Arc<Brand>,
    /// The labels that describe the purpose of accounts, by account ID.
    pub account_labels: HashMap<String, AccountLabel>,
    /// The security headers for every response.
    pub headers: SecurityHeaders,
    /// The rate limit for each client address, if one is configured.
    pub rate_limiter: Option<Arc<RateLimiter>>,
}

/// Why rules cannot be built from a configuration.
#[derive(Debug, Error)]
pub enum RulesError {
    /// The service provider cannot be built, for example because an IdP's metadata cannot be used.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The rules for roles and credentials cannot be built.
    #[error(transparent)]
    Desk(#[from] DeskRulesError),
    /// The value of a security header is invalid.
    #[error("security headers: {0}")]
    Headers(#[from] InvalidHeaderValue),
}

impl Rules {
    /// Builds the rules from a configuration. `saml` must have been built from the same
    /// configuration.
    pub fn new(config: Config, saml: ServiceProvider, clock: Clock) -> Result<Self, RulesError> {
        let digest = config.digest(saml.file_digests());
        let desk = desk::DeskRules::from_config(&config, digest, clock)?;
        let limiter = config.by_address(config.limits.requests_per_minute);
        let limiter = limiter.map(RateLimiter::new);
        let sign_in = signin::SignInRules::new(&config, saml, Arc::clone(desk.grants()));
        Self::of(config, sign_in, desk, limiter.map(Arc::new))
    }

    /// Builds the rules that replace `before` in a reload. Unchanged parts are kept: IdPs with
    /// their metadata, the AWS clients, and the request counts of the rate limit.
    pub fn renewed(config: Config, clock: Clock, before: &Self) -> Result<Self, RulesError> {
        let now = clock.now();
        let saml = ServiceProvider::renewed(&config, &before.sign_in.saml, now)?;
        let digest = config.digest(saml.file_digests());
        let desk = desk::DeskRules::renewed(&config, digest, clock, &before.desk)?;
        let limit = |config: &Config| config.by_address(config.limits.requests_per_minute);
        let limiter = if limit(&config) == limit(&before.config) {
            before.rate_limiter.clone()
        } else {
            limit(&config).map(RateLimiter::new).map(Arc::new)
        };
        let grants = Arc::clone(desk.grants());
        let sign_in = signin::SignInRules::renewed(&config, saml, grants, &before.sign_in, now);
        Self::of(config, sign_in, desk, limiter)
    }

    fn of(
        config: Config,
        sign_in: signin::SignInRules,
        desk: desk::DeskRules,
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

/// The URLs that forms may lead to. Of these, the security headers list only the origins of `http:`
/// URLs. Such URLs belong to emulators.
fn form_targets(saml: &ServiceProvider, config: &Config) -> Vec<Url> {
    let mut targets: Vec<_> = config.aws.signin_endpoint.iter().cloned().collect();
    for idp in saml.idps() {
        targets.extend(idp.latest().map(|latest| latest.sso_url.clone()));
        targets.extend(idp.metadata_url().cloned());
    }
    targets
}
