//! What comes by the HTTP-Redirect binding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::demo::idp::authn_request::AuthnRequest;

fuzz_target!(|query: &str| {
    let _ = AuthnRequest::read(query);
});
