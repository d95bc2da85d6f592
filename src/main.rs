//! The `rolecall` program: see the library for everything it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    rolecall::cli::run()
}
