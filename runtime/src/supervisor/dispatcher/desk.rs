//! Where everybody else talks to the dispatcher.

use std::sync::Arc;

use cog_schema::envelope::{Health, HealthStatus, Versions};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};

use super::{Checkup, Joined, Message, Model, Order, Placed, Standing};

/// A handle of the dispatcher.
#[derive(Clone)]
pub(in crate::supervisor) struct Desk {
    sender: UnboundedSender<Message>,
    model: watch::Receiver<Option<Arc<Model>>>,
}

impl Desk {
    pub(super) fn new(sender: UnboundedSender<Message>, model: watch::Receiver<Option<Arc<Model>>>) -> Self {
        Self { sender, model }
    }

    /// The model, once its first setup succeeded.
    pub(in crate::supervisor) fn model(&self) -> Option<Arc<Model>> {
        self.model.borrow().clone()
    }

    /// Places an order.
    pub(in crate::supervisor) async fn create(&self, order: Order) -> Placed {
        let order = Box::new(order);
        self.ask(|reply| Message::Create { order, reply }).await.unwrap_or(Placed::NotReady)
    }

    /// The prediction with that id as JSON, if it is in flight or, where that is asked for, ended not long ago.
    pub(in crate::supervisor) async fn find(&self, id: String, ended_too: bool) -> Option<Vec<u8>> {
        self.ask(|reply| Message::Find { id, ended_too, reply }).await.flatten()
    }

    /// The events of the prediction with that id, from the one after `after` on, if it is in flight or, where that is
    /// asked for, ended not long ago.
    pub(in crate::supervisor) async fn join(
        &self,
        id: String,
        after: Option<usize>,
        ended_too: bool,
    ) -> Joined {
        self.ask(|reply| Message::Join { id, after, ended_too, reply }).await.unwrap_or(Joined::Unknown)
    }

    /// A batch of events of a prediction in flight, and where the next one begins.
    pub(in crate::supervisor) async fn read(&self, run: u64, from: usize) -> Option<(Vec<u8>, usize)> {
        self.ask(|reply| Message::Read { run, from, reply }).await.flatten()
    }

    /// A reader is gone.
    pub(in crate::supervisor) fn left(&self, run: u64) {
        self.tell(Message::Left { run });
    }

    /// Cancels the prediction with that id; false if there is none in flight.
    pub(in crate::supervisor) async fn cancel(&self, id: String) -> bool {
        self.ask(|reply| Message::Cancel { id, reply }).await.unwrap_or(false)
    }

    /// The caller of a synchronous prediction is gone.
    pub(in crate::supervisor) fn hung_up(&self, run: u64) {
        self.tell(Message::HungUp { run });
    }

    /// The server's health.
    pub(in crate::supervisor) async fn health(&self) -> Checkup {
        self.ask(|reply| Message::Health { reply }).await.unwrap_or_else(|| Checkup {
            health: Health {
                status: HealthStatus::Unknown,
                setup: None,
                version: Versions::default(),
                user_healthcheck_error: None,
                queue: None,
            },
            opinions: Vec::new(),
        })
    }

    /// The server's standing, at once; `None` if there is nobody to answer.
    pub(in crate::supervisor) async fn standing(&self) -> Option<Standing> {
        self.ask(|reply| Message::Standing { reply }).await
    }

    /// What an operator counts, in the text format of Prometheus.
    pub(in crate::supervisor) async fn metrics(&self) -> Option<String> {
        self.ask(|reply| Message::Metrics { reply }).await
    }

    /// Takes no more orders; comes back when none is left.
    pub(in crate::supervisor) async fn drained(&self) {
        self.ask(|reply| Message::Drained { reply }).await;
    }

    /// Ends the worker; comes back when it is gone.
    pub(in crate::supervisor) async fn stop(&self) {
        self.ask(|reply| Message::Stop { reply }).await;
    }

    /// Comes back if there is no dispatcher any more.
    pub(in crate::supervisor) async fn lost(&self) {
        self.sender.closed().await;
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(message(reply));
        answer.await.ok()
    }

    fn tell(&self, message: Message) {
        // Without a dispatcher the whole process is ending.
        let _ending = self.sender.send(message);
    }
}
