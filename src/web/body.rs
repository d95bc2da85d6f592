//! Request bodies, with limits on the size of each body and of all bodies together.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
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
use super::error::WebError;
use super::limits::Share;

/// How long a client may take to send a body. This is enough for the largest body on a slow line.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take to send a body while all bodies together use more than half of their
/// memory limit. This is enough for a typical body on a slow line.
const TIMEOUT_IN_A_CROWD: Duration = Duration::from_secs(3);
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
        let share = Share::of(app.map(|app| app.bodies.clone()).unwrap_or_default());
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let is_form = request.content_type() == FORM;
        let payload = payload.take();
        Box::pin(async move {
            let bytes = if length.is_some_and(|length| length > most) {
                Err(WebError::TooLarge)
            } else {
                read(payload, most, share).await
            };
            Ok(Self { bytes, is_form })
        })
    }
}

async fn read(mut payload: Payload, most: usize, mut share: Share) -> Result<Bytes, WebError> {
    let begun = Instant::now();
    let mut octets = BytesMut::new();
    loop {
        let piece = tokio::time::timeout(LOOK, payload.next()).await;
        let taken = begun.elapsed();
        if taken > TIMEOUT || taken > TIMEOUT_IN_A_CROWD && share.bodies.is_crowd() {
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
    use crate::web::limits::{BODIES_BYTES, Bodies, CROWD_BYTES};

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
        let bodies = Bodies::default();
        let whole = read(pieces(4, true), 64 * 1024, share(&bodies)).await;
        assert_eq!(whole.expect("the body is not too large").len(), 64 * 1024);
        let larger = read(pieces(4, true), 64 * 1024 - 1, share(&bodies)).await;
        assert!(matches!(larger, Err(WebError::TooLarge)));
        assert_eq!(bodies.0.load(Ordering::Relaxed), 0);
    }

    #[actix_web::test]
    async fn under_load_slow_bodies_time_out_sooner() {
        tokio::time::pause();
        for (others, seconds) in [(0, 30), (CROWD_BYTES + 1, 3)] {
            let bodies = Bodies::default();
            bodies.0.store(others, Ordering::Relaxed);
            let begun = Instant::now();
            let slow = read(pieces(1, false), 64 * 1024, share(&bodies)).await;
            assert!(matches!(slow, Err(WebError::BadRequest(BadRequest::Slow))));
            let taken = begun.elapsed().as_secs();
            assert!((seconds..=seconds + 1).contains(&taken), "{taken} seconds");
        }
    }

    #[actix_web::test]
    async fn all_bodies_together_stay_within_the_memory_limit() {
        let bodies = Bodies::default();
        bodies.0.store(BODIES_BYTES - 32 * 1024, Ordering::Relaxed);
        let small = read(pieces(1, true), 1 << 20, share(&bodies)).await;
        assert!(small.is_ok());
        let large = read(pieces(60, true), 1 << 20, share(&bodies)).await;
        assert!(matches!(large, Err(WebError::Busy { .. })));
        // The memory of the large body has been released.
        assert_eq!(bodies.0.load(Ordering::Relaxed), BODIES_BYTES - 32 * 1024);
    }
}
