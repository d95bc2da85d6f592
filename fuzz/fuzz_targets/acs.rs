//! Fuzzes the steps that process the body of a POST to the ACS: form, base64, XML, policy,
//! signature and profile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::web::form::Form;
use rolecall_fuzz::{SAID, log_in};

fuzz_target!(|body: &[u8]| {
    let Ok(form) = Form::decode(body) else {
        return;
    };
    let Ok(field) = form.required("SAMLResponse") else {
        return;
    };
    if let Ok(login) = log_in(field) {
        let original = SAID.iter().any(|said| said.login.as_ref() == Ok(&login));
        assert!(original, "accepted: {login:?}");
    }
});
