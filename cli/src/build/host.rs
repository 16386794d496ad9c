//! The host's builder: compiled and put together on this machine, then handed over.

use futures_util::future::{BoxFuture, FutureExt};

use super::builder::{Builder, Output};
use super::deliver::{Delivered, Place, deliver};
use super::describe::Description;
use super::{Built, Prepared, ProjectLock, Result, schema};
use crate::compile::{self, Manner};
use crate::engine::{self, Event, Progress};
use crate::host::{self, Compiled};
use crate::oci::{Image, Layout, Packing};

/// What this machine's cargo made, and a place for the result.
pub(super) struct Host {
    pub(super) model: Compiled,
    pub(super) output: Output,
}

/// Said where an image would not reach anything by HTTPS.
fn trusts_nobody() -> String {
    let (reason, mend) = match std::env::var("SSL_CERT_FILE").ok().filter(|path| !path.is_empty()) {
        Some(path) => {
            (format!("there is no certificate in `{path}`, which `SSL_CERT_FILE` names"), "name another")
        }
        None => (
            "this machine has no CA certificates".to_owned(),
            "install the package `ca-certificates`, or name a",
        ),
    };
    format!("{reason}: the image will trust nobody by TLS; {mend} file with `SSL_CERT_FILE` or `COG_CA_CERT`")
}

/// Compiles the model of `prepared`.
pub(super) async fn compile(
    prepared: &Prepared,
    manner: Manner,
    progress: &mut dyn Progress,
) -> host::Result<Compiled> {
    progress.event(Event::Note("Compiling with this machine's cargo".to_owned()));
    let waiting = || progress.event(Event::Note(compile::WAITING.to_owned()));
    host::compile(&prepared.project, prepared.plan.platform, manner, waiting).await
}

impl Builder for Host {
    fn build<'a>(
        self: Box<Self>,
        prepared: &'a Prepared,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<Built>> {
        self.run(prepared, progress).boxed()
    }
}

impl Host {
    async fn run(self: Box<Self>, prepared: &Prepared, progress: &mut dyn Progress) -> Result<Built> {
        let Self { model, output } = *self;
        let schema = schema::check(Some(model.schema.to_string().as_bytes()))?;
        let _lock = ProjectLock::take(&prepared.project.directory, progress).await?;
        let place = Place::of(&output, &prepared.project.directory, progress).await?;
        if host::trusts_nobody(&prepared.plan) {
            progress.event(Event::Warning(trusts_nobody()));
        }
        progress.event(Event::Note("Putting the layers together".to_owned()));
        let name = prepared.plan.image.clone();
        let (layout, image) = assemble(prepared, model, output.packing(), place.layout()?).await?;
        let Delivered { id, digest, unchanged } =
            deliver(&output, &name, &place, layout, &image, &schema, progress).await?;
        Ok(Built { image: name, id, schema, digest, unchanged })
    }
}

/// Reading, packing and hashing megabytes is nothing for the threads that watch for signals.
async fn assemble(
    prepared: &Prepared,
    model: Compiled,
    packing: Packing,
    layout: Layout,
) -> Result<(Layout, Image)> {
    let (project, plan) = (prepared.project.clone(), prepared.plan.clone());
    let description = Description::of(&project, prepared.weights.as_ref());
    let mut labels = plan.labels.clone();
    description.label(&mut labels, &model.schema);
    let work = tokio::task::spawn_blocking(move || -> host::Result<_> {
        let files = description.files();
        let image = host::assemble(&project, &plan, &model, labels, files, packing, &layout)?;
        Ok((layout, image))
    });
    match work.await {
        Ok(result) => Ok(result?),
        Err(error) => Err(engine::Error::Engine { reason: error.to_string() }.into()),
    }
}
