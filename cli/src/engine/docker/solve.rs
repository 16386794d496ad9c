//! A build: bollard's request, this program's session, the trace as events.

use std::collections::HashMap;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use bollard::models::BuildInfoAux;
use bollard::query_parameters::BuildImageOptions;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};

use super::super::{BuildRequest, Error, Event, Progress, Result, uninterrupted};
use super::session::Session;
use super::steps::Steps;
use super::upload::Upload;
use super::{DockerEngine, failure, images, wire};

/// A build answers when it has read its context, which may be large; what follows is a stream without a limit.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an engine may take to abandon a build, and how often it is told to meanwhile.
const ABANDON: (Duration, Duration) = (Duration::from_secs(20), Duration::from_millis(200));

pub(super) async fn solve(
    engine: &DockerEngine,
    request: BuildRequest,
    progress: &mut dyn Progress,
) -> Result<String> {
    let mut solve = Solve::begin(engine.clone(), request);
    while let Some(event) = solve.events.recv().await {
        progress.event(event);
    }
    solve.end().unwrap_or(Err(Error::TimedOut))
}

/// A build on a thread of its own, so that a build nobody waits for any more can still be watched until the engine has
/// let go of it. Merely hung up on, an engine might yet export an image, after everything was thought cleaned up.
struct Solve {
    engine: DockerEngine,
    events: mpsc::UnboundedReceiver<Event>,
    abandon: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<String>>>,
}

impl Solve {
    fn begin(engine: DockerEngine, request: BuildRequest) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let (abandon, abandoned) = oneshot::channel();
        let thread = {
            let engine = engine.clone();
            std::thread::spawn(move || {
                engine.clone().block_on(async |_| work(&engine, request, tell, abandoned).await)
            })
        };
        Self { engine, events, abandon: Some(abandon), thread: Some(thread) }
    }

    fn end(&mut self) -> Option<Result<String>> {
        self.abandon = None;
        self.thread.take()?.join().ok()
    }
}

impl Drop for Solve {
    fn drop(&mut self) {
        let Some(abandon) = self.abandon.take() else { return };
        let _ = abandon.send(());
        if let Some(Ok(id)) = self.end() {
            let engine = self.engine.clone();
            drop(uninterrupted(move || {
                engine.block_on(async |client| images::remove_unnamed(&client, &id).await)
            }));
        }
    }
}

async fn work(
    engine: &DockerEngine,
    request: BuildRequest,
    events: mpsc::UnboundedSender<Event>,
    mut abandoned: oneshot::Receiver<()>,
) -> Result<String> {
    let session = Session::open(&engine.address, request.secrets).await?;
    let client = within(engine, session.id())?;
    let options = BuildImageOptions {
        dockerfile: request.dockerfile,
        nocache: request.no_cache,
        labels: some_map(request.labels),
        buildargs: some_map(request.build_args),
        target: request.target.unwrap_or_default(),
        platform: request.platform.unwrap_or_default(),
        ..BuildImageOptions::default()
    };
    let Upload { body, rest, trouble } = Upload::of(request.context);
    let mut replies = client.build_image(options, None, Some(body));
    let mut steps = Steps::default();
    let mut id = None;
    let mut told = Forward(events);
    let answer = async {
        while let Some(reply) = replies.next().await {
            match reply.map_err(failure::request)?.aux {
                Some(BuildInfoAux::BuildKit(trace)) => steps.read(trace, &mut told),
                Some(BuildInfoAux::Default(image)) => id = image.id.or(id.take()),
                None => {}
            }
        }
        Ok(())
    };
    tokio::pin!(answer);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // A sender that is dropped without a word belongs to a build that ended.
        Ok(()) = &mut abandoned => tokio::select! {
            answer = &mut answer => answer,
            () = give_up(rest, engine, session.id()) => Err(Error::TimedOut),
        },
    };
    match answer {
        Ok(()) => id.ok_or_else(|| Error::Build { reason: "the builder gave no image id".to_owned() }),
        Err(error) => {
            drop(replies);
            // What kept the context from being read is the cause of whatever the engine makes of it.
            Err(match trouble.await {
                Ok(cause) => Error::Context(cause),
                Err(_) => failure::build(steps.failed(), error),
            })
        }
    }
}

/// Tells the engine to let go of a build until time is up. Told too early, before it has taken the build up, it would
/// not know what is meant; and one that has stopped reading hears nothing at all.
async fn give_up(rest: mpsc::WeakSender<io::Result<Bytes>>, engine: &DockerEngine, id: &str) {
    let telling = async {
        loop {
            let request = hyper::Request::post(format!("/build/cancel?id={id}")).header("Host", "docker");
            drop(wire::lines(&engine.address, request).await);
            tokio::time::sleep(ABANDON.1).await;
        }
    };
    let _ = tokio::time::timeout(ABANDON.0, async { tokio::join!(cut(rest), telling) }).await;
}

/// Sends events on; the reader may be gone.
struct Forward(mpsc::UnboundedSender<Event>);

impl Progress for Forward {
    fn event(&mut self, event: Event) {
        let _ = self.0.send(event);
    }
}

/// A client whose builds are BuildKit's, part of `session`, and known by the same id. bollard would open a session of
/// its own for a BuildKit build, one that knows no secrets; asked for a classic build it opens none, and the request is
/// put right on its way.
fn within(engine: &DockerEngine, session: &str) -> Result<bollard::Docker> {
    let query = format!("version=2&session={session}&buildid={session}");
    let client = engine.address.client(PATIENCE, &engine.client.client_version())?;
    Ok(client.with_request_modifier(move |mut request| {
        let uri = request.uri().to_string().replace("version=1", &query);
        if let Ok(uri) = uri.parse() {
            *request.uri_mut() = uri;
        }
        request
    }))
}

fn some_map(map: std::collections::BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.into_iter().collect())
}

/// Breaks a context off that is still on its way: an engine that reads one hears nothing else.
async fn cut(rest: mpsc::WeakSender<io::Result<Bytes>>) {
    if let Some(sender) = rest.upgrade() {
        let _ = sender.send(Err(io::Error::other("the build was given up"))).await;
    }
}
