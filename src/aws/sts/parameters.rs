//! Parameters that several operations take, as the SDK wants them.

use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::StsError;
use crate::aws::arn::AccountId;
use crate::aws::attribute::{TagKey, TagValue};
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;

/// A list that is left out where it is empty, as botocore does.
pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// `Tags`.
pub(super) fn tags(tags: &[(TagKey, TagValue)]) -> Result<Option<Vec<Tag>>, StsError> {
    let tags = tags.iter().map(|(key, value)| {
        let tag = Tag::builder().key(key.as_str()).value(value.as_str());
        tag.build().map_err(|error| StsError::not_sent(&error))
    });
    tags.collect::<Result<Vec<_>, _>>().map(some)
}

/// `Policy`.
pub(super) fn document(policy: Option<&SessionPolicy>) -> Option<String> {
    policy.and_then(SessionPolicy::document).map(str::to_owned)
}

/// `PolicyArns`, of a partition and an account.
pub(super) fn policy_arns(
    policy: Option<&SessionPolicy>,
    partition: Partition,
    account: &AccountId,
) -> Option<Vec<PolicyDescriptorType>> {
    let arns = policy?.arns_for(partition, account).into_iter();
    some(arns.map(descriptor).collect())
}

/// A policy, by its ARN.
pub(super) fn descriptor(arn: String) -> PolicyDescriptorType {
    PolicyDescriptorType::builder().arn(arn).build()
}
