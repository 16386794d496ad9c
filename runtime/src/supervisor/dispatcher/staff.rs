//! The workers as a whole: who makes which prediction, who waits for one of them to have room, and the server's health.

mod post;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use cog_schema::Signature;
use cog_schema::envelope::{HealthStatus, SetupReport};
use serde_json::value::RawValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};

use super::message::Message;
use super::{Checkup, Model};
use crate::protocol::ToWorker;
use crate::settings::Settings;
use crate::supervisor::death::Loss;
use crate::supervisor::health;
use post::Post;

/// What becomes of predictions when there will be no worker any more.
pub(super) const GIVEN_UP: &str = "the model's process died too often to be started again";

pub(super) struct Staff {
    posts: Vec<Post>,
    model: watch::Sender<Option<Arc<Model>>>,
    /// Which post makes which prediction.
    duties: HashMap<u64, usize>,
    /// Predictions that have their files and wait for a worker that has room.
    waiting: VecDeque<(u64, ToWorker)>,
    /// The server shuts down: who wants to know that the last worker is gone.
    closing: Option<Vec<oneshot::Sender<()>>>,
}

impl Staff {
    pub(super) fn new(
        settings: &Arc<Settings>,
        sender: &UnboundedSender<Message>,
        model: watch::Sender<Option<Arc<Model>>>,
    ) -> Self {
        let places = settings.workers.places();
        let post = |(number, place)| Post::new(number, place, Arc::clone(settings), sender.clone());
        Self {
            posts: places.into_iter().enumerate().map(post).collect(),
            model,
            duties: HashMap::new(),
            waiting: VecDeque::new(),
            closing: None,
        }
    }

    /// Starts a worker on every post.
    pub(super) fn open(&mut self) {
        for post in 0..self.posts.len() {
            self.hire(post);
        }
    }

    /// Starts a worker on a post, unless there is one or the server shuts down.
    pub(super) fn hire(&mut self, post: usize) {
        if self.closing.is_none()
            && let Some(post) = self.posts.get_mut(post)
        {
            post.hire();
        }
    }

    pub(super) fn is_current(&self, post: usize, generation: u64) -> bool {
        self.posts.get(post).is_some_and(|post| post.is_current(generation))
    }

