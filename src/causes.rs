//! Formats an error and its chain of sources as one message for the administrator.

use std::error::Error;

/// The messages of the error and of all its sources, joined with `: `.
pub fn causes(error: &dyn Error) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
