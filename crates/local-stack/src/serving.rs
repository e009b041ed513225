//! A server on a port of its own, on a thread of its own: it answers, and its clock ticks, whatever
//! the caller's runtime is busy with.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// Something that is being served; it ends when this is dropped.
pub(crate) struct Serving {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves on `listener` until this is dropped.
    pub fn start<F, S>(listener: TcpListener, serve: F) -> io::Result<Self>
    where
        F: FnOnce(tokio::net::TcpListener) -> S + Send + 'static,
        S: Future<Output = io::Result<()>>,
    {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        // The sender is dropped with us, which is as good as a message. Serving fails only if the
        // listener breaks, and then every call says so.
        let run = async move || {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::select! {
                result = serve(listener) => result,
                _ = stopped => Ok(()),
            }
        };
        let thread = thread::spawn(move || drop(runtime.block_on(run())));
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panicked at worst, and said so on its own.
            let _ = thread.join();
        }
    }
}
