//! An STS that keeps what it is asked, and gives everybody the same.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::Barrier;

/// The parameters of a request, in the order of their names.
pub type Parameters = Vec<(String, String)>;

/// The server.
pub struct Capture {
    port: u16,
    asked: Arc<Mutex<Vec<Parameters>>>,
    /// The other ends of the connections that it was asked by.
    peers: Arc<Mutex<HashSet<SocketAddr>>>,
    gate: Arc<Barrier>,
    handle: ServerHandle,
}

impl Capture {
    /// Starts one on a free port.
    pub fn start() -> Self {
        Self::holding(1)
    }

    /// One that answers nobody before so many wait for it; [`Capture::join`] is one of them.
    pub fn holding(count: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let peers = Arc::new(Mutex::new(HashSet::new()));
        let gate = Arc::new(Barrier::new(count));
        let shared = (Arc::clone(&asked), Arc::clone(&peers), Arc::clone(&gate));
        let server = HttpServer::new(move || {
            let (asked, peers, gate) = shared.clone();
            let handle = move |request: HttpRequest, form: web::Form<Parameters>| {
                let mut parameters = form.into_inner();
                parameters.sort();
                let answer = answer(&parameters);
                let mut asked = asked.lock().expect("nobody panics with it");
                asked.push(parameters);
                let mut peers = peers.lock().expect("nobody panics with it");
                peers.extend(request.peer_addr());
                let gate = Arc::clone(&gate);
                async move {
                    gate.wait().await;
                    HttpResponse::Ok().content_type("text/xml").body(answer)
                }
            };
            App::new().default_service(web::to(handle))
        });
        let server = server.workers(1).disable_signals().listen(listener);
        let server = server.expect("a listener").run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            port,
            asked,
            peers,
            gate,
            handle,
        }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it answers: until the others are there.
    pub async fn join(&self) {
        self.gate.wait().await;
    }

    /// How many connections it was asked by.
    pub fn connections(&self) -> usize {
        self.peers.lock().expect("nobody panics with it").len()
    }

    /// What it was asked since the last time.
    pub fn asked(&self) -> Vec<Parameters> {
        std::mem::take(&mut *self.asked.lock().expect("nobody panics with it"))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn answer(parameters: &Parameters) -> String {
    let action = parameters.iter().find(|(name, _)| name == "Action");
    let action = action.map_or("", |(_, action)| action);
    format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/x/x</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>
<SessionToken>x</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>
</{action}Result><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{action}Response>"#
    )
}
