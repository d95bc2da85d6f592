//! Fake servers for the tests of the module `aws`: an HTTP server that sends scripted responses and
//! records the requests, one that never responds, and one that refuses connections.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::net::TcpSocket;
use url::Url;

#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    peer: Option<SocketAddr>,
}

impl Received {
    /// The value of a form field, if it was sent exactly once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.form.iter().filter(|(field, _)| field == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(header, _)| header.eq_ignore_ascii_case(name))
    }
}

#[derive(Clone, Debug)]
pub struct FakeResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl FakeResponse {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Script = dyn Fn(usize, &Received) -> FakeResponse + Send + Sync;

pub struct FakeServer {
    url: Url,
    received: Arc<Mutex<Vec<Received>>>,
    handle: ServerHandle,
}

impl FakeServer {
    /// Starts a server that responds to each request with the result of `script`. The arguments of
    /// `script` are the number of the request, starting from 0, and the request.
    pub fn start(
        script: impl Fn(usize, &Received) -> FakeResponse + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = url_of(listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&received));
        let server = HttpServer::new(move || {
            let (script, log) = (Arc::clone(&script), Arc::clone(&log));
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let response = respond(&*script, &log, &request, &body);
                async move { response }
            }))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("a listener")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            received,
            handle,
        }
    }

    /// Starts a server that sends the same response to every request.
    pub fn always(response: FakeResponse) -> Self {
        Self::start(move |_, _| response.clone())
    }

    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The number of connections over which the requests arrived.
    pub fn connections(&self) -> usize {
        self.received()
            .iter()
            .map(|request| request.peer)
            .collect::<HashSet<_>>()
            .len()
    }

    /// All requests since the start of the server.
    pub fn received(&self) -> Vec<Received> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn respond(
    script: &Script,
    log: &Mutex<Vec<Received>>,
    request: &HttpRequest,
    body: &[u8],
) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let received = Received {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: headers.collect(),
        form: serde_urlencoded::from_bytes(body).unwrap_or_default(),
        peer: request.peer_addr(),
    };
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    let scripted = script(log.len(), &received);
    log.push(received);
    let status = StatusCode::from_u16(scripted.status).expect("a status");
    let mut response = HttpResponse::build(status);
    for header in scripted.headers {
        response.insert_header(header);
    }
    response.body(scripted.body)
}

/// A server that accepts connections but never responds.
pub struct SilentServer(TcpListener);

impl SilentServer {
    pub fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    pub fn url(&self) -> Url {
        url_of(self.0.local_addr().expect("an address"))
    }

    /// The number of connections since the previous call or, for the first call, since the start.
    pub fn knocks(&self) -> usize {
        self.0.set_nonblocking(true).expect("a listener");
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }
}

/// Reserves a port without listening on it, so that connections are refused.
pub struct DeadServer(TcpSocket);

impl DeadServer {
    pub fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(any).expect("a free port");
        Self(socket)
    }

    pub fn url(&self) -> Url {
        url_of(self.0.local_addr().expect("an address"))
    }
}

fn url_of(address: SocketAddr) -> Url {
    format!("http://{address}/").parse().expect("a URL")
}
