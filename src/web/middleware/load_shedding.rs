//! Load shedding: requests that would have to wait too long are refused immediately. Requests from
//! people who are signed in or finishing a sign-in, and AWS's requests for OpenID Connect
//! documents, may wait longer.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::session::{Arrival, SessionToken};
use crate::web::App;
use crate::web::body::awaiting_body;
use crate::web::cookie::cookie;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::request::RequestFacts;
use crate::web::rules::Rules;
use crate::web::surface::InProgress;

/// A request with priority may wait this many times as long as other requests.
const PATIENCE_WITH_BEGUN: u32 = 4;
/// The maximum time for reading the rest of a refused request's body.
const REST_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of bytes after which reading the rest of a refused request's body stops.
const REST_BYTES: usize = 256 * 1024;

/// Measures how long requests wait for their worker.
///
/// A worker is one thread that runs ready tasks in turn. So an empty measuring task is queued and
/// timed: a request that becomes ready at the same moment waits equally long.
#[derive(Clone, Debug, Default)]
pub struct Load {
    queue: Rc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// The time at which the current measuring task was queued, if there is one.
    since: Cell<Option<Instant>>,
    /// How long the last measuring task waited, and when it ran.
    last: Cell<Option<(Duration, Instant)>>,
}

impl Load {
    /// Pretends that requests have just waited this long, and keeps that measurement for an hour.
    #[cfg(test)]
    pub(crate) fn has_waited(&self, waited: Duration) {
        let until = Instant::now() + Duration::from_hours(1);
        self.queue.last.set(Some((waited, until)));
    }

    /// Whether a request would have to wait longer than `limit`. Always false without a limit.
    fn is_too_much(&self, limit: Option<Duration>) -> bool {
        limit.is_some_and(|limit| self.waiting() > limit)
    }

    /// How long a request that is ready now has to wait.
    fn waiting(&self) -> Duration {
        let now = Instant::now();
        let last = self.queue.last.get();
        // A measured wait of n seconds counts for n seconds: after that, the queue has drained.
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

/// Turns away requests that would have to wait longer than `limits.waiting_milliseconds`. Requests
/// with priority may wait `PATIENCE_WITH_BEGUN` times as long.
pub(super) async fn shed_load(
    request: &mut ServiceRequest,
    in_progress: InProgress,
) -> Result<(), WebError> {
    let facts = RequestFacts::of(request.request());
    let (Some(facts), Some(load)) = (facts, request.app_data::<Load>().cloned()) else {
        return Ok(());
    };
    let limit = facts.rules.config.limits.waiting_milliseconds;
    let limit = limit.map(|limit| Duration::from_millis(limit.get().into()));
    if !load.is_too_much(limit) {
        return Ok(());
    }
    let patience = limit.map(|limit| limit * PATIENCE_WITH_BEGUN);
    if has_begun(request.request(), &facts.rules, in_progress).await && !load.is_too_much(patience)
    {
        return Ok(());
    }
    // Read the body and discard it: if the connection were closed while the client is still
    // sending, the response could be lost.
    let awaiting = awaiting_body(request.request());
    let _ = tokio::time::timeout(REST_TIMEOUT, rest(request.take_payload())).await;
    drop(awaiting);
    Err(WebError::BUSY)
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

/// Whether a request has priority, as [`InProgress`] defines it for the URL. Session tokens and
/// one-time codes are looked up in the store, so forged ones have no effect.
async fn has_begun(request: &HttpRequest, rules: &Rules, in_progress: InProgress) -> bool {
    let Some(app) = request.app_data::<Data<App>>() else {
        return false;
    };
    match in_progress {
        InProgress::Never => false,
        InProgress::ByAws => rules.desk.has_issuer(),
        InProgress::WithCode => is_waiting(request, app).await,
        InProgress::WithSession => is_signed_in(request, app).await,
    }
}

async fn is_waiting(request: &HttpRequest, app: &App) -> bool {
    let query = Form::of_query(request).ok();
    let code = query.as_ref().and_then(|query| query.optional("code"));
    match code {
        Some(code) => Arrival::is_waiting(&app.state.store, code)
            .await
            .unwrap_or(false),
        None => false,
    }
}

async fn is_signed_in(request: &HttpRequest, app: &App) -> bool {
    let token = cookie(request, app.state.sessions.cookie_name());
    match token.and_then(SessionToken::from_cookie) {
        Some(token) => app.state.sessions.know(&token).await.unwrap_or(false),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::web::Bytes;
    use futures_util::FutureExt as _;

    use super::*;

    /// Queues a measuring task and advances the clock by `work`, as if the worker had been busy.
    async fn busy_for(load: &Load, work: Duration) {
        let _ = load.waiting();
        let _ = tokio::time::advance(work).now_or_never();
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }

    const LIMIT: Duration = Duration::from_millis(10);

    #[actix_web::test]
    async fn the_time_that_requests_wait_is_measured() {
        tokio::time::pause();
        let load = Load::default();
        assert!(!load.is_too_much(Some(LIMIT)));
        tokio::task::yield_now().await;
        let work = Duration::from_millis(25);
        busy_for(&load, work).await;
        let (waited, _) = load.queue.last.get().expect("the wait was measured");
        assert_eq!(waited, work);
    }

    #[actix_web::test]
    async fn overload_is_detected_while_it_lasts_and_cleared_afterwards() {
        let load = Load::default();
        let long_ago = Instant::now() - Duration::from_hours(1);
        // The measuring task has not run yet, but has already waited too long.
        load.queue.since.set(Some(long_ago));
        assert!(load.is_too_much(Some(LIMIT)));
        load.queue.since.set(None);
        load.has_waited(LIMIT * 2);
        assert!(load.is_too_much(Some(LIMIT)));
        assert!(!load.is_too_much(Some(LIMIT * PATIENCE_WITH_BEGUN)));
        load.queue.last.set(Some((LIMIT * 2, long_ago)));
        assert!(!load.is_too_much(Some(LIMIT)));
    }

    /// A body in pieces of 16 KiB, and a counter of the pieces that have been read.
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
    async fn the_rest_of_a_body_is_drained_up_to_a_limit() {
        let (small, taken) = body(10);
        rest(small).await;
        assert_eq!(taken.get(), 10);
        let (endless, taken) = body(usize::MAX);
        rest(endless).await;
        assert_eq!(taken.get(), REST_BYTES / (16 * 1024) + 1);
    }

    #[actix_web::test]
    async fn without_a_limit_no_request_is_shed() {
        let load = Load::default();
        load.has_waited(Duration::from_hours(1));
        assert!(!load.is_too_much(None));
    }
}
