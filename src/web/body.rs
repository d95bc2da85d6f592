//! Request bodies, with limits on the size of each body and of all bodies together.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::App;
use super::bad_request::BadRequest;
use super::connection::{AwaitingBody, Connection};
use super::error::WebError;
use super::limits::{Bodies, Share};

/// How long a client may take to send a body. This is enough for the largest body on a slow line.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take to send a body while the bodies of all clients are very many or use
/// more than half of their memory limit. This is enough for a typical body on a slow line.
const TIMEOUT_IN_A_CROWD: Duration = Duration::from_secs(3);
/// The time after which a body must arrive at [`BYTES_A_SECOND`].
const GRACE: Duration = Duration::from_secs(10);
/// The minimum number of bytes for each second after [`GRACE`]. The slowest mobile networks are
/// faster.
const BYTES_A_SECOND: u64 = 1024;
/// How often the time limits are checked while no data arrives.
const LOOK: Duration = Duration::from_secs(1);
/// The media type of forms that browsers send (saml-bindings 3.5.4).
const FORM: &str = "application/x-www-form-urlencoded";

/// The largest body that a resource accepts, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct LargestBody(pub usize);

/// A request's body, or the error that occurred while the body was read. The handler receives the
/// error, so that the response has the format of the URL's surface.
pub struct Body {
    bytes: Result<Bytes, WebError>,
    /// Whether the Content-Type is that of a form.
    pub is_form: bool,
}

impl Body {
    /// Returns the bytes, or the error that occurred while they were read.
    pub fn bytes(self) -> Result<Bytes, WebError> {
        self.bytes
    }
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let most = request.app_data::<LargestBody>().map_or(0, |most| most.0);
        let app = request.app_data::<Data<App>>();
        let bodies = app.map_or_else(|| Bodies::on(None), |app| app.bodies.clone());
        let awaiting = awaiting_body(request);
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let is_form = request.content_type() == FORM;
        let payload = payload.take();
        Box::pin(async move {
            let bytes = if length.is_some_and(|length| length > most) {
                Err(WebError::TooLarge)
            } else {
                read(payload, most, Share::of(bodies)).await
            };
            drop(awaiting);
            Ok(Self { bytes, is_form })
        })
    }
}

/// Tells the request's connection that the request waits for its client, until the returned value
/// is dropped.
pub fn awaiting_body(request: &HttpRequest) -> Option<AwaitingBody> {
    let connection = request.conn_data::<Arc<Connection>>();
    connection.map(AwaitingBody::new)
}

async fn read(mut payload: Payload, most: usize, mut share: Share) -> Result<Bytes, WebError> {
    let begun = Instant::now();
    let mut octets = BytesMut::new();
    loop {
        let piece = tokio::time::timeout(LOOK, payload.next()).await;
        let taken = begun.elapsed();
        if is_too_slow(octets.len(), taken, &share.bodies) {
            return Err(BadRequest::Slow.into());
        }
        let piece = match piece {
            Err(_) => continue,
            Ok(None) => return Ok(octets.freeze()),
            Ok(Some(piece)) => piece.map_err(|error| unreadable(&error))?,
        };
        if octets.len() + piece.len() > most {
            return Err(WebError::TooLarge);
        }
        octets.extend_from_slice(&piece);
        if !share.grow(octets.capacity()) {
            return Err(WebError::BUSY);
        }
    }
}

/// Whether a body of which `octets` have arrived in the time `taken` takes too long.
fn is_too_slow(octets: usize, taken: Duration, bodies: &Bodies) -> bool {
    let due = taken.saturating_sub(GRACE).as_secs() * BYTES_A_SECOND;
    let is_behind = u64::try_from(octets).is_ok_and(|octets| octets < due);
    is_behind || taken > TIMEOUT || taken > TIMEOUT_IN_A_CROWD && bodies.is_crowd()
}

