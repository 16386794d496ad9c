//! Local images: looked at, named, removed.

use bollard::errors::Error as Bollard;
use bollard::query_parameters::{RemoveImageOptions, TagImageOptions};

use super::super::{Error, Image, Result};
use super::{DockerEngine, failure};
use crate::reference::Reference;

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
    }))
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