    /// Whether there will be no worker any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.posts.iter().all(Post::is_given_up)
    }

    /// How many predictions the workers that are ready run at the same time.
    pub(super) fn slots(&self) -> usize {
        self.posts.iter().filter(|post| post.is_ready()).map(Post::slots).sum()
    }

    /// The signature to check against, while there is a worker to run predictions.
    pub(super) fn signature(&self) -> Option<Arc<Signature>> {
        self.known_signature().filter(|_| self.posts.iter().any(Post::is_ready))
    }

    /// The signature, whether or not there is a worker just now.
    pub(super) fn known_signature(&self) -> Option<Arc<Signature>> {
        self.model.borrow().as_ref().map(|model| Arc::clone(&model.signature))
    }

    pub(super) fn watch_model(&self) -> watch::Receiver<Option<Arc<Model>>> {
        self.model.subscribe()
    }

    pub(super) fn greeted(&mut self, post: usize, protocol: u32, concurrency: usize, schema: &RawValue) {
        self.at(post, |post| post.greeted(protocol, concurrency, schema));
    }

    pub(super) fn phase_began(&mut self, post: usize, name: String) {
        self.at(post, |post| post.phase_began(name));
    }

    pub(super) fn ready(&mut self, post: usize, health_check: bool) {
        if let Some(model) = self.posts.get_mut(post).and_then(|post| post.ready(health_check)) {
            self.model.send_replace(Some(model));
        }
    }

    pub(super) fn setup_failed(&mut self, post: usize, error: &str) {
        self.at(post, |post| post.setup_failed(error));
    }

    pub(super) fn setup_overdue(&mut self, post: usize) {
        self.at(post, Post::setup_overdue);
    }

    /// Text that belongs to no prediction.
    pub(super) fn printed(&mut self, post: usize, text: &str) {
        self.at(post, |post| post.printed(text));
    }

    /// The author's health check has an answer.
    pub(super) fn opined(&mut self, post: usize, number: u64, error: Option<String>) {
        self.at(post, |post| post.opined(number, error));
    }

    /// Gives a prediction to the worker with the most room, now or when one has some. Gives those that none will
    /// ever take, with the reason.
    pub(super) fn assign(&mut self, run: u64, message: ToWorker) -> Vec<(u64, String)> {
        self.waiting.push_back((run, message));
        self.hand_out()
    }

    /// Gives predictions that wait to workers that have room; the rest as with [`assign`](Self::assign).
    pub(super) fn hand_out(&mut self) -> Vec<(u64, String)> {
        let mut refused = Vec::new();
        if self.is_given_up() {
            refused.extend(self.waiting.drain(..).map(|(run, _)| (run, GIVEN_UP.to_owned())));
        }
        while !self.waiting.is_empty()
            && let Some(number) = self.roomiest()
            && let Some((run, message)) = self.waiting.pop_front()
            && let Some(post) = self.posts.get_mut(number)
        {
            match post.give(&message) {
                Ok(()) => {
                    self.duties.insert(run, number);
                }
                Err(error) => refused.push((run, error.to_string())),
            }
        }
        refused
    }

    /// The post that is ready and has the most room.
    fn roomiest(&self) -> Option<usize> {
        let room = |(number, post): (usize, &Post)| Some((post.room()?, std::cmp::Reverse(number)));
        self.posts.iter().enumerate().filter_map(room).max().map(|(_, std::cmp::Reverse(number))| number)
    }

    /// A prediction is over; its worker has room for another.
    pub(super) fn relieve(&mut self, run: u64, succeeded: bool) {
        if let Some(number) = self.duties.remove(&run) {
            self.at(number, |post| post.relieve(succeeded));
        }
    }

    /// Takes back a prediction that was still waiting for a worker; false if it was not.
    pub(super) fn withdraw(&mut self, run: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != run);
        self.waiting.len() < before
    }

    pub(super) fn tell_cancel(&self, run: u64) {
        if let Some(post) = self.duties.get(&run).and_then(|number| self.posts.get(*number)) {
            post.tell(&ToWorker::Cancel { run });
        }
    }

    /// Kills the worker of a prediction that does not stop.
    pub(super) fn replace(&mut self, run: u64) {
        if let Some(number) = self.duties.get(&run).copied() {
            self.at(number, Post::replace);
        }
    }

    /// Kills the workers for good.
    pub(super) fn dismiss(&mut self, gone: oneshot::Sender<()>) {
        self.closing.get_or_insert_default().push(gone);
        self.posts.iter_mut().for_each(Post::dismiss);
        self.tell_closed();
    }

    /// The predictions that a post's worker has.
    pub(super) fn duties_of(&self, post: usize) -> Vec<u64> {
        let of_post = self.duties.iter().filter(|(_, number)| **number == post);
        of_post.map(|(run, _)| *run).collect()
    }

    /// The worker on a post is gone.
    pub(super) fn lost(&mut self, post: usize, loss: Loss) -> Loss {
        let closing = self.closing.is_some();
        let lost = match self.posts.get_mut(post) {
            Some(post) => post.lost(loss, closing),
            None => loss,
        };
        self.tell_closed();
        lost
    }

    /// The health of the server in a word, without the author's opinion.
    pub(super) fn status(&self, every_slot_taken: bool) -> HealthStatus {
        self.speaker().map_or(HealthStatus::Unknown, |post| post.status(every_slot_taken))
    }

    /// How the setup went that the server's health is about.
    pub(super) fn setup(&self) -> Option<&SetupReport> {
        self.speaker().map(Post::setup)
    }

    pub(super) fn processes(&self) -> Vec<i32> {
        self.posts.iter().filter_map(Post::process).collect()
    }

    /// The health of the server.
    pub(super) fn checkup(&mut self, every_slot_taken: bool) -> Checkup {
        let health = health::report(self.status(every_slot_taken), self.setup().cloned());
        let opinions = self.posts.iter_mut().filter_map(Post::probe).collect();
        Checkup { health, opinions }
    }

    /// The post that speaks for all: one that is ready, else one that may become so.
    fn speaker(&self) -> Option<&Post> {
        let starting = || self.posts.iter().find(|post| !post.is_given_up());
        self.posts.iter().find(|post| post.is_ready()).or_else(starting).or_else(|| self.posts.first())
    }

    fn tell_closed(&mut self) {
        if self.posts.iter().all(|post| post.process().is_none())
            && let Some(closing) = &mut self.closing
        {
            for gone in closing.drain(..) {
                let _left = gone.send(());
            }
        }
    }

    fn at(&mut self, post: usize, act: impl FnOnce(&mut Post)) {
        if let Some(post) = self.posts.get_mut(post) {
            act(post);
        }
    }
}
