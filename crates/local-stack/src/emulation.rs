//! Image Builder on a port of its own, on a thread of its own: its clock ticks whatever the
//! caller's runtime is busy with.

use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::Emulator;

/// An emulator that is being served; it ends when this is dropped.
pub(crate) struct Emulation {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulation {
    /// Serves `emulator` on `listener` until this is dropped.
    pub fn start(emulator: Emulator, listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        // The sender is dropped with us, which is as good as a message. Serving fails only if the
        // listener breaks, and then every call says so.
        let serve = move || {
            let stopped = async { drop(stopped.await) };
            drop(runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                emulator.serve(listener, stopped).await
            }));
        };
        let thread = thread::spawn(serve);
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Emulation {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panicked at worst, and said so on its own.
            let _ = thread.join();
        }
    }
}
