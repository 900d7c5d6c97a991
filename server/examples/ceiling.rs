//! The ceiling that `scripts/bench` measures against: bare hyper, no routes, no token, no store,
//! one fixed body.
//!
//! `ceiling BYTES` listens on a free port of loopback and says which, as `rosterd` does.
#![expect(
    clippy::print_stdout,
    reason = "the address is this program's only output"
)]

use std::convert::Infallible;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let size = std::env::args()
        .nth(1)
        .context("usage: ceiling BYTES")?
        .parse()?;
    let body = Bytes::from(vec![b'x'; size]);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let body = body.clone();
            async move {
                let response = Response::builder()
                    .header(CONTENT_TYPE, "application/json")
                    .body(Full::new(body));
                Ok::<_, Infallible>(response.unwrap_or_default())
            }
        });
        // A connection that breaks is the load generator's affair.
        tokio::spawn(async move {
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
}
