//! AssumeRoot: issues credentials for performing one task as the root user of a member account.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::response::StsResponse;
use super::signing::Signer;
use super::{Issued, Sts, StsError, parameters};
use crate::aws::arn::RootArn;
use crate::aws::duration::TokenDuration;
use crate::aws::partition::Partition;

/// A task for a root session. Each task corresponds to one of the AWS managed policies that
/// AssumeRoot accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootTask {
    /// See whether the root user has credentials.
    AuditCredentials,
    /// Allow a root user without a password to set one.
    CreatePassword,
    /// Delete the root user's credentials.
    DeleteCredentials,
    /// Delete a bucket policy that denies everybody access to the bucket.
    UnlockBucket,
    /// Delete a queue policy that denies everybody access to the queue.
    UnlockQueue,
}

impl RootTask {
    /// All tasks that AssumeRoot supports.
    pub const ALL: [Self; 5] = [
        Self::AuditCredentials,
        Self::CreatePassword,
        Self::DeleteCredentials,
        Self::UnlockBucket,
        Self::UnlockQueue,
    ];

    /// The name of the task's managed policy.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditCredentials => "IAMAuditRootUserCredentials",
            Self::CreatePassword => "IAMCreateRootUserPassword",
            Self::DeleteCredentials => "IAMDeleteRootUserCredentials",
            Self::UnlockBucket => "S3UnlockBucketPolicy",
            Self::UnlockQueue => "SQSUnlockQueuePolicy",
        }
    }

    /// The task with this managed policy, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// The ARN of the task's managed policy in a partition.
    pub fn policy_arn(self, partition: Partition) -> String {
        format!("arn:{partition}:iam::aws:policy/root-task/{}", self.name())
    }
}

/// The parameters of the request (STS API reference, AssumeRoot).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoot<'a> {
    /// The root user of a member account in our organization.
    pub root: &'a RootArn,
    /// The task, which determines the permissions of the session.
    pub task: RootTask,
}

impl AssumeRoot<'_> {
    /// The lifetime of the credentials: 15 minutes, the maximum for AssumeRoot.
    pub const DURATION: TokenDuration = TokenDuration::MINIMUM;
}

impl Sts {
    /// Gets credentials for performing one task as a root user. The request is signed with the
    /// credentials of our own identity. Only Regional endpoints support this operation, and we use
    /// only those.
    pub async fn assume_root(&self, request: AssumeRoot<'_>) -> Result<Issued, StsError> {
        let partition = request.root.partition();
        let policy = request.task.policy_arn(partition);
        let call = Call::new(partition, Signer::Ourselves);
        let ask = |sts: &Client| {
            sts.assume_root()
                .target_principal(request.root.account().as_str())
                .task_policy_arn(parameters::descriptor(policy))
                .duration_seconds(AssumeRoot::DURATION.seconds().cast_signed())
        };
        let output = self.clients.call(call, ask).await?;
        let response = StsResponse {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size: None,
            credentials: output.credentials,
            session_arn: None,
            source_identity: output.source_identity,
        };
        response.issued(AssumeRoot::DURATION, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_tasks_map_to_aws_managed_policies() {
        for task in RootTask::ALL {
            assert_eq!(RootTask::from_name(task.name()), Some(task));
        }
        assert_eq!(RootTask::from_name("AdministratorAccess"), None);
        let arn = "arn:aws-us-gov:iam::aws:policy/root-task/S3UnlockBucketPolicy";
        let task = RootTask::UnlockBucket;
        assert_eq!(task.policy_arn(Partition::UsGov), arn);
    }
}
