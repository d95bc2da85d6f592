//! Too much to do: who cannot be served in good time is told so at once, and those who have begun
//! are served first.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::oidc::{DISCOVERY_PATH, JWKS_PATH};
use crate::session::{Arrival, SessionToken};
use crate::web::App;
use crate::web::context::{Context, cookie};
use crate::web::error::WebError;
use crate::web::form::Form;

/// How much longer requests may wait that belong to something that has begun.
const PATIENCE_WITH_BEGUN: u32 = 4;
/// When to come back: people who were turned away are not to return all at once, nor to give up.
pub const BUSY: WebError = WebError::Busy {
    retry_after_seconds: 5,
};
/// A login ends here.
const FINISH: &str = "/login/finish";
/// Whatever comes along, a login begins here.
const NEW: [&str; 2] = ["/login", "/saml/acs"];
/// AWS asks for these while somebody who is signed in waits for credentials; they cost next to nothing.
const FOR_AWS: [&str; 2] = [DISCOVERY_PATH, JWKS_PATH];
/// How long the rest of a message is waited for, and how much of it, in bytes.
const REST_TIMEOUT: Duration = Duration::from_secs(5);
const REST_BYTES: usize = 256 * 1024;

/// How long requests wait for one worker.
///
/// A worker is one thread that takes whatever is ready in turn. So whoever queues now, and asks for
/// nothing, is back after as long as a request that is ready now waits.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// How long waiting may take; without, nobody is turned away.
    limit: Option<Duration>,
    queue: Rc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// Since when somebody queues.
    since: Cell<Option<Instant>>,
    /// How long the last one did, and until when.
    last: Cell<Option<(Duration, Instant)>>,
}

impl Load {
    /// Of a new worker, for which requests may wait so long.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            queue: Rc::default(),
        }
    }

    /// Whether a request is turned away that may wait `times` as long as the limit.
    fn is_too_much(&self, times: u32) -> bool {
        let limit = self.limit.map(|limit| limit * times);
        limit.is_some_and(|limit| self.waiting() > limit)
    }

    /// How long a request waits that is ready now.
    fn waiting(&self) -> Duration {
        let now = Instant::now();
        let last = self.queue.last.get();
        // What took so long to work off has been worked off after as long again.
        let last = last.filter(|(waited, at)| now.duration_since(*at) <= *waited);
        let last = last.map_or(Duration::ZERO, |(waited, _)| waited);
        if let Some(since) = self.queue.since.get() {
            return last.max(now.duration_since(since));
        }
        self.queue.since.set(Some(now));
        let queue = Rc::clone(&self.queue);
        actix_web::rt::spawn(async move {
            tokio::task::yield_now().await;
            let back = Instant::now();
            queue.last.set(Some((back.duration_since(now), back)));
            queue.since.set(None);
        });
        last
    }
}

