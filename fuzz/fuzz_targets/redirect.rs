//! Fuzzes the steps that process the query string of the single logout service: parameters,
//! DEFLATE, XML, policy, signature and profile.
#![no_main]

use chrono::{DateTime, TimeDelta};
use libfuzzer_sys::fuzz_target;
use rolecall::saml::binding::{Incoming, MessageKind};
use rolecall::saml::logout::{ExpectedLogout, Unverified};
use rolecall_fuzz::{IDP, NOW, SLO_URL, TRUST};

fuzz_target!(|query: &str| {
    let Ok(incoming) = Incoming::from_query(query) else {
        return;
    };
    let Ok(message) = Unverified::parse(&incoming) else {
        return;
    };
    let _ = message.claimed_issuer();
    let expected = ExpectedLogout {
        slo_url: SLO_URL,
        idp_entity_id: IDP,
        issuer_format: None,
        now: DateTime::from_timestamp(NOW, 0).expect("a valid time"),
        skew: TimeDelta::seconds(60),
    };
    // The only logout message that the IdP signed is the request in the seeds. No other content may
    // be accepted.
    let said = match message.kind() {
        MessageKind::Request => message
            .request(&TRUST, &expected)
            .map(|request| (request.name_id.value, request.session_indexes)),
        MessageKind::Response => {
            assert!(message.response(&TRUST, &expected).is_err());
            return;
        }
    };
    if let Ok(said) = said {
        let signed = ("alice@example.com".to_owned(), vec!["_session".to_owned()]);
        assert_eq!(said, signed, "accepted: {query}");
        assert_eq!(incoming.relay_state.as_deref(), Some("state"));
    }
});
