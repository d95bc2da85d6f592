//! The public and the internal listener, and their HTTP servers. The configured limits apply only
//! to the public server.

use std::net::{SocketAddr, TcpListener};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use openssl::ssl::SslAcceptor;
use socket2::{Domain, Socket, Type};

use super::BuildError;
use super::connections::Connections;
use super::door::{Door, Handshakes};
use super::watched::Watched;
use crate::config::Limits;
use crate::routes;
use crate::web::App;
use crate::web::middleware::{Load, with_connection, with_request_facts};

/// When the service stops, requests in progress at the public server get this many seconds to
/// complete.
const SHUTDOWN_SECONDS: u64 = 18;
/// How long a connection may stay open between requests.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long actix waits for a client to close its side of a connection.
const DISCONNECT: Duration = Duration::from_secs(1);
/// A number of connections that is never reached.
const NO_LIMIT: usize = 10_000_000;

/// The maximum number of connections that wait to be accepted, unless the operating system's own
/// limit is lower. Beyond the limit, the system drops new connections, and clients retry a second
/// later. The standard library's default is only 128, which an attacker can easily exceed.
const WAITING_CONNECTIONS: i32 = 4_096;

/// The two listeners: the public one for people and their tools, and the internal one for
/// monitoring.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    internal: TcpListener,
}

impl Listeners {
    /// Binds the public and the internal address.
    pub fn bind(public: SocketAddr, internal: SocketAddr) -> Result<Self, BuildError> {
        let bind =
            |address| listen(address).map_err(|source| BuildError::Listen { address, source });
        Ok(Self {
            public: bind(public)?,
            internal: bind(internal)?,
        })
    }

    /// The public and the internal address. If port 0 was configured for one of them, the returned
    /// address contains the port that the operating system chose.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.public.local_addr()?, self.internal.local_addr()?))
    }

    pub(super) fn into_parts(self) -> (TcpListener, TcpListener) {
        (self.public, self.internal)
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Allows a restart while closed connections of the previous process are still in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING_CONNECTIONS)?;
    Ok(socket.into())
}

/// The arguments of [`public`], except the application.
pub(super) struct Public {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<SslAcceptor>,
    pub(super) connections: Connections,
    pub(super) limits: Limits,
}

/// Builds the public server, for people and their tools.
pub(super) fn public(app: Data<App>, people: Public) -> std::io::Result<Server> {
    let Public {
        listener,
        tls,
        connections,
        limits,
    } = people;
    let message_bytes = limits.body_bytes.map_or(usize::MAX, size);
    let head = limits.header_seconds.map(seconds);
    let tls = tls.map(|acceptor| Handshakes {
        acceptor,
        time: head,
    });
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let connections_each = limits
        .connections
        .map_or(NO_LIMIT, |limit| size(limit).div_ceil(workers));
    let server = Server::build();
    let stopping = server.graceful_shutdown_signal();
    let server = server
        .workers(workers)
        .max_concurrent_connections(connections_each)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let server = server.listen("public", listener, move || {
        let application = ActixApp::new()
            .app_data(app.clone())
            .app_data(Load::default())
            .configure(|config| routes::public(config, message_bytes))
            .wrap(from_fn(with_connection))
            .wrap(from_fn(with_request_facts));
        let application = application
            .into_factory()
            .map_err(|error: actix_web::Error| error.error_response());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(head.unwrap_or(Duration::ZERO))
            .client_disconnect_timeout(DISCONNECT)
            .on_connect_ext(|watched: &Watched, data| {
                data.insert(Arc::clone(&watched.connection));
            })
            .h1(map_config(application, |()| AppConfig::default()));
        Door {
            http,
            tls: tls.clone(),
            connections: connections.clone(),
        }
    })?;
    Ok(server.run())
}

pub(super) fn seconds(limit: NonZeroU32) -> Duration {
    Duration::from_secs(limit.get().into())
}

pub(super) fn size(limit: NonZeroU32) -> usize {
    usize::try_from(limit.get()).unwrap_or(usize::MAX)
}

/// Builds the internal server, for monitoring.
pub(super) fn internal(app: Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .configure(routes::internal)
    });
    let server = server
        .workers(1)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
