//! What happens to a connection of the public listener between accepting and closing it: it gets a
//! place in the list of open connections, completes the TLS handshake if TLS is configured, and is
//! served by actix until either side closes it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_service::{Service, ServiceFactory};
use futures_util::future::LocalBoxFuture;
use openssl::ssl::{Ssl, SslAcceptor};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::connections::Connections;
use super::watched::{Watched, Wire};
use crate::web::connection::Connection;

/// How TLS is accepted.
#[derive(Clone)]
pub(super) struct Handshakes {
    pub(super) acceptor: SslAcceptor,
    /// How long a handshake may take; `None` means any time.
    pub(super) time: Option<Duration>,
}

/// The service factory that serves connections with `http`, for each worker.
pub(super) struct Door<F> {
    pub(super) http: F,
    pub(super) tls: Option<Handshakes>,
    pub(super) connections: Connections,
}

/// A worker's service that serves connections.
pub(super) struct OpenDoor<S> {
    http: Rc<S>,
    tls: Option<Handshakes>,
    connections: Connections,
}

/// A connection as actix's HTTP service takes it.
pub(super) type Accepted = (Watched, Option<SocketAddr>);

impl<F> ServiceFactory<TcpStream> for Door<F>
where
    F: ServiceFactory<Accepted, Config = (), Response = ()>,
    F::Service: 'static,
    F::Future: 'static,
{
    type Response = ();
    type Error = F::Error;
    type Config = ();
    type Service = OpenDoor<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, _no_config: ()) -> Self::Future {
        let http = self.http.new_service(());
        let (tls, connections) = (self.tls.clone(), self.connections.clone());
        Box::pin(async move {
            let http = Rc::new(http.await?);
            Ok(OpenDoor {
                http,
                tls,
                connections,
            })
        })
    }
}

impl<S> Service<TcpStream> for OpenDoor<S>
where
    S: Service<Accepted, Response = ()> + 'static,
{
    type Response = ();
    type Error = S::Error;
    type Future = LocalBoxFuture<'static, Result<(), S::Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.http.poll_ready(context)
    }

    fn call(&self, stream: TcpStream) -> Self::Future {
        let peer = stream.peer_addr().ok();
        let Some(place) = self.connections.admit(peer, self.tls.is_some()) else {
            return Box::pin(async { Ok(()) });
        };
        let (http, tls) = (Rc::clone(&self.http), self.tls.clone());
        Box::pin(async move {
            let connection = Arc::clone(&place.connection);
            let serve = async {
                match wire(stream, tls, &connection).await {
                    Some(wire) => {
                        let watched = Watched::new(wire, Arc::clone(&connection));
                        http.call((watched, peer)).await
                    }
                    None => Ok(()),
                }
            };
            tokio::select! {
                biased;
                () = connection.is_closed() => Ok(()),
                served = serve => served,
            }
        })
    }
}

/// Completes the TLS handshake, if TLS is configured. Returns `None` if the handshake fails or
/// takes too long.
async fn wire(stream: TcpStream, tls: Option<Handshakes>, connection: &Connection) -> Option<Wire> {
    let Some(Handshakes { acceptor, time }) = tls else {
        return Some(Wire::Plain(stream));
    };
    let ssl = Ssl::new(acceptor.context()).ok()?;
    let mut stream = SslStream::new(ssl, stream).ok()?;
    let handshake = Pin::new(&mut stream).accept();
    match time {
        Some(time) => tokio::time::timeout(time, handshake).await.ok()?.ok()?,
        None => handshake.await.ok()?,
    }
    connection.is_secured();
    Some(Wire::Tls(stream))
}
