//! An STS and a federation endpoint that record all requests and always return the same
//! credentials and the same sign-in token.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::watch;
use tokio::time::timeout;

use super::patience::PATIENCE;

/// The parameters of a request, sorted by name.
pub type Parameters = Vec<(String, String)>;

/// The condition under which the server responds: enough requests have arrived.
#[derive(Clone, Copy)]
struct Gate {
    /// The number of requests received.
    asked: usize,
    /// The number of requests that must arrive before the server responds to any of them.
    wanted: usize,
}

impl Gate {
    fn is_open(&self) -> bool {
        self.asked >= self.wanted
    }
}

pub struct Capture {
    port: u16,
    asked: Arc<Mutex<Vec<Parameters>>>,
    /// The client addresses of the connections.
    peers: Arc<Mutex<HashSet<SocketAddr>>>,
    gate: watch::Sender<Gate>,
    handle: ServerHandle,
}

impl Capture {
    /// Starts a server on a free port. It responds to each request at once.
    pub fn start() -> Self {
        Self::holding(0)
    }

    /// Starts a server on a free port. It responds only after `wanted` requests have arrived or
    /// [`Capture::respond`] has been called.
    pub fn holding(wanted: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let peers = Arc::new(Mutex::new(HashSet::new()));
        let (gate, _) = watch::channel(Gate { asked: 0, wanted });
        let shared = (Arc::clone(&asked), Arc::clone(&peers), gate.clone());
        let server = HttpServer::new(move || {
            let (asked, peers, gate) = shared.clone();
            let handle = move |request: HttpRequest, form: web::Form<Parameters>| {
                let mut parameters = form.into_inner();
                parameters.sort();
                let response = respond(&parameters);
                let mut asked = asked.lock().expect("no panic while locked");
                asked.push(parameters);
                let mut peers = peers.lock().expect("no panic while locked");
                peers.extend(request.peer_addr());
                gate.send_modify(|gate| gate.asked += 1);
                let mut gate = gate.subscribe();
                async move {
                    let _ = gate.wait_for(Gate::is_open).await;
                    let mut ok = HttpResponse::Ok();
                    ok.content_type("text/xml")
                        .insert_header(("x-amzn-requestid", "x"));
                    ok.body(response)
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

    /// The server's base URL.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits for the first request.
    pub async fn begins(&self) {
        let mut gate = self.gate.subscribe();
        let asked = gate.wait_for(|gate| gate.asked > 0);
        drop(timeout(PATIENCE, asked).await.expect("a request"));
    }

    /// The number of requests received.
    pub fn waiting(&self) -> usize {
        self.gate.borrow().asked
    }

    /// Responds to all waiting and future requests.
    pub fn respond(&self) {
        self.gate.send_modify(|gate| gate.wanted = 0);
    }

    /// The client addresses of the requests received since this function was last called.
    pub fn peers(&self) -> HashSet<SocketAddr> {
        std::mem::take(&mut *self.peers.lock().expect("no panic while locked"))
    }

    /// The parameters of each request received since this function was last called.
    pub fn asked(&self) -> Vec<Parameters> {
        std::mem::take(&mut *self.asked.lock().expect("no panic while locked"))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn respond(parameters: &Parameters) -> String {
    let action = parameters.iter().find(|(name, _)| name == "Action");
    let action = action.map_or("", |(_, action)| action);
    if action == "getSigninToken" {
        return r#"{"SigninToken":"x"}"#.to_owned();
    }
    format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/x/x</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>
<SessionToken>x</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>
<DecodedMessage>{{}}</DecodedMessage>
</{action}Result><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{action}Response>"#
    )
}
