//! The surfaces: they turn requests into calls of the other rooms, and what comes back into pages and
//! JSON. `pages`, `api`, `saml`, `documents` and `ops` have a file for each page or flow; what they share
//! is beside them, and what every request goes through is in `middleware`. No protocol logic lives here.

pub mod answer;
pub mod api;
pub mod assets;
pub mod bad_request;
pub mod body;
pub mod brand;
pub mod client;
pub mod compression;
pub mod context;
pub mod documents;
pub mod endpoint;
pub mod error;
pub mod form;
pub mod limits;
mod local_page;
pub mod middleware;
pub mod ops;
pub mod pages;
mod redirect;
pub mod request_id;
pub mod saml;
pub mod surface;
pub mod texts;
pub mod view;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::TimeDelta;
use ipnet::IpNet;
use url::Url;

use crate::audit::Audit;
use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{self, ForwardedHeader};
use crate::saml::ServiceProvider;
use crate::session::Sessions;
use crate::store::MemoryStore;

use brand::Brand;
pub use limits::bodies::Bodies;
pub use limits::rate_limiter::Visitors;
pub use limits::shed_counters::TurnedAway;
use view::AccountLabel;

/// Everything that handlers need, made once.
pub struct App {
    /// Where people reach us.
    pub public_url: Url,
    /// The reverse proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they tell the client's address.
    pub forwarded_header: ForwardedHeader,
    /// Who asks how often, where that is limited.
    pub visitors: Option<Visitors>,
    /// The time.
    pub clock: Clock,
    /// The SAML service provider.
    pub saml: ServiceProvider,
    /// The store.
    pub store: MemoryStore,
    /// Sessions in the store.
    pub sessions: Sessions,
    /// How long a session lasts.
    pub session_max_age: TimeDelta,
    /// Whose service it is.
    pub brand: Arc<Brand>,
    /// What the portal offers beside roles.
    pub portal: config::Portal,
    /// What accounts are for, by their numbers.
    pub account_labels: HashMap<String, AccountLabel>,
    /// AWS.
    pub broker: Broker,
    /// Who may ask AWS what a refusal was about.
    pub tools: Option<config::Tools>,
    /// The attributes that are kept in sessions, by Name.
    pub attributes: BTreeSet<String>,
    /// The audit trail.
    pub audit: Audit,
    /// Requests' bodies on their way.
    pub bodies: Bodies,
    /// Who was turned away.
    pub turned_away: TurnedAway,
    /// Whether the service is going down.
    pub stopping: AtomicBool,
}
