//! The effect of `[limits]` on this machine: a summary and warnings.

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::config::{Config, Limit, Limits};
use crate::store::OTHER_TABLES_BYTES;
use crate::web::limits::BODIES_BYTES;

const MEGABYTE: u64 = 1024 * 1024;
/// The memory of the process apart from records, connections and request bodies, in bytes.
const ITSELF: u64 = 40 * MEGABYTE;
/// The memory that a connection uses while the client keeps sending, in bytes. actix reads up to
/// 128 KiB ahead.
const CONNECTION: u64 = 180 * 1024;
/// The maximum memory for request bodies that are being received, in bytes.
const BODIES: u64 = BODIES_BYTES as u64;
/// The approximate size of a SAML response for a person with about a hundred roles, in bytes.
const MANY_ROLES: u32 = 64 * 1024;
/// The approximate size of a SAML response for a person with a few roles, in bytes.
const FEW_ROLES: u32 = 16 * 1024;

/// Describes the limits that are in effect on one line.
pub(super) fn sentence(config: &Config) -> String {
    let limits = &config.limits;
    let of = |limit: Limit, unit: &str| {
        limit.map_or_else(
            || format!("any number of {unit}"),
            |n| format!("{n} {unit}"),
        )
    };
    [
        of(
            config.by_address(limits.requests_per_minute),
            "requests per minute from one address",
        ),
        of(limits.logins_per_minute, "logins per minute by one person"),
        of(
            config.by_address(limits.refusals_per_minute),
            "audit lines per minute about refusals of one kind from one address",
        ),
        of(limits.body_bytes, "bytes per message"),
        of(limits.connections, "connections"),
        of(
            config.by_address(limits.unfinished_per_address),
            "unfinished requests from one address",
        ),
        of(limits.header_seconds, "seconds for a request head"),
        of(
            limits.waiting_milliseconds,
            "milliseconds of waiting per request",
        ),
        of(limits.session_megabytes, "megabytes of sessions"),
    ]
    .join(", ")
}

/// Warnings about limits that are probably not intended.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = of_values(&config.limits, memory());
    warnings.extend(config.address_warning().map(str::to_owned));
    warnings
}

/// Warnings about the values of limits. `memory` is the available memory, in bytes.
fn of_values(limits: &Limits, memory: Option<u64>) -> Vec<String> {
    let mut warnings = Vec::new();
    let connections = limits.connections.map_or(0, |limit| limit.get().into());
    let others = OTHER_TABLES_BYTES + BODIES + ITSELF + connections * CONNECTION;
    let others = others.div_ceil(MEGABYTE);
    let sessions = limits.session_megabytes.map(|limit| u64::from(limit.get()));
    let has = memory.map(|bytes| bytes / MEGABYTE);
    match (sessions, has) {
        (Some(sessions), Some(has)) if sessions + others > has => warnings.push(format!(
            "limits.session_megabytes = {sessions} plus up to {others} MB for everything else is \
             more than the {has} MB of memory available: a flood of requests could exhaust the \
             memory. With a smaller limit, the service would refuse new logins instead"
        )),
        (None, _) => warnings.push(
            "limits.session_megabytes = 0: a flood of logins could use all memory".to_owned(),
        ),
        _ => {}
    }
    if limits.connections.is_none() {
        warnings
            .push("limits.connections = 0: too many connections could use all memory".to_owned());
    }
    if let Some(bytes) = limits.body_bytes.filter(|bytes| bytes.get() < MANY_ROLES) {
        let whose = if bytes.get() < FEW_ROLES {
            "most people"
        } else {
            "people with many roles"
        };
        warnings.push(format!(
            "limits.body_bytes = {bytes}: the SAML responses for {whose} are larger"
        ));
    }
    warnings
}

/// The memory available to this process, in bytes: the machine's memory, or the limit of the
/// container or systemd unit if that is lower.
fn memory() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    let us = Pid::from_u32(std::process::id());
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[us]),
        false,
        ProcessRefreshKind::nothing(),
    );
    let groups = [
        system.cgroup_limits(),
        system.process(us).and_then(Process::cgroup_limits),
    ];
    let shares = groups.into_iter().flatten().map(|group| group.total_memory);
    shares
        .chain([system.total_memory()])
        .filter(|bytes| *bytes > 0)
        .min()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn unsuitable_limits_cause_warnings() {
        let limits = Limits::default();
        let with = |megabytes: u64| of_values(&limits, Some(megabytes * MEGABYTE));
        assert_eq!(with(4_096), Vec::<String>::new());
        assert_eq!(of_values(&limits, None), Vec::<String>::new());
        let [small] = &with(512)[..] else {
            panic!("expected one warning")
        };
        assert!(small.starts_with("limits.session_megabytes = 1024 plus up to "));
        assert!(small.contains("the 512 MB of memory available"), "{small}");
        let odd = Limits {
            body_bytes: NonZeroU32::new(4_096),
            connections: None,
            session_megabytes: None,
            ..limits
        };
        let odd = of_values(&odd, Some(2_048 * MEGABYTE));
        let [no_limit, connections, message] = &odd[..] else {
            panic!("expected three warnings: {odd:?}")
        };
        assert!(connections.starts_with("limits.connections = 0: "));
        assert!(no_limit.starts_with("limits.session_megabytes = 0: "));
        assert!(message.starts_with("limits.body_bytes = 4096: "));
    }

    #[test]
    fn the_memory_of_this_machine_is_detected() {
        assert!(memory().is_some_and(|bytes| bytes > 16 * MEGABYTE));
    }

    fn config(http: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rolecall.toml");
        let text = format!(
            "public_url = \"https://aws.example.com\"\n[http]\n{http}\n[limits]\nconnections = 0\n\
             [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"/idp.xml\"\n"
        );
        std::fs::write(&file, text).unwrap();
        Config::load(&file, []).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    #[test]
    fn disabled_limits_are_reported() {
        let sentence = sentence(&config("trusted_proxies = [\"127.0.0.1\"]"));
        assert!(
            sentence.contains("3000 requests per minute from one address"),
            "{sentence}"
        );
        assert!(sentence.contains("any number of connections"), "{sentence}");
    }

    #[test]
    fn limits_by_address_are_reported_as_off_if_addresses_are_unknown() {
        let unknown = config("trusted_proxies = []");
        let sentence = sentence(&unknown);
        for what in [
            "requests per minute from one address",
            "audit lines per minute about refusals of one kind from one address",
            "unfinished requests from one address",
        ] {
            let off = format!("any number of {what}");
            assert!(sentence.contains(&off), "{sentence}");
        }
        let off = |config: &Config| {
            let warnings = warnings(config).into_iter();
            warnings
                .filter(|warning| warning.starts_with("http.trusted_proxies = []: "))
                .count()
        };
        assert_eq!(off(&unknown), 1);
        assert_eq!(off(&config("trusted_proxies = [\"127.0.0.1\"]")), 0);
    }
}
