//! The limits on session policies and tags, and their packed size, which AWS reports as a
//! percentage.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::fault::Fault;
use super::parameters::{Parameters, length};

/// The maximum length of the inline policy and the managed policy ARNs together, in characters.
pub(super) const MAX_PLAINTEXT: usize = 2048;
pub(super) const MAX_ARNS: usize = 10;
/// The maximum size of the compressed policies and tags together, in bytes. The value is our own,
/// because AWS does not publish its limit.
const MAX_PACKED: usize = 4096;

/// The session policies in a request.
#[derive(Debug)]
pub struct SessionPolicies<'a> {
    inline: Option<&'a str>,
    arns: Vec<&'a str>,
}

impl<'a> SessionPolicies<'a> {
    /// Reads the policies and checks them against the limits.
    pub fn read(parameters: &'a Parameters) -> Result<Self, Fault> {
        let inline = parameters.find("Policy");
        if let Some(inline) = inline {
            length(inline, "policy", 1, MAX_PLAINTEXT)?;
        }
        let arns = parameters.list("PolicyArns", "arn");
        if arns.len() > MAX_ARNS {
            let constraint = format!("have length less than or equal to {MAX_ARNS}");
            return Err(Fault::constraint("'[...]'", "policyArns", &constraint));
        }
        arns.iter().try_for_each(|arn| policy_arn(arn))?;
        inline.map(document).transpose()?;
        Ok(Self { inline, arns })
    }

    /// The ARNs, followed by the inline policy.
    pub fn texts(&self) -> Vec<String> {
        let texts = self.arns.iter().copied().chain(self.inline);
        texts.map(str::to_owned).collect()
    }

    /// The packed size of these policies and `tags`, as a percentage of the limit. `None` if there
    /// are no policies and no tags.
    pub fn packed_size(&self, tags: &[(String, String)]) -> Result<Option<usize>, Fault> {
        let texts: Vec<&str> = self
            .inline
            .into_iter()
            .chain(self.arns.iter().copied())
            .collect();
        let plaintext: usize = texts.iter().map(|text| text.chars().count()).sum();
        if plaintext > MAX_PLAINTEXT {
            return Err(Fault::packed_policy_too_large(
                plaintext * 100 / MAX_PLAINTEXT,
            ));
        }
        if texts.is_empty() && tags.is_empty() {
            return Ok(None);
        }
        let tags = tags
            .iter()
            .flat_map(|(key, value)| [key.as_str(), value.as_str()]);
        let packed = packed(texts.iter().copied().chain(tags));
        let percent = (packed * 100).div_ceil(MAX_PACKED);
        if percent > 100 {
            return Err(Fault::packed_policy_too_large(percent));
        }
        Ok(Some(percent))
    }
}

fn policy_arn(arn: &str) -> Result<(), Fault> {
    length(arn, "policyArns.1.member.arn", 20, 2048)?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", _, resource] if resource.starts_with("policy/") => Ok(()),
        _ => Err(Fault::validation(format!("ARN {arn} is not valid."))),
    }
}

/// Checks that a policy is a JSON object with a Statement.
fn document(text: &str) -> Result<(), Fault> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|_| {
        Fault::malformed_policy_document("The policy is not in the valid JSON format.")
    })?;
    match document.get("Statement") {
        Some(statement) if statement.is_array() || statement.is_object() => Ok(()),
        _ => Err(Fault::malformed_policy_document("Syntax errors in policy.")),
    }
}

fn packed<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    for text in texts {
        // Writing to memory cannot fail. If it did, the calculated size would merely be too small.
        let _ = encoder.write_all(text.as_bytes());
    }
    encoder.finish().map_or(0, |packed| packed.len())
}
