//! The host's builder: compiled and put together on this machine, then handed over.

use futures_util::future::{BoxFuture, FutureExt};

use super::builder::{Builder, Output};
use super::deliver::{Delivered, Place, deliver};
use super::describe::Description;
use super::{Built, Prepared, ProjectLock, Result, schema};
use crate::engine::{self, Event, Progress};
use crate::host::{self, Compiled, Manner};
use crate::oci::{Image, Layout};

/// This machine's cargo, and a place for the result.
pub(super) struct Host {
    pub(super) output: Output,
    pub(super) manner: Manner,
}

impl Builder for Host {
    fn build<'a>(
        &'a self,
        prepared: &'a Prepared,
        progress: &'a mut dyn Progress,
    ) -> BoxFuture<'a, Result<Built>> {
        self.run(prepared, progress).boxed()
    }
}

impl Host {
    async fn run(&self, prepared: &Prepared, progress: &mut dyn Progress) -> Result<Built> {
        let _lock = ProjectLock::take(&prepared.project.directory, progress).await?;
        let place = Place::kept(&self.output, &prepared.project.directory)?;
        progress.event(Event::Note("Compiling with this machine's cargo".to_owned()));
        let model = host::compile(&prepared.project, self.manner).await?;
        let schema = schema::check(Some(model.schema.to_string().as_bytes()))?;
        progress.event(Event::Note("Putting the layers together".to_owned()));
        let name = prepared.plan.image.clone();
        let (layout, image) = assemble(prepared, model, place.layout().map_err(host::Error::from)?).await?;
        let Delivered { id, unchanged } =
            deliver(&self.output, &name, layout, &image, &schema, progress).await?;
        Ok(Built { image: name, id, schema, digest: Some(image.digest()), unchanged })
    }
}

/// Reading, packing and hashing megabytes is nothing for the threads that watch for signals.
async fn assemble(prepared: &Prepared, model: Compiled, layout: Layout) -> Result<(Layout, Image)> {
    let (project, plan) = (prepared.project.clone(), prepared.plan.clone());
    let description = Description::of(&project);
    let mut labels = plan.labels.clone();
    description.label(&mut labels, &model.schema);
    let work = tokio::task::spawn_blocking(move || -> host::Result<_> {
        let image = host::assemble(&project, &plan, &model, labels, description.files(), &layout)?;
        Ok((layout, image))
    });
    match work.await {
        Ok(result) => Ok(result?),
        Err(error) => Err(engine::Error::Engine { reason: error.to_string() }.into()),
    }
}
