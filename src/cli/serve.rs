//! `rolecall serve`: runs the service.

use std::io;
use std::net::SocketAddr;

use super::{ConfigFile, Failure, limits, logging};
use crate::clock::Clock;
use crate::config::Limit;
use crate::server::{Application, BuildError, Listeners, Signals, warnings};

/// The number of file descriptors for everything except public connections and calls to AWS: files,
/// and the runtime.
const OTHER_FILES: u64 = 256;

/// Runs the broker until SIGTERM or SIGINT.
pub(super) fn run(file: &ConfigFile) -> Result<(), Failure> {
    let _last_lines = logging::json().map_err(Failure::new)?;
    actix_web::rt::System::new().block_on(serve(file))
}

async fn serve(file: &ConfigFile) -> Result<(), Failure> {
    // A SIGHUP that arrives while the configuration is being read must cause a reload, so signals
    // are caught first.
    let signals = Signals::catch().map_err(Failure::new)?;
    let source = file.source()?;
    let (config, files) = source.load_with_files();
    let config = config?;
    allow_connections(config.limits.connections);
    let of_limits = limits::warnings(&config);
    for warning in of_limits.into_iter().chain(warnings(&config, &files)) {
        tracing::warn!("{warning}");
    }
    let listeners = Listeners::bind(config.http.listen, config.http.internal_listen)?;
    let (public, internal) = listeners.addresses().map_err(Failure::new)?;
    let application = Application::build_on(listeners, &config, Clock::system())?;
    let application = application.reloading_from(source).obeying(signals);
    tracing::info!(
        %public,
        %internal,
        public_url = %config.public_url,
        version = env!("CARGO_PKG_VERSION"),
        "listening"
    );
    application.run_until_stopped().await.map_err(Failure::new)
}

/// Raises the limit on open files, because each connection needs a file descriptor, and a request on
/// it may need another one for a call to AWS. Many systems start processes with a soft limit of
/// 1,024, which a process may raise to the hard limit.
fn allow_connections(limit: Limit) {
    let wanted = limit.map_or(u64::MAX, |limit| 2 * u64::from(limit.get()) + OTHER_FILES);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(files) if limit.is_some() && files < wanted => tracing::warn!(
            files,
            wanted,
            "the system allows this process fewer open files than limits.connections requires"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot raise the limit on open files"),
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Mistakes(mistakes) => mistakes.into(),
            BuildError::Listen { address, source } => cannot_listen(address, &source),
            other => Self::new(other),
        }
    }
}

fn cannot_listen(address: SocketAddr, source: &io::Error) -> Failure {
    let failure = |reason: &str| Failure::new(format!("cannot listen on {address}: {reason}"));
    let keys = "http.listen and http.internal_listen set the addresses";
    match source.kind() {
        io::ErrorKind::AddrInUse => {
            failure("the address is in use").hint(format!("is rolecall already running? {keys}"))
        }
        io::ErrorKind::AddrNotAvailable => failure("not an address of this machine").hint(keys),
        io::ErrorKind::PermissionDenied => failure("permission denied")
            .hint(format!("ports below 1024 need special privileges; {keys}")),
        _ => failure(&source.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_port_in_use_is_reported_in_one_line_with_a_hint() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = Listeners::bind(address, address).unwrap_err();
        assert_eq!(
            Failure::from(error).to_string(),
            format!(
                "rolecall: error: cannot listen on {address}: the address is in use\n\
                 rolecall: hint: is rolecall already running? \
                 http.listen and http.internal_listen set the addresses\n"
            )
        );
    }
}
