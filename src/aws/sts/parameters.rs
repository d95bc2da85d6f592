//! Parameters: conversions to SDK types for parameters that several operations share.

use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::StsError;
use crate::aws::arn::AccountId;
use crate::aws::attribute::{TagKey, TagValue};
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;

/// Omits an empty list, as botocore does.
pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// Converts session tags to the SDK's `Tags`.
pub(super) fn tags(tags: &[(TagKey, TagValue)]) -> Result<Option<Vec<Tag>>, StsError> {
    let tags = tags.iter().map(|(key, value)| {
        let tag = Tag::builder().key(key.as_str()).value(value.as_str());
        tag.build().map_err(|error| StsError::not_sent(&error))
    });
    tags.collect::<Result<Vec<_>, _>>().map(some)
}

/// Converts a session policy to the SDK's `Policy` and `PolicyArns`, for a session in this
/// partition and account.
pub(super) fn policy(
    policy: Option<&SessionPolicy>,
    partition: Partition,
    account: &AccountId,
) -> (Option<String>, Option<Vec<PolicyDescriptorType>>) {
    let Some(policy) = policy else {
        return (None, None);
    };
    let arns = policy.arns_for(partition, account).into_iter();
    let document = policy.document().map(str::to_owned);
    (document, some(arns.map(descriptor).collect()))
}

/// Converts the ARN of a managed policy to the SDK's type.
pub(super) fn descriptor(arn: String) -> PolicyDescriptorType {
    PolicyDescriptorType::builder().arn(arn).build()
}
