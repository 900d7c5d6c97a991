//! Health, for whoever watches the server, and what it can do, for whoever writes a client.

use roster_common::problem::{Code, ProblemType};

use crate::app::AppError;
use crate::http::reply::{JSON, bytes, json};
use crate::http::{Failure, Request, Response, extract, openapi};

/// `GET /healthz`: the process runs.
pub async fn healthz(_: Request) -> Result<Response, Failure> {
    Ok(bytes(JSON, "{\"status\":\"ok\"}"))
}

/// `GET /readyz`: it takes requests, and its store takes writes.
pub async fn readyz(request: Request) -> Result<Response, Failure> {
    if request.state.is_draining() {
        return Err(Failure::new(
            Code::Unavailable,
            "The server is shutting down.",
        ));
    }
    request
        .state
        .app
        .store
        .probe()
        .await
        .map_err(AppError::from)?;
    Ok(bytes(JSON, "{\"status\":\"ready\"}"))
}

/// `GET /openapi.json`
pub async fn openapi(_: Request) -> Result<Response, Failure> {
    Ok(bytes(JSON, openapi::DOCUMENT.clone()))
}

/// `GET /problems/{code}`
pub async fn problem(request: Request) -> Result<Response, Failure> {
    let code = extract::named(&request).map_or(Code::Unknown, |name| Code::from_name(&name));
    if code == Code::Unknown {
        return Err(Failure::new(
            Code::NotFound,
            "There is no problem with this code.",
        ));
    }
    json(&ProblemType::from(code))
}
