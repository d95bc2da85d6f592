//! Tests for requested durations that are too long for a role, and for credentials that expire
//! earlier or later than requested.

use super::*;
use crate::aws::fake_server::Received;

/// A server that behaves like STS for a role with the maximum duration `maximum`. If `names` is
/// true, error messages contain the maximum.
fn role_with_maximum(maximum: u32, names: bool) -> FakeServer {
    FakeServer::start(move |_, request| {
        let asked: u32 = request
            .field("DurationSeconds")
            .and_then(|text| text.parse().ok())
            .expect("a number");
        if asked <= maximum {
            success(asked.into())
        } else if names {
            let message = format!("DurationSeconds exceeds the MaxSessionDuration {maximum}");
            error(400, "ValidationError", &message)
        } else {
            let message =
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            error(400, "ValidationError", message)
        }
    })
}

fn asked(server: &FakeServer) -> Vec<String> {
    let field = |request: &Received| {
        request
            .field("DurationSeconds")
            .unwrap_or_default()
            .to_owned()
    };
    server.received().iter().map(field).collect()
}

#[tokio::test]
async fn a_duration_over_the_roles_maximum_is_stepped_down_and_remembered() {
    let server = role_with_maximum(7200, false);
    let sts = sts(server.url());
    let caller = SamlCaller::new();

    let issued = caller.call(&sts, 43_200).await.expect("credentials");
    assert_eq!(asked(&server), ["43200", "28800", "14400", "7200"]);
    assert_eq!(issued.duration_seconds, 7200);

    caller.call(&sts, 43_200).await.expect("credentials");
    assert_eq!(asked(&server).split_off(4), ["7200"]);

    caller.call(&sts, 3600).await.expect("credentials");
    assert_eq!(asked(&server).split_off(5), ["3600"]);

    let other = SamlCaller::of("arn:aws:iam::123456789012:role/Other", PROVIDER);
    other.call(&sts, 14_400).await.expect("credentials");
    assert_eq!(asked(&server).split_off(6), ["14400", "7200"]);
}

#[tokio::test]
async fn a_maximum_named_in_the_message_is_requested_next() {
    let server = role_with_maximum(10_000, true);
    let issued = SamlCaller::new()
        .call(&sts(server.url()), 43_200)
        .await
        .expect("credentials");
    assert_eq!(asked(&server), ["43200", "10000"]);
    assert_eq!(issued.duration_seconds, 10_000);
}

#[tokio::test]
async fn if_even_one_hour_is_refused_the_error_is_returned() {
    let message = "DurationSeconds exceeds the MaxSessionDuration";
    let server = FakeServer::always(error(400, "ValidationError", message));
    let error = SamlCaller::new()
        .call(&sts(server.url()), 43_200)
        .await
        .expect_err("an error");
    assert_eq!(error, StsError::Validation(refusal(message)));
    assert_eq!(asked(&server), ["43200", "28800", "14400", "7200", "3600"]);
    assert!(error.is_about_duration());
}

#[tokio::test]
async fn a_session_shortened_by_the_idp_is_marked_as_such() {
    let server = FakeServer::always(success(1200));
    let issued = SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect("credentials");
    assert_eq!(issued.duration_seconds, 1200);
}

#[tokio::test]
async fn slight_clock_skew_does_not_mark_a_session_as_shortened() {
    for seconds in [3400, 3800] {
        let server = FakeServer::always(success(seconds));
        let issued = SamlCaller::new()
            .call(&sts(server.url()), 3600)
            .await
            .expect("credentials");
        assert_eq!(issued.duration_seconds, 3600);
    }
}
