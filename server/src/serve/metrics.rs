//! The separate listener for metrics.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::header::HeaderValue;
use hyper::{Method, Request, StatusCode};

use super::Service;
use crate::http::edge::host;
use crate::http::{RequestBody, Response, ServerState, metrics, reply};
use crate::metrics::MetricsText;

/// Serves the metrics of a server at `/metrics`, and nothing else.
pub struct Metrics(pub Arc<ServerState>);

impl Service for Metrics {
    async fn answer(self: Arc<Self>, _: IpAddr, request: Request<RequestBody>) -> Response {
        let (mut head, _) = request.into_parts();
        if host::normalize(&mut head).is_err() {
            return reply::empty(StatusCode::BAD_REQUEST);
        }
        if head.method != Method::GET || head.uri.path() != "/metrics" {
            return reply::empty(StatusCode::NOT_FOUND);
        }
        match metrics::page(&self.0).await {
            Ok(page) => reply::bytes(HeaderValue::from_static(MetricsText::MEDIA_TYPE), page),
            Err(_) => reply::empty(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}
