//! `rolecall demo`: everything on this machine, without an IdP and without an AWS account.

use clap::Args;

use super::{Failure, logging};
use crate::demo::{self, DemoError};

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
        actix_web::rt::System::new()
            .block_on(demo::run(self.port))
            .map_err(Failure::from)
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        // The configuration is the demo's own: nobody knows of its keys.
        Self::new(error).hint("rolecall demo --port N takes port N and the next")
    }
}
