//! AssumeRoot: one task of a member account's root user.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::answer::Answer;
use super::call::Call;
use super::signing::Signer;
use super::{Issued, Sts, StsError, parameters};
use crate::aws::arn::RootArn;
use crate::aws::duration::TokenDuration;
use crate::aws::partition::Partition;

/// What a session of a root user may be for: the managed policies that AssumeRoot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootTask {
    /// To see which root users have credentials.
    AuditCredentials,
    /// To let a root user without a password choose one.
    CreatePassword,
    /// To take a root user's credentials away.
    DeleteCredentials,
    /// To take away a bucket policy that denies everybody everything.
    UnlockBucket,
    /// To take away a queue policy that denies everybody everything.
    UnlockQueue,
}

impl RootTask {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AuditCredentials,
        Self::CreatePassword,
        Self::DeleteCredentials,
        Self::UnlockBucket,
        Self::UnlockQueue,
    ];

    /// The policy's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditCredentials => "IAMAuditRootUserCredentials",
            Self::CreatePassword => "IAMCreateRootUserPassword",
            Self::DeleteCredentials => "IAMDeleteRootUserCredentials",
            Self::UnlockBucket => "S3UnlockBucketPolicy",
            Self::UnlockQueue => "SQSUnlockQueuePolicy",
        }
    }

    /// The task whose policy is called so.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// The policy's ARN in a partition.
    pub fn policy_arn(self, partition: Partition) -> String {
        format!("arn:{partition}:iam::aws:policy/root-task/{}", self.name())
    }
}

/// What to ask for (STS API reference, AssumeRoot).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoot<'a> {
    /// The root user of a member account of our organisation.
    pub root: &'a RootArn,
    /// What for.
    pub task: RootTask,
}

impl AssumeRoot<'_> {
    /// How long the credentials live, always: the longest that AWS takes.
    pub const DURATION: TokenDuration = TokenDuration::MINIMUM;
}

impl Sts {
    /// Gets credentials of a root user for one task, with our own identity. Only Regional endpoints take
    /// this operation; ours are.
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
        let answer = Answer {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size: None,
            credentials: output.credentials,
            session_arn: None,
            source_identity: output.source_identity,
        };
        answer.issued(AssumeRoot::DURATION, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_awss_policies() {
        for task in RootTask::ALL {
            assert_eq!(RootTask::from_name(task.name()), Some(task));
        }
        assert_eq!(RootTask::from_name("AdministratorAccess"), None);
        let arn = "arn:aws-us-gov:iam::aws:policy/root-task/S3UnlockBucketPolicy";
        let task = RootTask::UnlockBucket;
        assert_eq!(task.policy_arn(Partition::UsGov), arn);
    }
}
