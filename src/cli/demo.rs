//! `rolecall demo`: everything on this machine, without an IdP and without an AWS account.

use clap::Args;

use crate::demo::{self, DemoError};

/// Run the broker with an embedded identity provider, STS and console.
#[derive(Args, Clone, Copy, Debug)]
pub struct Demo {
    /// The broker's port on localhost; the embedded parts take the next one.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
}

impl Demo {
    /// Runs until the process is told to stop.
    pub async fn run(self) -> Result<(), DemoError> {
        demo::run(self.port).await
    }
}
