//! Runs the command that the command line names.
//!
//! If the command fails, its errors are printed to standard error, one on each line, and a hint may
//! follow. The exit status is 0 for success, 1 for failure and 2 for an invalid command line.

mod check_config;
mod demo;
mod inspect;
mod limits;
mod logging;
mod metadata;
mod serve;

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Mistakes, Source};
use crate::printable;
use crate::server;

/// A self-hosted SAML sign-in broker for AWS
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the broker until it receives SIGTERM or SIGINT
    Serve(ConfigFile),
    /// Try rolecall on this machine, without an identity provider or an AWS account
    Demo(demo::Demo),
    /// Check the configuration, the metadata and the keys; list all mistakes or print a summary
    CheckConfig(ConfigFile),
    /// Explain a SAML response: its contents, the result of each check, and how AWS would respond
    Inspect(inspect::Inspect),
    /// Print rolecall's SAML metadata for identity providers
    Metadata(ConfigFile),
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(file) => serve::run(&file),
            Command::Demo(demo) => demo.run(),
            Command::CheckConfig(file) => check_config::run(&file),
            Command::Inspect(inspect) => inspect.run(),
            Command::Metadata(file) => metadata::run(&file),
        }
    }
}

/// The argument of commands that require a configuration file.
#[derive(Args, Debug)]
struct ConfigFile {
    /// The configuration file; ROLECALL_… environment variables override its settings
    #[arg(long = "config", value_name = "FILE")]
    path: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> Result<Config, Mistakes> {
        self.source()?.load()
    }

    /// The configuration file and the environment variables of this process.
    fn source(&self) -> Result<Source, Mistakes> {
        Source::of_process(self.path.clone())
    }
}

/// Why a command failed: one error on each line, and possibly a hint.
#[derive(Debug)]
struct Failure {
    problem: String,
    hint: Option<String>,
}

impl Failure {
    fn new(problem: impl fmt::Display) -> Self {
        Self {
            problem: problem.to_string(),
            hint: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        Self::new(mistakes)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.problem.lines() {
            writeln!(f, "rolecall: error: {line}")?;
        }
        match &self.hint {
            Some(hint) => writeln!(f, "rolecall: hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    match survive_signals_while_serving().and_then(|()| Cli::parse().run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{}", printable::text(&failure.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Keeps SIGHUP, SIGUSR1 and SIGUSR2 from ending the service, even before the command line has been
/// parsed.
///
/// Other commands keep the default behavior: closing the terminal ends the demo, for example.
fn survive_signals_while_serving() -> Result<(), Failure> {
    match env::args_os().nth(1) {
        Some(command) if command == "serve" => server::survive_signals().map_err(Failure::new),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_known_by_its_name() {
        for line in [
            "rolecall serve --config rolecall.toml",
            "rolecall demo",
            "rolecall demo --port 9000",
            "rolecall check-config --config rolecall.toml",
            "rolecall metadata --config rolecall.toml",
            "rolecall inspect -",
            "rolecall inspect response.b64 --config rolecall.toml --idp corp --at issued",
            "rolecall inspect response.b64 --at 2026-03-02T08:00:00Z --show-secrets",
        ] {
            parse(line).unwrap();
        }
        for line in [
            "rolecall",
            "rolecall serve",
            "rolecall demo --port 65535",
            "rolecall inspect",
            "rolecall inspect - --idp corp",
            "rolecall inspect - --at yesterday",
            "rolecall x",
        ] {
            parse(line).unwrap_err();
        }
    }

    #[test]
    fn help_and_version_are_there() {
        use clap::error::ErrorKind;
        let kind = |line| parse(line).unwrap_err().kind();
        assert_eq!(kind("rolecall --help"), ErrorKind::DisplayHelp);
        assert_eq!(kind("rolecall --version"), ErrorKind::DisplayVersion);
    }

    #[test]
    fn every_mistake_is_reported_on_its_own_line() {
        let failure = Failure::new("one\ntwo").hint("three");
        let lines = "rolecall: error: one\nrolecall: error: two\nrolecall: hint: three\n";
        assert_eq!(failure.to_string(), lines);
    }
}
