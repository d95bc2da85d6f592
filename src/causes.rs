//! Causes: an error and what it came from, in one line for the administrator.

use std::error::Error;

/// The chain of causes, each in its own words.
pub fn causes(error: &dyn Error) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let chain: Vec<String> = chain.map(ToString::to_string).collect();
    chain.join(": ")
}
