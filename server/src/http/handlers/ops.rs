//! Health checks, the OpenAPI document, and the explanations of problem codes.

use roster_common::api::{Health, HealthStatus};
use roster_common::problem::{Code, ProblemType};

use crate::app::health;
use crate::http::reply::{JSON, bytes, json};
use crate::http::{Failure, Request, Response, extract, openapi};

/// `GET /healthz`
pub async fn healthz(_: Request) -> Result<Response, Failure> {
    answer(HealthStatus::Ok)
}

/// `GET /readyz`
pub async fn readyz(request: Request) -> Result<Response, Failure> {
    if request.state.is_draining() {
        let detail = "The server is shutting down.";
        return Err(Failure::new(Code::Unavailable, detail));
    }
    health::check(&request.state.app).await?;
    answer(HealthStatus::Ready)
}

fn answer(status: HealthStatus) -> Result<Response, Failure> {
    json(&Health { status })
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
