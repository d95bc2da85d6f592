//! The stream of a connection, which reports whether the client sends and reads.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::head_lines::HeadLines;
use crate::web::connection::Connection;

/// A stream with or without TLS.
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(SslStream<TcpStream>),
}

/// A stream that reports to its connection what the client sends and reads, and that refuses heads
/// with line feeds that two HTTP implementations could read differently.
pub(super) struct Watched {
    wire: Wire,
    pub(super) connection: Arc<Connection>,
    lines: HeadLines,
}

impl Watched {
    pub(super) fn new(wire: Wire, connection: Arc<Connection>) -> Self {
        Self {
            wire,
            connection,
            lines: HeadLines::default(),
        }
    }
}

/// Calls a method on the stream, with or without TLS.
macro_rules! on {
    ($watched:expr, $method:ident, $($argument:expr),*) => {
        match &mut $watched.wire {
            Wire::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Wire::Tls(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = on!(self, poll_read, context, buffer);
        if buffer.filled().len() > before {
            if self.connection.received() {
                self.lines.begin();
            }
            self.lines
                .refuse_bare_line_feeds(&mut buffer.filled_mut()[before..]);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = on!(self, poll_write, context, data);
        if written.is_pending() {
            self.connection.is_unread();
        }
        written
    }

    /// actix flushes only after it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = on!(self, poll_flush, context);
        if flushed.is_ready() {
            self.connection.is_read();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, poll_shutdown, context)
    }
}
