//! The middleware that tells a connection about its requests.

use std::sync::Arc;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::web::client::counted_client;
use crate::web::connection::{Connection, InHand};
use crate::web::request::RequestFacts;

/// Marks the connection as busy until the response is ready to be sent.
pub async fn with_connection(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let http = request.request();
    let client = RequestFacts::of(http).and_then(|facts| counted_client(http, &facts.rules.config));
    let connection = http.conn_data::<Arc<Connection>>();
    let in_hand = connection.map(|connection| InHand::new(connection, client));
    let response = next.call(request).await;
    drop(in_hand);
    response
}
