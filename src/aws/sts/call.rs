//! Call: the only path to STS. Every operation goes through [`Clients::call`].
//!
//! An operation gets the SDK's client only to fill in its request. This module does the rest for
//! all operations: it sets timeouts and retries (`client`), suppresses the SDK's log (which may
//! contain secrets), opens a tracing span and translates errors. A test checks that no other module
//! of `sts` sends a request.

mod client;
mod operation;

use std::future::Future;

use aws_sdk_sts::Client;
use aws_sdk_sts::config::Builder;
use aws_sdk_sts::operation::RequestId as _;
use tracing::field::{Empty, display};
use tracing::instrument::{Instrument as _, WithDispatch, WithSubscriber as _};
use tracing::{Dispatch, Span, info_span};

use self::operation::Operation;
use super::signing::{self, Signer};
use super::{MfaCode, StsError, StsSettings};
use crate::aws::partition::Partition;
use crate::clock::Clock;

#[cfg(test)]
pub(super) use self::operation::NAMES;

/// Runs a future with the SDK's logging turned off. At trace level, the SDK logs requests and
/// responses. It redacts secrets by default, but not if `LOG_SENSITIVE_BODIES` is set.
pub(super) fn unlogged<F: Future>(future: F) -> WithDispatch<F> {
    future.with_subscriber(Dispatch::none())
}

#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    partition: Partition,
    signer: Signer<'a>,
    secret: &'a str,
    is_once: bool,
}

impl<'a> Call<'a> {
    /// A call to STS in `partition`, with retries and without a secret.
    pub(super) fn new(partition: Partition, signer: Signer<'a>) -> Self {
        Self {
            partition,
            signer,
            secret: "",
            is_once: false,
        }
    }

    /// Sets the secret that the request contains and that must not appear in error messages.
    pub(super) fn carrying(self, secret: &'a str) -> Self {
        Self { secret, ..self }
    }

    /// Disables retries if there is an MFA code, because AWS accepts each code only once.
    pub(super) fn with(self, mfa: Option<MfaCode<'_>>) -> Self {
        Self {
            is_once: mfa.is_some(),
            ..self
        }
    }

    fn config(&self) -> Builder {
        let config = self.signer.config();
        if self.is_once {
            signing::once(config)
        } else {
            config
        }
    }

    /// For a signed request, converts an error about credentials to one about the signer's
    /// credentials.
    fn blamed(&self, error: StsError) -> StsError {
        match self.signer {
            Signer::Nobody => error,
            Signer::Ourselves | Signer::Session(_) | Signer::User(_) => error.of_signed(),
        }
    }

    /// The span of a call. It contains no ARNs, account IDs or names of people, because spans may
    /// be sent to systems that do not receive audit lines.
    fn span(&self, operation: &'static str) -> Span {
        let partition = display(self.partition);
        info_span!(
            "sts",
            operation,
            partition,
            outcome = Empty,
            request_id = Empty
        )
    }
}

/// The SDK's clients, one for each partition.
pub(super) struct Clients(Vec<(Partition, Client)>);

impl Clients {
    /// Creates clients for all partitions. No connection is opened before the first call.
    pub(super) fn new(settings: &StsSettings, clock: &Clock) -> Self {
        let client = |partition| (partition, client::new(settings, partition, clock.clone()));
        Self(Partition::ALL.map(client).into())
    }

    /// Sends the request that `ask` fills in.
    pub(super) async fn call<O: Operation>(
        &self,
        call: Call<'_>,
        ask: impl FnOnce(&Client) -> O,
    ) -> Result<O::Output, StsError> {
        let span = call.span(O::NAME);
        let request = ask(self.of(call.partition));
        let response = unlogged(request.send(call.config()))
            .instrument(span.clone())
            .await
            .map_err(|error| call.blamed(StsError::from_sdk(error, call.secret)));
        note::<O>(&span, &response);
        response
    }

    fn of(&self, partition: Partition) -> &Client {
        let mut clients = self.0.iter();
        clients
            .find_map(|(of, client)| (*of == partition).then_some(client))
            .expect("there is a client for each partition")
    }
}

/// Records the outcome of a call in the call's span.
fn note<O: Operation>(span: &Span, response: &Result<O::Output, StsError>) {
    let (outcome, request_id) = match response {
        Ok(output) => ("ok", output.request_id()),
        Err(error) => (error.code(), error.request_id()),
    };
    span.record("outcome", outcome);
    if let Some(request_id) = request_id {
        span.record("request_id", request_id);
    }
}

#[cfg(test)]
mod tests;
