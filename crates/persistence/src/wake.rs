//! Wake-ups inside a process.

use async_trait::async_trait;
use branchline_schema_model::store::{Wakeup, Wakeups};
use tokio::sync::broadcast::{self, error::RecvError};

/// Wake-ups kept for a slow listener; one that falls further behind looks at everything.
const WAKEUPS_MAX: usize = 1024;

/// Tells every listener of a store.
#[derive(Debug, Clone)]
pub(crate) struct Bell(broadcast::Sender<Wakeup>);

impl Bell {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(WAKEUPS_MAX).0)
    }

    pub(crate) fn ring(&self, wakeup: Wakeup) {
        // Nobody has to listen.
        let _ = self.0.send(wakeup);
    }

    pub(crate) fn listen(&self) -> Box<dyn Wakeups> {
        Box::new(Listener(self.0.subscribe()))
    }
}

struct Listener(broadcast::Receiver<Wakeup>);

#[async_trait]
impl Wakeups for Listener {
    async fn next(&mut self) -> Option<Wakeup> {
        match self.0.recv().await {
            Ok(wakeup) => Some(wakeup),
            Err(RecvError::Lagged(_)) => Some(Wakeup::Any),
            Err(RecvError::Closed) => None,
        }
    }
}
