//! Health checks, the OpenAPI document, and the explanations of problem codes.

use jiff::SignedDuration;
use roster_common::api::{Health, HealthStatus};
use roster_common::problem::{Code, ProblemType};

use crate::app::health;
use crate::http::reply::{JSON, bytes, json};
use crate::http::{Failure, Request, Response, extract, openapi};

/// `GET /healthz`
pub async fn healthz(_: Request) -> Result<Response, Failure> {
    answer(HealthStatus::Ok, None)
}

/// `GET /readyz`
pub async fn readyz(request: Request) -> Result<Response, Failure> {
    if request.state.is_draining() {
        let detail = "The server is shutting down.";
        return Err(Failure::new(Code::Unavailable, detail));
    }
    health::check(&request.state.app).await?;
    let skew = request.state.app.store.clock_skew();
    answer(HealthStatus::Ready, skew.map(about_skew))
}

fn answer(status: HealthStatus, detail: Option<String>) -> Result<Response, Failure> {
    json(&Health { status, detail })
}

/// How the clocks differ, in words.
fn about_skew(skew: SignedDuration) -> String {
    let seconds = skew.abs().as_secs();
    let direction = if skew.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    format!("This server's clock is {seconds} s {direction} the database's. Use NTP.")
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
