//! Runs the unmodified AWS CLI.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::installed;

/// An AWS CLI with its own home folder, isolated from the machine's configuration and environment.
pub struct AwsCli {
    home: TempDir,
}

#[derive(Clone, Debug)]
pub struct Output {
    /// Whether the exit status was 0.
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl AwsCli {
    /// A CLI without profiles, credentials or a region.
    pub fn new() -> Self {
        Self {
            home: TempDir::new().expect("the temporary folder is writable"),
        }
    }

    /// The CLI's equivalent of `~/.aws/config`.
    pub fn config_file(&self) -> PathBuf {
        self.home.path().join("config")
    }

    /// The CLI's equivalent of `~/.aws/credentials`.
    pub fn credentials_file(&self) -> PathBuf {
        self.home.path().join("credentials")
    }

    pub fn write_config(&self, text: &str) {
        std::fs::write(self.config_file(), text).expect("the CLI's home is writable");
    }

    pub fn write_credentials(&self, text: &str) {
        std::fs::write(self.credentials_file(), text).expect("the CLI's home is writable");
    }

    /// Runs `aws ARGUMENTS` with these environment variables. From the test's own environment, the
    /// CLI inherits only `PATH`.
    ///
    /// A separate thread waits for the CLI, so that servers in the caller's runtime can respond.
    pub async fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(installed("python/bin/aws"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("AWS_CONFIG_FILE", self.config_file())
            .env("AWS_SHARED_CREDENTIALS_FILE", self.credentials_file())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .envs(environment.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("running a command does not panic")
            .expect("the AWS CLI can be run");
        Output {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Default for AwsCli {
    fn default() -> Self {
        Self::new()
    }
}

impl Output {
    /// The output as JSON. Panics with the CLI's error if the run failed.
    pub fn json(&self) -> Value {
        assert!(
            self.success,
            "the AWS CLI failed: {}{}",
            self.stdout, self.stderr
        );
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.stdout))
    }
}
