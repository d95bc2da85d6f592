//! Compares the limits of the embedded STS with those that the program assumes for AWS. The limits
//! are intentionally defined twice. With shared constants, no test could detect that the program
//! requests more than AWS allows.

use crate::aws::attribute::{TAGS_MAXIMUM, TagKey, TagValue};
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::session_policy::{ARNS_MAXIMUM, CHARACTERS_MAXIMUM};
use crate::aws::sts::{
    ASSERTION_MAXIMUM, AssumeRoot, CONTEXTS_MAXIMUM, MESSAGE_MAXIMUM, REDEEMABLE_FOR,
};
use crate::demo::sts::session::Seconds;
use crate::demo::sts::{
    assertion, assume_role, assume_role_with_saml, assume_root, authorization, policy, tags,
};
use crate::saml::check;

#[test]
fn of_assertions_and_messages() {
    assert_eq!(assume_role_with_saml::MAX_ASSERTION, ASSERTION_MAXIMUM);
    assert_eq!(assertion::REDEEMABLE_FOR, REDEEMABLE_FOR);
    assert_eq!(authorization::MAX_MESSAGE, MESSAGE_MAXIMUM);
}

/// This test is here because the module `saml` must not depend on `aws`.
#[test]
fn the_maximum_age_at_sign_in_matches_the_limit_of_aws() {
    assert_eq!(check::MAX_AGE, REDEEMABLE_FOR);
}

#[test]
fn of_durations() {
    let of = |seconds: Seconds| (seconds.min, seconds.default, seconds.max);
    let [shortest, hour, longest] = [
        SessionDuration::MINIMUM,
        SessionDuration::HOUR,
        SessionDuration::MAXIMUM,
    ]
    .map(|duration| i64::from(duration.seconds()));
    assert_eq!(of(Seconds::OF_ROLES), (shortest, hour, longest));
    assert_eq!(assume_role::CHAINED_SECONDS, hour);
    let users = Seconds::OF_USERS;
    assert_eq!(users.min, i64::from(TokenDuration::MINIMUM.seconds()));
    assert_eq!(users.max, i64::from(TokenDuration::MAXIMUM.seconds()));
    let root = i64::from(AssumeRoot::DURATION.seconds());
    assert!(assume_root::SECONDS.take(root));
}

#[test]
fn of_tags_policies_and_contexts() {
    assert_eq!(tags::MAXIMUM, TAGS_MAXIMUM);
    assert_eq!(assertion::MAX_TAG_KEY, TagKey::LENGTH_MAXIMUM);
    assert_eq!(assertion::MAX_TAG_VALUE, TagValue::LENGTH_MAXIMUM);
    assert_eq!(policy::MAX_ARNS, ARNS_MAXIMUM);
    assert_eq!(policy::MAX_PLAINTEXT, CHARACTERS_MAXIMUM);
    assert_eq!(assume_role::MAX_CONTEXTS, CONTEXTS_MAXIMUM);
}
