use std::fs;
use std::path::{Path, PathBuf};

use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};

use super::*;
use crate::aws::sts::Identity;

#[tokio::test]
async fn every_partition_has_its_own_sts() {
    let region: crate::aws::region::Region = "eu-central-1".parse().expect("a region");
    let settings = StsSettings {
        region: region.clone(),
        endpoint: None,
        timeout: std::time::Duration::from_secs(5),
        identity: Identity::missing(),
    };
    let clients = Clients::new(&settings, &Clock::system());
    for (partition, expected) in [
        (Partition::Aws, "https://sts.eu-central-1.amazonaws.com"),
        (Partition::Cn, "https://sts.cn-north-1.amazonaws.com.cn"),
        (Partition::UsGov, "https://sts.us-gov-west-1.amazonaws.com"),
        (Partition::Eusc, "https://sts.eusc-de-east-1.amazonaws.eu"),
        (Partition::Iso, "https://sts.us-iso-east-1.c2s.ic.gov"),
        (Partition::IsoB, "https://sts.us-isob-east-1.sc2s.sgov.gov"),
        (Partition::IsoE, "https://sts.eu-isoe-west-1.cloud.adc-e.uk"),
        (
            Partition::IsoF,
            "https://sts.us-isof-south-1.csp.hci.ic.gov",
        ),
    ] {
        let client = clients.of(partition);
        let configured = client.config().region().expect("a region").to_string();
        assert_eq!(configured, partition.sts_region(&region).as_str());
        let params = Params::builder().region(configured).build();
        let endpoint = DefaultResolver::new()
            .resolve_endpoint(&params.expect("parameters"))
            .await;
        assert_eq!(endpoint.expect("an endpoint").url(), expected);
    }
}

/// The source files in `folder`, without tests.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.retain(|path| !path.to_string_lossy().contains("tests"));
    found
}

/// Strings that may appear only in the module `call`.
const WRAPPERS_OWN: [&str; 5] = [
    ".send(",
    ".send_with(",
    "Dispatch::",
    "tracing::Dispatch",
    "with_subscriber",
];

/// A request sent by another module would have no span, and the SDK would log it.
#[test]
fn only_the_call_module_sends_requests_and_configures_their_logging() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws");
    let mut files = files(&room.join("sts"));
    files.push(room.join("sts.rs"));
    let (wrapper, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.starts_with(room.join("sts/call")) || file.ends_with("call.rs"));
    assert!(wrapper.len() == 3 && others.len() > 10, "{wrapper:?}");
    for file in others {
        let text = fs::read_to_string(&file).expect("a file");
        for word in WRAPPERS_OWN {
            assert!(!text.contains(word), "{word} in {}", file.display());
        }
    }
}
