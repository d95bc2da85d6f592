//! Client: configures the SDK's client for a partition.

use std::time::{Duration, SystemTime};

use aws_sdk_sts::Client;
use aws_sdk_sts::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{BehaviorVersion, Config, Region};
use aws_smithy_async::time::TimeSource;

use crate::aws::partition::Partition;
use crate::aws::sts::StsSettings;
use crate::clock::Clock;

/// Our clock, as the time source that the SDK uses for signatures.
#[derive(Debug)]
struct Time(Clock);

impl TimeSource for Time {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

/// One attempt and two retries.
const ATTEMPTS: u32 = 3;

pub(super) fn new(settings: &StsSettings, partition: Partition, clock: Clock) -> Client {
    let region = partition.sts_region(&settings.region);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.timeout)
        .operation_attempt_timeout(settings.timeout)
        .operation_timeout(settings.timeout * ATTEMPTS + Duration::from_secs(2))
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(1));
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_string()))
        .timeout_config(timeouts)
        .retry_config(retries)
        .time_source(Time(clock))
        .credentials_provider(settings.identity.clone())
        // Each partition has its own retry quota, so that retries in an unavailable partition do
        // not use up the quota for the other partitions.
        .retry_partition(RetryPartition::custom(format!("rolecall-{partition}")).build());
    if let Some(endpoint) = &settings.endpoint {
        config = config.endpoint_url(endpoint.as_str());
    }
    Client::from_conf(config.build())
}
