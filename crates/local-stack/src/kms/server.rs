//! The proxy over HTTP.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::state::KmsProxy;

/// The largest body that is read; the largest that means anything is a policy of 128 KiB, which KMS
/// would look at before it refuses it.
const MAX_BODY: usize = 1 << 20;

/// The body cannot be read; the connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the body of a request cannot be read")]
struct Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Serves until the listener breaks.
pub(super) async fn serve(proxy: Arc<KmsProxy>, listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(converse(Arc::clone(&proxy), stream));
        while connections.try_join_next().is_some() {}
    }
}

/// A connection that breaks is its caller's to notice.
async fn converse(proxy: Arc<KmsProxy>, stream: TcpStream) {
    let service = service_fn(move |request| answer(Arc::clone(&proxy), request));
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    drop(http.await);
}

async fn answer(
    proxy: Arc<KmsProxy>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Unreadable> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(Unreadable)?
        .to_bytes();
    Ok(proxy
        .answer(Request::from_parts(parts, body))
        .await
        .map(Full::new))
}
