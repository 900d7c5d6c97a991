//! One request and its answer, and every way it can fail, as a [`ClientError`].

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Method, RequestBuilder, Response, StatusCode, Url};
use roster_common::{Problem, problem, text};
use serde::de::DeserializeOwned;

use super::address::Address;
use super::trust;
use crate::remote::{ClientError, Result};

/// The time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The default time limit of a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of an answer that is read as a whole. A page of a thousand long records has a
/// quarter of it.
const LARGEST: usize = 64 << 20;
/// How long an idle connection is kept: shorter than the server keeps it, so that a request does
/// not meet a connection being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// The connections to one server.
pub(super) struct Http {
    client: reqwest::Client,
    address: Address,
}

impl Http {
    pub(super) fn new(address: Address, ca: Option<&Path>) -> Result<Self> {
        let client = builder(&address, ca)?
            .build()
            .map_err(|e| ClientError::Protocol(innermost(&e)))?;
        Ok(Self { client, address })
    }

    pub(super) fn origin(&self) -> &str {
        self.address.origin()
    }

    pub(super) fn url(&self, path: &str) -> Url {
        self.address.url(path)
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request. Any status but 2xx is an error.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|e| self.unreachable(&e))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.body(response).await?;
        Err(self.refusal(status, &headers, &body))
    }

    /// Reads a whole JSON answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T> {
        let body = self.body(response).await?;
        serde_json::from_slice(&body).map_err(|e| ClientError::Protocol(e.to_string()))
    }

    /// Reads a whole answer. One that does not end cannot fill the memory.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|e| self.unreachable(&e))? {
            if body.len() + piece.len() > LARGEST {
                return Err(ClientError::Protocol("it is too long".into()));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let why = if error.is_timeout() {
            "timed out".to_owned()
        } else {
            trust::why(error)
        };
        ClientError::Unreachable {
            server: self.origin().to_owned(),
            why,
            sent: !error.is_connect(),
        }
    }

    /// The problem document, if the server sent one. A gateway's own page means that the server did
    /// not answer.
    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ClientError {
        let media_type = headers
            .get(CONTENT_TYPE)
            .map_or(&b""[..], |value| value.as_bytes());
        let problem = match media_type.starts_with(problem::MEDIA_TYPE.as_bytes()) {
            true => serde_json::from_slice::<Problem>(body).ok(),
            false => None,
        };
        match (problem, status) {
            (Some(problem), _) => ClientError::Refused(Box::new(problem)),
            (
                None,
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
            ) => {
                let why = format!("a gateway answered {status}");
                ClientError::Unreachable {
                    server: self.origin().to_owned(),
                    why,
                    // The gateway may have passed the request on, so a write may have been done.
                    sent: true,
                }
            }
            (None, _) => ClientError::Protocol(format!("{status} without an explanation")),
        }
    }
}

fn builder(address: &Address, ca: Option<&Path>) -> Result<ClientBuilder> {
    // This fails only if a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT);
    // `HTTP_PROXY` would send even requests to loopback through the proxy.
    let builder = if address.is_loopback() {
        builder.no_proxy()
    } else {
        builder
    };
    Ok(match ca {
        // Reading the system's CA certificates takes 10 ms, and plain HTTP does not need them.
        _ if !address.is_tls() => builder.tls_certs_only([]),
        Some(file) => builder.tls_backend_preconfigured(trust::only(file)?),
        None => builder,
    })
}

/// The root cause, such as `Connection refused`, without its error number.
pub(super) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    text::without_error_numbers(&cause.to_string()).into_owned()
}
