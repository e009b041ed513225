//! The emulator over HTTP, with its ticking and delivering tasks.

use std::{future::Future, io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};

use crate::{
    emulator::Emulator,
    fault::response::ResponseDropped,
    outbound::delivery::Delivery,
    records::notification::Notification,
    state_file::{StateFile, StateFileError},
};

/// How often due tasks are looked for while there are no calls. At the paces that tests use a build
/// lasts seconds, and each of its six states must be seen.
const TICK: Duration = Duration::from_millis(20);

/// The largest body that is read; the largest that means anything is a component of 64 KB.
const MAX_BODY: usize = 4 << 20;

impl Emulator {
    /// Serves until `shutdown`, then drops what is open. Moves the clock's builds and, with an
    /// events endpoint, delivers their events.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let delivery = self.delivery();
        tokio::select! {
            result = accept(&self, &listener) => result,
            () = tick(&self, delivery.is_some(), &sender) => Ok(()),
            () = deliver(&self, delivery, receiver) => Ok(()),
            () = shutdown => Ok(()),
        }
    }

    /// As [`serve`](Self::serve), going on from the state in a file, and keeping it there.
    pub async fn serve_from(
        self,
        state: PathBuf,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let mut file = StateFile::open(state, &self)?;
        tokio::select! {
            result = self.clone().serve(listener, shutdown) => result?,
            error = file.keep(&self) => return Err(error.into()),
        }
        Ok(file.write(&self)?)
    }
}

/// Why the emulator stopped serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener is broken.
    #[error("cannot accept connections")]
    Accept(#[from] io::Error),
    /// The state cannot be kept in its file.
    #[error(transparent)]
    State(#[from] StateFileError),
}

async fn accept(emulator: &Emulator, listener: &TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(converse(emulator.clone(), stream));
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(emulator: Emulator, stream: TcpStream) {
    let service = service_fn(move |request| {
        let emulator = emulator.clone();
        async move { answer(&emulator, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// An error here closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("a fault lost the response")]
    Dropped,
    #[error("cannot read the body: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
}

async fn answer(
    emulator: &Emulator,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(Broken::Body)?
        .to_bytes();
    let response = emulator.handle(Request::from_parts(parts, body)).await;
    match response.extensions().get::<ResponseDropped>() {
        Some(_) => Err(Broken::Dropped),
        None => Ok(response.map(Full::new)),
    }
}

/// Without anybody to deliver to, events stay where [`Emulator::take_events`] finds them.
async fn tick(emulator: &Emulator, delivering: bool, sender: &UnboundedSender<Notification>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        if delivering {
            for notification in emulator.take_for_delivery() {
                if sender.send(notification).is_err() {
                    return;
                }
            }
        } else {
            emulator.tick();
        }
    }
}

async fn deliver(
    emulator: &Emulator,
    delivery: Option<Delivery>,
    mut notifications: UnboundedReceiver<Notification>,
) {
    let Some(mut delivery) = delivery else {
        return std::future::pending().await;
    };
    while let Some(notification) = notifications.recv().await {
        delivery.deliver(&notification).await;
        emulator.delivered();
    }
}
