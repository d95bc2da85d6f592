//! `rolecall demo`: runs the broker with an embedded IdP and an embedded AWS on this machine.

use clap::Args;

use super::{Failure, logging};
use crate::demo::{self, DemoError};

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// The port of the broker; the embedded identity provider and the embedded AWS use the next
    /// port
    #[arg(long, value_name = "N", default_value_t = 8080,
          value_parser = clap::value_parser!(u16).range(1..=65_534))]
    port: u16,
}

impl Demo {
    /// Runs the broker and the embedded parts until the process receives a signal to stop.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let _last_lines = logging::demo().map_err(Failure::new)?;
        actix_web::rt::System::new()
            .block_on(demo::run(self.port))
            .map_err(Failure::from)
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        // The usual hints name configuration keys, which the demo does not have.
        Self::new(error).hint("rolecall demo --port N uses port N and the next one")
    }
}
