//! A minimal HTTP/1.1 client with persistent connections, cheap enough not to distort a load test.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// The headers, with their names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to `to` from the loopback address `from`.
    pub async fn open(from: Ipv4Addr, to: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(16_384),
        })
    }

    /// Sends a whole request and reads the whole response.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<Response> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(response) = parse(&self.read)? {
                return Ok(response);
            }
        }
    }

    /// Sends a request and reads a response that has no body. Does not allocate.
    pub async fn send_for_head(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.read.clear();
        while !self.read.ends_with(b"\r\n\r\n") {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(&self.read)
    }
}

/// Parses a whole response; `None` if more bytes are needed.
fn parse(read: &[u8]) -> io::Result<Option<Response>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(read).map_err(io::Error::other)? {
        httparse::Status::Complete(head) => head,
        httparse::Status::Partial => return Ok(None),
    };
    let headers: Vec<_> = response
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value);
            (header.name.to_ascii_lowercase(), value.into_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let body = read.get(head..head + length);
    Ok(body.map(|body| Response {
        status: response.code.unwrap_or_default(),
        body: body.to_vec(),
        headers,
    }))
}

impl Response {
    /// The value of the header `name`; `name` must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// The value of the `Location` header; panics if there is none.
    pub fn location(&self) -> &str {
        let location = self.header("location");
        location.unwrap_or_else(|| panic!("not a redirect: status {}", self.status))
    }

    /// The cookie `name` that the response sets, as `name=value`; panics if there is none.
    pub fn cookie(&self, name: &str) -> String {
        let cookies = self
            .headers
            .iter()
            .filter(|(known, _)| known == "set-cookie");
        let pairs = cookies.filter_map(|(_, value)| value.split(';').next());
        let mut ours = pairs.filter(|pair| {
            pair.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
        });
        ours.next().expect("the cookie is set").to_owned()
    }
}

/// A GET request with this cookie, from a browser that accepts gzip.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n\r\n"
    )
    .into_bytes()
}

/// A POST request with these form fields and this cookie.
pub fn post(path: &str, cookie: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let body = serde_urlencoded::to_string(fields).expect("form fields");
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
