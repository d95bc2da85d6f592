//! How the program responds to signals: SIGHUP reloads the configuration, SIGTERM ends the program,
//! and SIGUSR1 and SIGUSR2 do nothing.

use std::fs::read_to_string;
use std::io::{ErrorKind, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::credentials::{READER, somebody};
use crate::program::{Service, rolecall};
use crate::support::app::{fields, first_idp};
use crate::support::patience::until;
use crate::support::program::send;
use crate::support::user_agent::UserAgent;

impl Service {
    /// Changes the service's configuration file.
    pub fn change(&self, change: impl FnOnce(String) -> String) {
        let file = self.directory.path().join("rolecall.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, change(text)).unwrap();
    }

    /// The checks that the readiness endpoint reports.
    async fn checks(&self) -> Value {
        let response = reqwest::get(&self.ready).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let text = response.text().await.unwrap();
        let ready: Value = serde_json::from_str(&text).unwrap();
        ready["checks"].clone()
    }
}

#[actix_web::test]
async fn sighup_reads_the_configuration_again_and_signs_nobody_out() {
    let service = Service::start().await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    let before = service.checks().await["rules"].clone();
    let account = "[[account]]\nid = \"111111111111\"\nname = \"Renamed\"\n";
    let listen = "internal_listen = \"127.0.0.1:1\" #";
    service.change(|text| text.replace("internal_listen =", listen) + account);
    service.signal("HUP");
    let checks = until(async || {
        let checks = service.checks().await;
        (checks["rules"] != before)
            .then_some(checks)
            .ok_or("as before")
    })
    .await;
    assert_eq!(checks["need_restart"], json!(["http.internal_listen"]));
    let portal = agent.get(service.at("/")).await;
    assert!(portal.body.contains("Renamed"), "{portal}");
    let (audit, log) = (service.read("stdout"), service.read("stderr"));
    assert!(audit.contains("\"event\":\"rules_reloaded\""), "{audit}");
    assert!(log.contains("the configuration was reloaded"), "{log}");
    assert!(log.contains("http.internal_listen"), "{log}");
}

impl Service {
    /// Changes the configuration, sends SIGHUP, and waits until the reload is done.
    pub async fn reload_with(&self, change: impl FnOnce(String) -> String) {
        let reloads = || {
            let log = self.read("stderr");
            log.matches("the configuration was reloaded").count()
        };
        let before = reloads();
        self.change(change);
        self.signal("HUP");
        until(async || (reloads() > before).then_some(()).ok_or("as before")).await;
    }

    /// The last audit line with this event.
    fn last(&self, event: &str) -> Value {
        let trail = self.read("stdout");
        let mut lines = trail.lines().rev().map(serde_json::from_str::<Value>);
        let is_it = |line: &Value| line["event"] == event;
        lines
            .find_map(|line| line.ok().filter(is_it))
            .unwrap_or_else(|| panic!("no {event} in {trail}"))
    }

    async fn api_roles(&self, agent: &UserAgent) -> Value {
        let page = agent.get(self.at("/api/roles")).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        serde_json::from_str(&page.body).unwrap()
    }
}

/// New rules apply to each person's next request.
#[actix_web::test]
async fn sighup_changes_rights_and_sessions_of_people_who_are_signed_in() {
    let service = Service::start().await;
    let alice = UserAgent::new();
    service.sign_in(&alice, &somebody("alice")).await;
    let before = service.api_roles(&alice).await;
    let granted = "arn:aws:iam::111111111111:role/Granted";
    assert!(!before.to_string().contains(granted), "{before}");
    let grant = format!(
        "[[grant]]\nname = \"more\"\nidp = \"corp\"\nwhen = []\nrole_arns = [\"{granted}\"]\n\
         via = \"assume-role\"\nsession_name = \"{{NameID|local}}\"\n"
    );
    let shorter = "[session]\nmax_age_seconds = 600\n";
    service
        .reload_with(|text| format!("{text}{grant}{shorter}"))
        .await;
    let after = service.api_roles(&alice).await;
    assert!(after.to_string().contains(granted), "{after}");
    let ends = |roles: &Value| roles["expires_at"].as_str().unwrap().to_owned();
    assert!(ends(&after) < ends(&before), "{after}");
    // The new rules require ForceAuthn. Alice's AuthnRequest did not contain it, so she must sign
    // in again to get credentials.
    let anew = "id = \"corp\"\nforce_authn = true";
    service
        .reload_with(|text| text.replacen("id = \"corp\"", anew, 1))
        .await;
    let asked = alice.request(Method::POST, service.at("/api/credentials"));
    let asked = asked.body(json!({ "role_arn": READER }).to_string());
    let page = alice.send(asked).await;
    assert!(page.body.contains("login_required"), "{page}");
    assert!(service.api_roles(&alice).await.is_object());
}

/// If an IdP is removed or replaced, its sessions end, and so do logins in progress at this IdP.
#[actix_web::test]
async fn sighup_ends_sessions_and_logins_of_a_removed_idp() {
    let service = Service::start().await;
    let metadata = first_idp().metadata_xml().unwrap();
    let (name, other) = ("id = \"corp\"", "id = \"corporation\"");
    for cause in ["idp_removed", "idp_replaced"] {
        let (alice, bob) = (UserAgent::new(), UserAgent::new());
        service.sign_in(&alice, &somebody("alice")).await;
        let [field, relay_state] = service.through_the_idp(&bob, &somebody("bob")).await;
        if cause == "idp_replaced" {
            std::fs::write(service.directory.path().join("idp.xml"), &metadata).unwrap();
            service.reload_with(|text| text).await;
        } else {
            service.reload_with(|text| text.replace(name, other)).await;
        }
        let page = alice.get(service.at("/")).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
        assert_eq!(service.last("session_ended")["cause"], cause);
        let form = fields(&field, &relay_state);
        let page = bob.post_form(service.at("/saml/acs"), &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert_eq!(service.last("login_refused")["check"], cause);
        service.reload_with(|text| text.replace(other, name)).await;
    }
}

#[actix_web::test]
async fn sighup_with_mistakes_changes_nothing_and_logs_each_mistake() {
    let service = Service::start().await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    let before = service.checks().await["rules"].clone();
    service.change(|text| format!("colour = 1\n{text}[session]\nmax_age_seconds = 1\n"));
    service.signal("HUP");
    let checks = until(async || {
        let checks = service.checks().await;
        (checks["configuration"] == false)
            .then_some(checks)
            .ok_or("good")
    })
    .await;
    assert_eq!(checks["rules"], before);
    let log = service.read("stderr");
    for key in ["colour", "session.max_age_seconds"] {
        assert!(checks["configuration_problems"].to_string().contains(key));
        assert!(log.contains(key), "{log}");
    }
    assert_eq!(agent.get(service.at("/")).await.status, StatusCode::OK);
}

/// Scripts and supervisors may send SIGHUP, SIGUSR1 and SIGUSR2, so none of these signals may end
/// the service.
#[actix_web::test]
async fn no_other_signal_ends_the_service_even_during_shutdown() {
    let mut service = Service::start().await;
    for _ in 0..5 {
        for name in ["USR1", "USR2", "HUP"] {
            service.signal(name);
        }
    }
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    service.signal("TERM");
    for name in ["HUP", "USR1", "USR2", "HUP"] {
        // The process may have exited by now, so `kill` may fail.
        let id = service.child.id().to_string();
        let _ = Command::new("kill").args([format!("-{name}"), id]).output();
    }
    let status = until(async || service.child.try_wait().unwrap().ok_or("running")).await;
    assert!(status.success(), "{status}: {}", service.read("stderr"));
}

/// SIGHUP, SIGUSR1 and SIGUSR2 do not end the process even while it reads its command line. To keep
/// the process at this point, the test blocks the output of `--help`.
#[actix_web::test]
async fn no_other_signal_ends_the_process_during_startup() {
    let (mut reader, mut full) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    let error = std::io::copy(&mut std::io::repeat(b' '), &mut full).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    full.set_nonblocking(false).unwrap();
    let mut command = rolecall();
    command
        .args(["serve", "--help"])
        .stdout(OwnedFd::from(full));
    let mut child = command.spawn().unwrap();
    // The output ends only after `command`, which has a copy of the socket, is dropped.
    drop(command);
    // One bit per signal: SIGHUP is 1, SIGUSR1 10 and SIGUSR2 12 (proc_pid_status(5), signal(7)).
    let wanted = (1_u64 << 0) | (1 << 9) | (1 << 11);
    until(async || {
        let status = read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mut lines = status.lines();
        let caught = lines.find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
        (caught & wanted == wanted).then_some(()).ok_or(status)
    })
    .await;
    for name in ["HUP", "USR1", "USR2"] {
        send(&child, name);
    }
    let mut help = String::new();
    reader.read_to_string(&mut help).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(help.contains("--config <FILE>"), "{help}");
}

#[actix_web::test]
async fn a_termination_signal_ends_the_service_cleanly() {
    let mut service = Service::start().await;
    service.signal("TERM");
    let status = until(async || service.child.try_wait().unwrap().ok_or("running")).await;
    assert!(status.success(), "{status}: {}", service.read("stderr"));
}
