//! Clients that hold connections without finishing what they have begun.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openssl::ssl::{Ssl, SslContext, SslMethod};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_openssl::SslStream;

use super::patience::until;

/// What the clients leave unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// They send nothing at all.
    Nothing,
    /// They send the beginning of a TLS handshake.
    Handshake,
    /// They send the beginning of a request head.
    Head,
    /// They complete a request, and then send the beginning of the next head.
    SecondHead,
    /// They send a request head and the beginning of the body.
    Body,
    /// They send requests without reading the responses.
    Responses,
}

/// The pause between two octets, and between two connections.
const PAUSE: Duration = Duration::from_millis(500);
const REQUEST: &[u8] = b"GET /static/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n";
const HEAD: &[u8] = b"GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
const BODY: &[u8] = b"POST /credentials HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\n";
/// The first octets of a ClientHello: a record of 512 octets that never ends.
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

/// A stream with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connects to `to` from the loopback address `from`.
pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Completes a TLS handshake without verifying the certificate.
pub async fn secured(stream: TcpStream) -> Option<SslStream<TcpStream>> {
    // A connector with the system's root certificates would read them for every connection.
    static CONTEXT: OnceLock<SslContext> = OnceLock::new();
    let context = CONTEXT.get_or_init(|| {
        let context = SslContext::builder(SslMethod::tls_client());
        context.expect("OpenSSL has TLS").build()
    });
    let mut stream = SslStream::new(Ssl::new(context).ok()?, stream).ok()?;
    Pin::new(&mut stream).connect().await.ok()?;
    Some(stream)
}

/// A siege: clients from several addresses.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The number of addresses.
    pub addresses: u8,
    /// The number of connections from each address.
    pub connections: usize,
    /// What the clients leave unfinished.
    pub unfinished: Unfinished,
    /// Whether the clients complete a TLS handshake first.
    pub is_tls: bool,
}

/// Clients that open their connections again whenever they are closed. The siege ends when this
/// value is dropped.
pub struct Siege {
    _clients: JoinSet<()>,
}

impl Plan {
    /// Begins the siege, and waits until there have been as many attempts to connect as there are
    /// clients.
    pub async fn begin(self, to: SocketAddr) -> Siege {
        let attempts = Arc::new(AtomicUsize::new(0));
        let mut clients = JoinSet::new();
        for client in 0..self.addresses {
            let from = Ipv4Addr::new(127, 0, 0, 2 + client);
            for _ in 0..self.connections {
                let attempts = Arc::clone(&attempts);
                clients.spawn(async move {
                    loop {
                        let _ = self.hold(from, to, &attempts).await;
                        tokio::time::sleep(PAUSE).await;
                    }
                });
            }
        }
        let all = usize::from(self.addresses) * self.connections;
        until(async || {
            let attempts = attempts.load(Ordering::Relaxed);
            (attempts >= all).then_some(()).ok_or(attempts)
        })
        .await;
        Siege { _clients: clients }
    }

    /// Opens a connection and holds it until it is closed.
    async fn hold(
        self,
        from: Ipv4Addr,
        to: SocketAddr,
        attempts: &AtomicUsize,
    ) -> std::io::Result<()> {
        let stream = connect(from, to).await;
        attempts.fetch_add(1, Ordering::Relaxed);
        if !self.is_tls {
            return trickle(stream?, self.unfinished).await;
        }
        match secured(stream?).await {
            Some(stream) => trickle(stream, self.unfinished).await,
            None => Ok(()),
        }
    }
}

async fn trickle(mut stream: impl Stream, what: Unfinished) -> std::io::Result<()> {
    match what {
        Unfinished::Nothing => {
            stream.read_to_end(&mut Vec::new()).await?;
            return Ok(());
        }
        Unfinished::Responses => {
            stream.write_all(&REQUEST.repeat(300)).await?;
            std::future::pending::<()>().await;
        }
        Unfinished::Handshake => stream.write_all(HELLO).await?,
        Unfinished::Head => stream.write_all(HEAD).await?,
        Unfinished::Body => stream.write_all(BODY).await?,
        Unfinished::SecondHead => {
            stream.write_all(REQUEST).await?;
            let _ = stream.read(&mut [0; 64]).await?;
            stream.write_all(HEAD).await?;
        }
    }
    let mut buffer = vec![0; 16 * 1024];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                if read? == 0 {
                    return Ok(());
                }
            }
            () = tokio::time::sleep(PAUSE) => stream.write_all(b"a").await?,
        }
    }
}
