//! Runs moto, an independent implementation of STS.
//!
//! moto validates almost nothing, fails if the assertion contains more than one role, and defaults
//! to the account 123456789012.

use std::path::Path;
use std::process::Command;

use tokio::sync::OnceCell;

use super::installed;
use crate::support::server::{Ready, Server};

/// The account that moto reports by default.
pub const ACCOUNT: &str = "123456789012";

pub struct Moto {
    server: Server,
}

impl Moto {
    /// The instance that all tests of a test binary share.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Moto> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    pub async fn start() -> Self {
        let ready = Ready {
            path: "/moto-api/",
            contains: "Moto",
        };
        let server = Server::start("moto", ready, |place| {
            let mut command = Command::new(installed("python/bin/moto_server"));
            command.args(["--host", "127.0.0.1", "--port", &place.port.to_string()]);
            command
        })
        .await;
        Self { server }
    }

    /// The URL for `endpoint_url`, `AWS_ENDPOINT_URL` and similar settings.
    pub fn endpoint(&self) -> String {
        self.server.place().base_url()
    }

    /// The server's private folder, which is removed when the server ends.
    pub fn directory(&self) -> &Path {
        &self.server.place().directory
    }
}
