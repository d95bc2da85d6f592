//! An STS that keeps what it is asked, and gives everybody the same.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};

/// The parameters of a request, in the order of their names.
pub type Parameters = Vec<(String, String)>;

/// The server.
pub struct Capture {
    port: u16,
    asked: Arc<Mutex<Vec<Parameters>>>,
    handle: ServerHandle,
}

impl Capture {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let server = HttpServer::new(move || {
            let log = Arc::clone(&log);
            App::new().default_service(web::to(move |form: web::Form<Parameters>| {
                let mut parameters = form.into_inner();
                parameters.sort();
                let answer = answer(&parameters);
                log.lock().expect("nobody panics with it").push(parameters);
                async move { HttpResponse::Ok().content_type("text/xml").body(answer) }
            }))
        });
        let server = server.workers(1).disable_signals().listen(listener);
        let server = server.expect("a listener").run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            port,
            asked,
            handle,
        }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
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
