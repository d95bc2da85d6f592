//! `rolecall demo`.

use clap::Args;

use super::{Failure, logging};

/// What can be said about the demo.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// The port of the broker; the embedded parts take the next one
    #[arg(long, value_name = "N", default_value_t = 8080,
          value_parser = clap::value_parser!(u16).range(1..=65_534))]
    port: u16,
}

impl Demo {
    /// Runs the broker and the embedded parts until they are told to stop.
    pub(super) fn run(&self) -> Result<(), Failure> {
        logging::human();
        Err(Failure::new(format!(
            "this build has no demo for port {}",
            self.port
        )))
    }
}
