//! A reader that stands still.

use std::io::{self, ErrorKind, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::thread::{self, JoinHandle};

/// A connection whose reader stands still: the next write blocks.
pub struct Stalled {
    reader: UnixStream,
    writer: UnixStream,
}

impl Stalled {
    pub fn new() -> Self {
        let (reader, mut writer) = UnixStream::pair().unwrap();
        writer.set_nonblocking(true).unwrap();
        let error = io::copy(&mut io::repeat(b'\n'), &mut writer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        // The child has the same open file, so it must block again.
        writer.set_nonblocking(false).unwrap();
        Self { reader, writer }
    }

    pub fn output(&self) -> Stdio {
        OwnedFd::from(self.writer.try_clone().unwrap()).into()
    }

    /// Starts to read. Returns everything that was written when the program has ended.
    pub fn read(self) -> JoinHandle<String> {
        let Self { mut reader, writer } = self;
        drop(writer);
        thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            text
        })
    }
}
