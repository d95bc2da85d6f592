//! The two HTTP servers: the public one with its limits, and the internal one.

use std::net::TcpListener;
use std::num::{NonZeroU32, NonZeroUsize};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, Service as _};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use openssl::ssl::SslAcceptorBuilder;

use super::connections::{Connection, Connections, InHand};
use crate::config::Limits;
use crate::routes;
use crate::web::App;
use crate::web::middleware::{Load, SecurityHeaders, with_request_id};

/// How long requests may go on after the signal to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 20;
/// How long a connection is kept between requests.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// A time-out that is none.
const FOREVER: Duration = Duration::from_hours(365 * 24);
/// A number of connections that is never reached.
const NO_LIMIT: usize = 10_000_000;

/// Where the public comes in, and how many at a time.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<SslAcceptorBuilder>,
    pub(super) connections: Connections,
    pub(super) limits: Limits,
}

/// For people.
pub(super) fn public(
    app: Data<App>,
    headers: SecurityHeaders,
    door: Door,
) -> std::io::Result<Server> {
    let Door {
        listener,
        tls,
        connections,
        limits,
    } = door;
    let message_bytes = limits.body_bytes.map_or(usize::MAX, size);
    let head = limits.header_seconds.map_or(Duration::ZERO, seconds);
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let connections_each = limits
        .connections
        .map_or(NO_LIMIT, |limit| size(limit).div_ceil(workers));
    let waiting = limits.waiting_milliseconds.map(milliseconds);
    let server = HttpServer::new(move || {
        let headers = Rc::new(headers.clone());
        ActixApp::new()
            .app_data(app.clone())
            .app_data(Load::new(waiting))
            .configure(|config| routes::public(config, message_bytes))
            .wrap_fn(move |request, service| {
                let headers = Rc::clone(&headers);
                let response = service.call(request);
                async move {
                    let mut response = response.await?;
                    headers.apply(response.headers_mut());
                    Ok(response)
                }
            })
            .wrap(from_fn(with_request_id))
            .wrap_fn(|request, service| {
                let connection = request.conn_data::<Arc<Connection>>();
                let in_hand = connection.map(InHand::new);
                let response = service.call(request);
                async move {
                    let response = response.await;
                    drop(in_hand);
                    response
                }
            })
    });
    let server = server
        .workers(workers)
        .on_connect(move |stream, data| {
            if let Some(connection) = connections.note(stream) {
                data.insert(connection);
            }
        })
        .client_request_timeout(head)
        .max_connections(connections_each)
        .max_connection_rate(connections_each)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let server = match tls {
        Some(tls) => server
            .tls_handshake_timeout(if head.is_zero() { FOREVER } else { head })
            .listen_openssl(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// A bound in seconds.
pub(super) fn seconds(limit: NonZeroU32) -> Duration {
    Duration::from_secs(limit.get().into())
}

fn milliseconds(limit: NonZeroU32) -> Duration {
    Duration::from_millis(limit.get().into())
}

pub(super) fn size(limit: NonZeroU32) -> usize {
    usize::try_from(limit.get()).unwrap_or(usize::MAX)
}

/// For the machine's monitoring.
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
