//! Runs the command that the command line names.
//!
//! If the command fails, its errors are printed to standard error, one on each line, and a hint may
//! follow. The exit status is 0 for success, 1 for failure and 2 for an invalid command line.
//! `rolecall audit verify` also exits with 2 if it cannot read a file.

mod audit;
mod check_config;
mod demo;
mod inspect;
mod limits;
mod logging;
mod memory;
mod metadata;
mod serve;

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

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
    /// Examine the audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        // The demo's secrets are worth nothing, and a debugger is useful there.
        if !matches!(self.command, Command::Demo(_)) {
            memory::protect()
                .map_err(|error| Failure::new(format!("cannot prevent core dumps: {error}")))?;
        }
        match self.command {
            Command::Serve(file) => serve::run(&file),
            Command::Demo(demo) => demo.run(),
            Command::CheckConfig(file) => check_config::run(&file),
            Command::Inspect(inspect) => inspect.run(),
            Command::Metadata(file) => metadata::run(&file),
            Command::Audit(audit) => audit.run(),
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
    status: u8,
}

impl Failure {
    fn new(problem: impl fmt::Display) -> Self {
        Self {
            problem: problem.to_string(),
            hint: None,
            status: 1,
        }
    }

    fn status(self, status: u8) -> Self {
        Self { status, ..self }
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

/// How long `rolecall serve` waits for a reader of its last words. A supervisor must not have to
/// wait for a program that only has an error to print. All other commands wait as long as their
/// reader likes.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let is_service = is_service();
    let parsed = survive_signals_while_serving(is_service).map(|()| Cli::try_parse());
    match parsed {
        Ok(Ok(cli)) => match cli.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failed(is_service, &failure),
        },
        Ok(Err(error)) => {
            let status = error.exit_code().try_into().unwrap_or(2);
            say(is_service, move || drop(error.print()));
            ExitCode::from(status)
        }
        Err(failure) => failed(is_service, &failure),
    }
}

fn failed(is_service: bool, failure: &Failure) -> ExitCode {
    let text = failure.to_string();
    say(is_service, move || eprint!("{}", printable::text(&text)));
    ExitCode::from(failure.status)
}

/// Runs `print`. With `is_limited`, waits only a while for it.
fn say(is_limited: bool, print: impl FnOnce() + Send + 'static) {
    if !is_limited {
        return print();
    }
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        print();
        let _ = done.send(());
    });
    let _ = is_done.recv_timeout(LAST_WORDS);
}

fn is_service() -> bool {
    env::args_os()
        .nth(1)
        .is_some_and(|command| command == "serve")
}

/// Keeps SIGHUP, SIGUSR1 and SIGUSR2 from ending the service, even before the command line has been
/// parsed.
///
/// Other commands keep the default behavior: closing the terminal ends the demo, for example.
fn survive_signals_while_serving(is_service: bool) -> Result<(), Failure> {
    if is_service {
        server::survive_signals().map_err(Failure::new)
    } else {
        Ok(())
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
            "rolecall audit verify audit.jsonl audit.jsonl.1",
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
            "rolecall audit verify",
            "rolecall audit verify audit.jsonl --last 12ab",
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