fn unreadable(error: &PayloadError) -> WebError {
    match error {
        PayloadError::Overflow => WebError::TooLarge,
        _ => BadRequest::Unreadable.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use futures_util::stream;

    use super::*;
    use crate::web::limits::{BODIES_BYTES, CROWD, CROWD_BYTES};

    const PIECE: Bytes = Bytes::from_static(&[b'a'; 16 * 1024]);

    fn share(bodies: &Bodies) -> Share {
        Share::of(bodies.clone())
    }

    /// A payload that either ends or stalls after `count` pieces.
    fn pieces(count: usize, ends: bool) -> Payload {
        let pieces = stream::iter((0..count).map(|_| Ok(PIECE)));
        let payload = if ends {
            pieces.boxed_local()
        } else {
            pieces.chain(stream::pending()).boxed_local()
        };
        Payload::Stream { payload }
    }

    #[actix_web::test]
    async fn a_body_may_be_as_large_as_its_limit() {
        let bodies = Bodies::on(None);
        let whole = read(pieces(4, true), 64 * 1024, share(&bodies)).await;
        assert_eq!(whole.expect("the body is not too large").len(), 64 * 1024);
        let larger = read(pieces(4, true), 64 * 1024 - 1, share(&bodies)).await;
        assert!(matches!(larger, Err(WebError::TooLarge)));
        assert_eq!(bodies.bytes().load(Ordering::Relaxed), 0);
    }

    /// How long a body may stall after its first piece, in seconds.
    async fn patience(bodies: &Bodies) -> u64 {
        let begun = Instant::now();
        let slow = read(pieces(1, false), 64 * 1024, share(bodies)).await;
        assert!(matches!(slow, Err(WebError::BadRequest(BadRequest::Slow))));
        begun.elapsed().as_secs()
    }

    #[actix_web::test]
    async fn under_load_slow_bodies_time_out_sooner() {
        tokio::time::pause();
        let alone = Bodies::on(None);
        // A piece of 16 KiB is enough for 16 seconds after the grace period.
        assert!((26..=28).contains(&patience(&alone).await));
        let large = Bodies::on(None);
        large.bytes().store(CROWD_BYTES + 1, Ordering::Relaxed);
        assert!((3..=4).contains(&patience(&large).await));
        let many = Bodies::on(None);
        let others: Vec<_> = (0..CROWD).map(|_| share(&many)).collect();
        assert!((3..=4).contains(&patience(&many).await));
        drop(others);
        assert!((26..=28).contains(&patience(&many).await));
    }

    #[actix_web::test]
    async fn a_body_needs_a_minimum_rate_after_a_while() {
        tokio::time::pause();
        for (octets_a_second, allowed) in [(1, false), (500, false), (2_000, true)] {
            let pieces = stream::unfold(0, move |second: u32| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let piece = Bytes::from(vec![b'a'; octets_a_second]);
                (second < 25).then_some((Ok(piece), second + 1))
            });
            let payload = pieces.boxed_local();
            let begun = Instant::now();
            let whole = read(
                Payload::Stream { payload },
                1 << 20,
                share(&Bodies::on(None)),
            )
            .await;
            assert_eq!(whole.is_ok(), allowed, "{octets_a_second}");
            assert!(begun.elapsed() >= GRACE, "{octets_a_second}");
        }
    }

    #[actix_web::test]
    async fn all_bodies_together_stay_within_the_memory_limit() {
        let bodies = Bodies::on(None);
        bodies
            .bytes()
            .store(BODIES_BYTES - 32 * 1024, Ordering::Relaxed);
        let small = read(pieces(1, true), 1 << 20, share(&bodies)).await;
        assert!(small.is_ok());
        let large = read(pieces(60, true), 1 << 20, share(&bodies)).await;
        assert!(matches!(large, Err(WebError::Busy { .. })));
        // The memory of the large body has been released.
        assert_eq!(
            bodies.bytes().load(Ordering::Relaxed),
            BODIES_BYTES - 32 * 1024
        );
    }
}
