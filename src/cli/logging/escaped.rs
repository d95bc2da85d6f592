//! Escapes the characters in log lines that could make one value look like another, wherever the
//! value comes from.

use std::borrow::Cow;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// How the text of a line is escaped.
type Escape = fn(&str) -> Cow<'_, str>;

/// Makes writers that escape each line before another writer gets it. The subscriber writes each
/// line at once.
#[derive(Clone)]
pub(super) struct Escaped<W> {
    inner: W,
    escape: Escape,
}

impl<W> Escaped<W> {
    pub(super) fn new(inner: W, escape: Escape) -> Self {
        Self { inner, escape }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Escaped<W> {
    type Writer = Escaped<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Escaped::new(self.inner.make_writer(), self.escape)
    }
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.inner.write_all((self.escape)(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
