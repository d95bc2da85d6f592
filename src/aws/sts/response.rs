//! A response from STS that contains credentials.

use chrono::{DateTime, Utc};

use super::{Issued, StsError, StsRefusal};
use crate::aws::credentials::{Credentials, CredentialsError};
use crate::aws::duration::TokenDuration;

/// A lifetime counts as shortened only if the requested duration exceeds it by more than this,
/// because AWS's clock may differ from ours.
const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// The fields that we read from the responses of all operations that issue credentials.
pub(super) struct StsResponse {
    pub(super) credentials: Option<aws_sdk_sts::types::Credentials>,
    pub(super) session_arn: Option<String>,
    pub(super) packed_policy_size: Option<i32>,
    pub(super) source_identity: Option<String>,
    pub(super) request_id: Option<String>,
}

/// Converts the output of AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity to an
/// [`StsResponse`]. This is a macro because the three output types have the same fields, but share
/// no trait.
macro_rules! response {
    ($output:expr) => {{
        let output = $output;
        #[expect(
            deprecated,
            reason = "STS and emulators still include PackedPolicySize"
        )]
        let packed_policy_size = output.packed_policy_size;
        $crate::aws::sts::response::StsResponse {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size,
            credentials: output.credentials,
            session_arn: output.assumed_role_user.map(|user| user.arn),
            source_identity: output.source_identity,
        }
    }};
}
pub(super) use response;

impl StsResponse {
    /// Reads the credentials and their lifetime. `asked` is the duration that was requested.
    pub(super) fn issued(
        self,
        asked: TokenDuration,
        now: DateTime<Utc>,
    ) -> Result<Issued, StsError> {
        let incomplete = |message: String| {
            StsError::incomplete(StsRefusal {
                message,
                request_id: self.request_id.clone(),
            })
        };
        let credentials = self
            .credentials
            .ok_or_else(|| incomplete("the response contains no credentials".to_owned()))
            .and_then(|credentials| {
                read(credentials).map_err(|error| incomplete(error.to_string()))
            })?;
        let duration_seconds = granted(asked, credentials.expiration(), now);
        Ok(Issued {
            session_arn: self.session_arn,
            packed_policy_size: self.packed_policy_size,
            source_identity: self.source_identity,
            duration_seconds,
            request_id: self.request_id,
            credentials,
        })
    }
}

/// The lifetime of the credentials in seconds: the requested duration, or the time until the
/// expiration if that is shorter by more than [`CLOCK_TOLERANCE_SECONDS`].
fn granted(asked: TokenDuration, expiration: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let asked = asked.seconds();
    let left = (expiration - now).num_seconds();
    if left.saturating_add(CLOCK_TOLERANCE_SECONDS) < i64::from(asked) {
        u32::try_from(left).unwrap_or(0)
    } else {
        asked
    }
}

fn read(credentials: aws_sdk_sts::types::Credentials) -> Result<Credentials, ReadError> {
    let expiration = credentials.expiration;
    let expiration = DateTime::from_timestamp(expiration.secs(), expiration.subsec_nanos())
        .ok_or(ReadError::Expiration)?;
    Ok(Credentials::new(
        credentials.access_key_id,
        credentials.secret_access_key.into(),
        credentials.session_token.into(),
        expiration,
    )?)
}

/// Why the credentials in a response are invalid.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the expiration is out of range")]
    Expiration,
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}
