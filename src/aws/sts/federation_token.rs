//! GetFederationToken: issues credentials for a federated user on behalf of an IAM user.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::response::StsResponse;
use super::signing::Signer;
use super::{FederatedName, IamUser, Issued, Sts, StsError, parameters};
use crate::aws::attribute::{TagKey, TagValue};
use crate::aws::duration::TokenDuration;
use crate::aws::session_policy::SessionPolicy;

/// The parameters of the request (STS API reference, GetFederationToken).
#[derive(Clone, Copy, Debug)]
pub struct GetFederationToken<'a> {
    /// The IAM user. The request is signed with the user's long-term keys.
    pub user: &'a IamUser,
    /// The name of the federated user.
    pub name: &'a FederatedName,
    /// The session tags, at most 50.
    pub tags: &'a [(TagKey, TagValue)],
    /// The session policy. Without one, the session would have no permissions.
    pub policy: &'a SessionPolicy,
    /// The requested lifetime of the credentials.
    pub duration: TokenDuration,
}

impl Sts {
    /// Gets credentials for a federated user.
    pub async fn federation_token(
        &self,
        request: GetFederationToken<'_>,
    ) -> Result<Issued, StsError> {
        let user = &request.user.arn;
        let policy = Some(request.policy);
        let (document, arns) = parameters::policy(policy, user.partition(), user.account());
        let tags = parameters::tags(request.tags)?;
        let call = Call::new(user.partition(), Signer::User(request.user));
        let ask = |sts: &Client| {
            sts.get_federation_token()
                .name(request.name.as_str())
                .duration_seconds(request.duration.seconds().cast_signed())
                .set_tags(tags)
                .set_policy(document)
                .set_policy_arns(arns)
        };
        let output = self.clients.call(call, ask).await?;
        #[expect(
            deprecated,
            reason = "STS and emulators still include PackedPolicySize"
        )]
        let packed_policy_size = output.packed_policy_size;
        let response = StsResponse {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size,
            credentials: output.credentials,
            session_arn: output.federated_user.map(|user| user.arn),
            source_identity: None,
        };
        response.issued(request.duration, self.clock.now())
    }
}
