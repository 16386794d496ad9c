//! A build: bollard's request, this program's session, the trace as events.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use bollard::models::BuildInfoAux;
use bollard::query_parameters::BuildImageOptions;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};

use super::super::{BuildRequest, ContextTar, Error, Progress, Result};
use super::session::Session;
use super::steps::Steps;
use super::{DockerEngine, failure};

/// A build answers when it has read its context, which may be large; what follows is a stream without a limit.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes of the context sent at a time.
const CHUNK: usize = 256 * 1024;

pub(super) async fn solve(
    engine: &DockerEngine,
    request: BuildRequest,
    progress: &mut dyn Progress,
) -> Result<String> {
    let session = Session::open(&engine.address, request.secrets).await?;
    let client = within(engine, session.id());
    let options = BuildImageOptions {
        dockerfile: request.dockerfile,
        // The API takes several names as a repeated parameter, which bollard has not.
        t: request.tags.first().cloned(),
        nocache: request.no_cache,
        labels: some_map(request.labels),
        buildargs: some_map(request.build_args),
        target: request.target.unwrap_or_default(),
        platform: request.platform.unwrap_or_default(),
        ..BuildImageOptions::default()
    };
    let (body, trouble) = stream(request.context);
    let mut replies = client.build_image(options, None, Some(body));
    let mut steps = Steps::default();
    let mut id = None;
    while let Some(reply) = replies.next().await {
        match reply.map_err(failure::request) {
            Ok(info) => match info.aux {
                Some(BuildInfoAux::BuildKit(trace)) => steps.read(trace, progress),
                Some(BuildInfoAux::Default(image)) => id = image.id.or(id),
                None => {}
            },
            Err(error) => {
                drop(replies);
                // What kept the context from being read is the cause of whatever the engine makes of it.
                return Err(match trouble.await {
                    Ok(cause) => Error::Context(cause),
                    Err(_) => failure::build(steps.failed(), error),
                });
            }
        }
    }
    let id = id.ok_or_else(|| Error::Build { reason: "the builder gave no image id".to_owned() })?;
    for tag in request.tags.iter().skip(1) {
        super::images::tag(engine, &id, tag).await?;
    }
    Ok(id)
}

/// A client whose builds are BuildKit's and part of `session`. bollard would open a session of its own for a BuildKit
/// build, one that knows no secrets; asked for a classic build it opens none, and the request is put right on its way.
fn within(engine: &DockerEngine, session: &str) -> bollard::Docker {
    let query = format!("version=2&session={session}");
    engine.client.clone().with_timeout(PATIENCE).with_request_modifier(move |mut request| {
        let uri = request.uri().to_string().replace("version=1", &query);
        if let Ok(uri) = uri.parse() {
            *request.uri_mut() = uri;
        }
        request
    })
}

fn some_map(map: std::collections::BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.into_iter().collect())
}

/// A request body that `context` is written into from a thread, and the error that writing met, if any.
fn stream(
    context: ContextTar,
) -> (http_body_util::Either<http_body_util::Full<Bytes>, Body>, oneshot::Receiver<io::Error>) {
    let (sender, mut receiver) = mpsc::channel(4);
    let (trouble, cause) = oneshot::channel();
    std::thread::spawn(move || {
        let mut out = Chunks { sender, buffer: Vec::with_capacity(CHUNK), abandoned: false };
        let result = context.write_to(&mut out).and_then(|()| out.flush());
        if let Err(error) = result
            && !out.abandoned
        {
            let _ = out.sender.blocking_send(Err(io::Error::other("the context could not be read")));
            let _ = trouble.send(error);
        }
    });
    let chunks = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
    (bollard::body_try_stream(chunks), cause)
}

type Body = http_body_util::StreamBody<
    std::pin::Pin<Box<dyn futures_util::Stream<Item = io::Result<hyper::body::Frame<Bytes>>> + Send>>,
>;

struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
    abandoned: bool,
}

impl Chunks {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.sender.blocking_send(Ok(chunk.into())).map_err(|_| {
            self.abandoned = true;
            io::Error::from(io::ErrorKind::BrokenPipe)
        })
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() { Ok(()) } else { self.send() }
    }
}
