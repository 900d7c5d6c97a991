//! Health, for whoever watches the server, and what it can do, for whoever writes a client.

use hyper::Response;
use roster_common::problem::Code;

use super::reply::{JSON, bytes};
use super::{Body, Call, Failure, openapi};
use crate::app::AppError;

/// `GET /healthz`: the process runs.
pub async fn healthz(_: Call) -> Result<Response<Body>, Failure> {
    Ok(bytes(JSON, "{\"status\":\"ok\"}"))
}

/// `GET /readyz`: it takes requests, and its store takes writes.
pub async fn readyz(call: Call) -> Result<Response<Body>, Failure> {
    if call.site.is_draining() {
        return Err(Failure::new(
            Code::Unavailable,
            "The server is shutting down.",
        ));
    }
    call.site.app.store.probe().await.map_err(AppError::from)?;
    Ok(bytes(JSON, "{\"status\":\"ready\"}"))
}

/// `GET /openapi.json`
pub async fn openapi(_: Call) -> Result<Response<Body>, Failure> {
    Ok(bytes(JSON, openapi::DOCUMENT.clone()))
}
