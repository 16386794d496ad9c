//! Local images: looked at, named, removed.

use bollard::errors::Error as Bollard;
use bollard::query_parameters::{ImportImageOptions, RemoveImageOptions, TagImageOptions};
use futures_util::StreamExt;

use super::super::{ContextTar, Error, Image, Result, Step};
use super::upload::Upload;
use super::{DockerEngine, failure};
use crate::reference::Reference;

/// What a line begins with that tells of an image which was given its name and cannot be used.
const UNPACKING_FAILED: &str = "Error unpacking image";

pub(super) async fn inspect(engine: &DockerEngine, reference: &str) -> Result<Option<Image>> {
    let found = match engine.client.inspect_image(reference).await {
        Ok(found) => found,
        Err(Bollard::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
        Err(error) => return Err(failure::request(error)),
    };
    let mut config = found.config.unwrap_or_default();
    let labels = config.labels.take().unwrap_or_default().into_iter().collect();
    if let Some(ports) = &mut config.exposed_ports {
        ports.sort();
    }
    Ok(Some(Image {
        id: found.id.unwrap_or_default(),
        names: found.repo_tags.unwrap_or_default(),
        labels,
        config: serde_json::to_value(config).unwrap_or_default(),
        layers: found.root_fs.and_then(|root| root.layers).unwrap_or_default(),
        size: found.size.and_then(|size| size.try_into().ok()).unwrap_or(0),
        architecture: found.architecture.unwrap_or_default(),
        digests: found.repo_digests.unwrap_or_default(),
        created: found.created.map(|created| created.to_string()),
    }))
}

pub(super) async fn history(engine: &DockerEngine, reference: &str) -> Result<Vec<Step>> {
    let steps = engine.client.image_history(reference).await.map_err(failure::request)?;
    let step = |size: i64, created_by| Step { created_by, size: size.try_into().unwrap_or(0) };
    Ok(steps.into_iter().rev().map(|item| step(item.size, item.created_by)).collect())
}

pub(super) async fn load(client: &bollard::Docker, archive: ContextTar) -> Result<()> {
    let options = ImportImageOptions { quiet: true, ..ImportImageOptions::default() };
    let Upload { body, trouble, .. } = Upload::of(archive);
    let mut replies = client.import_image(options, body, None);
    let answer = async {
        while let Some(reply) = replies.next().await {
            let reply = reply.map_err(failure::request)?;
            // With containerd's image store, an image that could not be unpacked is one that was loaded, but for a line.
            let unpacked = reply.stream.filter(|line| line.starts_with(UNPACKING_FAILED));
            if let Some(message) = reply.error_detail.and_then(|detail| detail.message).or(unpacked) {
                return Err(failure::engine(&message));
            }
        }
        Ok(())
    };
    match answer.await {
        Ok(()) => Ok(()),
        Err(error) => {
            drop(replies);
            Err(trouble.await.map_or(error, Error::Context))
        }
    }
}

pub(super) async fn save(client: &bollard::Docker, image: &str, out: &mut dyn std::io::Write) -> Result<()> {
    let mut archive = client.export_image(image);
    while let Some(piece) = archive.next().await {
        out.write_all(&piece.map_err(failure::request)?).map_err(Error::Context)?;
    }
    out.flush().map_err(Error::Context)
}

pub(super) async fn tag(client: &bollard::Docker, image: &str, reference: &str) -> Result<()> {
    let name = Reference::parse(reference).map_err(|error| Error::Engine { reason: error.to_string() })?;
    let options =
        TagImageOptions { repo: Some(name.name().to_owned()), tag: Some(name.tag_or_latest().to_owned()) };
    match client.tag_image(image, Some(options)).await {
        Ok(()) => Ok(()),
        Err(Bollard::DockerResponseServerError { status_code: 404, .. }) => {
            Err(Error::NoSuchImage { reference: image.to_owned() })
        }
        Err(error) => Err(failure::request(error)),
    }
}

pub(super) async fn remove(client: &bollard::Docker, reference: &str) -> Result<()> {
    match client.remove_image(reference, None::<RemoveImageOptions>, None).await {
        Ok(_) | Err(Bollard::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        Err(error) => Err(failure::request(error)),
    }
}

/// Removes an image that nothing names. Asked to remove one by its id, an engine would take its last name with it.
pub(super) async fn remove_unnamed(client: &bollard::Docker, id: &str) -> Result<()> {
    match client.inspect_image(id).await {
        Ok(image) if image.repo_tags.as_ref().is_none_or(Vec::is_empty) => remove(client, id).await,
        _ => Ok(()),
    }
}