/// Turns away whoever would have to wait longer than `limits.waiting_milliseconds`; who is signed in,
/// or about to be, is turned away last.
pub async fn not_too_much(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let load = request.app_data::<Load>().cloned();
    let is_served = match load {
        Some(load) if load.is_too_much(1) => {
            has_begun(&request).await && !load.is_too_much(PATIENCE_WITH_BEGUN)
        }
        _ => true,
    };
    if is_served {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    // A message that is on its way is taken from the line and thrown away: closing the connection
    // before would take the answer with it.
    let _ = tokio::time::timeout(REST_TIMEOUT, rest(request.take_payload())).await;
    let context = request.extract::<Context>().await?;
    let response = BUSY.answer(&context, request.path());
    Ok(request.into_response(response).map_into_right_body())
}

async fn rest(mut payload: Payload) {
    let mut bytes = 0;
    while let Some(Ok(chunk)) = payload.next().await {
        bytes += chunk.len();
        if bytes > REST_BYTES {
            return;
        }
    }
}

/// Whether there is a session, or a login that waits for this browser: anybody may say so, and is asked
/// for it.
async fn has_begun(request: &ServiceRequest) -> bool {
    // As the routes see it, without percent signs.
    let path = request.match_info().as_str();
    let Some(app) = request.app_data::<Data<App>>() else {
        return false;
    };
    if NEW.contains(&path) {
        return false;
    }
    if FOR_AWS.contains(&path) {
        return app.broker.issuer.is_some();
    }
    if path == FINISH {
        let query = Form::of_query(request.request()).ok();
        let code = query.as_ref().and_then(|query| query.optional("code"));
        let Some(code) = code else {
            return false;
        };
        return Arrival::is_waiting(&app.store, code).await.unwrap_or(false);
    }
    let token = cookie(request.request(), app.sessions.cookie_name());
    match token.and_then(SessionToken::from_cookie) {
        Some(token) => app.sessions.know(&token).await.unwrap_or(false),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;
    use actix_web::web::Bytes;
    use futures_util::FutureExt as _;

    use super::*;
    use crate::oidc;
    use crate::session::Prepared;
    use crate::session::arrival::Accepted;
    use crate::session::pending::Next;
    use crate::web::tests::{ada, app};

    /// The worker computes for so many milliseconds; nothing else gets a turn.
    fn compute(milliseconds: u64) {
        let time = Duration::from_millis(milliseconds);
        let _ = tokio::time::advance(time).now_or_never();
    }

    /// A worker with so much to do that each thing waits for so many milliseconds.
    async fn busy_for(load: &Load, milliseconds: u64) {
        let _ = load.waiting();
        compute(milliseconds);
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }

    #[actix_web::test]
    async fn who_has_begun_is_turned_away_last() {
        tokio::time::pause();
        let load = Load::new(Some(Duration::from_millis(10)));
        assert!(!load.is_too_much(1));
        tokio::task::yield_now().await;
        busy_for(&load, 25).await;
        assert!(load.is_too_much(1));
        assert!(!load.is_too_much(PATIENCE_WITH_BEGUN));
        busy_for(&load, 60).await;
        assert!(load.is_too_much(PATIENCE_WITH_BEGUN));
    }

    #[actix_web::test]
    async fn it_is_noticed_while_it_lasts_and_forgotten_when_it_is_over() {
        tokio::time::pause();
        let load = Load::new(Some(Duration::from_millis(10)));
        assert!(!load.is_too_much(1));
        // Nobody has come back, and that alone has taken too long.
        compute(25);
        assert!(load.is_too_much(1));
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(!load.is_too_much(1));
    }

    /// A body in pieces of 16 KiB, and how many of them were taken.
    fn body(pieces: usize) -> (Payload, Rc<Cell<usize>>) {
        let taken = Rc::new(Cell::new(0));
        let counted = Rc::clone(&taken);
        let pieces = futures_util::stream::iter(0..pieces).map(move |_| {
            counted.set(counted.get() + 1);
            Ok(Bytes::from_static(&[0; 16 * 1024]))
        });
        let payload = pieces.boxed_local();
        (Payload::Stream { payload }, taken)
    }

    #[actix_web::test]
    async fn the_rest_of_a_message_is_taken_from_the_line_within_bounds() {
        let (small, taken) = body(10);
        rest(small).await;
        assert_eq!(taken.get(), 10);
        let (endless, taken) = body(usize::MAX);
        rest(endless).await;
        assert_eq!(taken.get(), REST_BYTES / (16 * 1024) + 1);
    }

    #[actix_web::test]
    async fn whoever_says_to_have_begun_is_not_believed() {
        let app = Data::new(app());
        let person = ada();
        let now = app.clock.now();
        let prepared = Prepared::new(&person).unwrap();
        let begun = app.sessions.begin(prepared, now).await.unwrap();
        let token = begun.expect("a new one");
        let ours = app.sessions.cookie(&token);
        let mut forged = ours.clone();
        forged.set_value("A".repeat(43));
        let arrival = Arrival {
            session: Prepared::new(&person).unwrap(),
            browser: String::new(),
            accepted: Accepted {
                person: person.person,
                assertion_id: String::new(),
                unsolicited: false,
                roles: 0,
                grants: Vec::new(),
                dropped: Vec::new(),
                dropped_beyond: 0,
            },
            next: Next::Page("/".to_owned()),
        };
        let code = arrival.keep(&app.store).await.unwrap();
        let finish = format!("/login/finish?code={code}");
        for (uri, cookie, has) in [
            ("/", Some(&ours), true),
            ("/static/app.css", Some(&ours), true),
            ("/", Some(&forged), false),
            ("/", None, false),
            ("/saml/slo", None, false),
            (&finish, None, true),
            ("/login/finish?code=x", None, false),
            ("/login/finish", Some(&ours), false),
            ("/saml/acs", Some(&ours), false),
            // It issues nothing.
            (JWKS_PATH, None, false),
            ("/saml/%61cs", Some(&ours), false),
            ("/login?idp=corp", Some(&ours), false),
        ] {
            let mut request = TestRequest::with_uri(uri).app_data(app.clone());
            if let Some(cookie) = cookie {
                let pair = format!("{}={}", cookie.name(), cookie.value());
                request = request.insert_header((header::COOKIE, pair));
            }
            assert_eq!(has_begun(&request.to_srv_request()).await, has, "{uri}");
        }
    }

    /// While somebody who is signed in waits for credentials.
    #[actix_web::test]
    async fn aws_is_as_patient_as_whoever_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        oidc::tests::write(&key, 2_048);
        let mut app = app();
        app.broker.issuer = Some(oidc::tests::issuer(vec![key]).unwrap());
        let app = Data::new(app);
        for path in FOR_AWS {
            let request = TestRequest::with_uri(path).app_data(app.clone());
            assert!(has_begun(&request.to_srv_request()).await, "{path}");
        }
    }

    #[actix_web::test]
    async fn without_a_limit_nobody_is_turned_away() {
        tokio::time::pause();
        let load = Load::new(None);
        busy_for(&load, 25).await;
        assert!(!load.is_too_much(1));
    }
}
