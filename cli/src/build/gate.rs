//! The last question before an image takes another's name: whether callers of the old one can call the new one.

use serde_json::Value;

use super::{Error, Result};
use crate::engine::{Event, Progress};
use crate::inspection;
use crate::oci::Image;
use crate::reference::Reference;
use crate::registry::Registry;
use crate::signature::breaks;

/// What comes of a change that breaks callers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gate {
    /// It is told.
    #[default]
    Warn,
    /// The name stays with the old image.
    Refuse,
}

impl Gate {
    /// Compares what `reference` stands for in `registry` with `image`, which has this schema. Where nothing stands
    /// there yet, or no model, there is nothing to break.
    pub(super) async fn pass(
        self,
        registry: &Registry,
        reference: &Reference,
        image: &Image,
        schema: &Value,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let tag = reference.tag_or_latest();
        let old = match registry.tagged(tag).await {
            Ok(None) => return Ok(()),
            Ok(Some(there)) if there == image.digest() => return Ok(()),
            Ok(Some(_)) => inspection::schema_of(registry, tag).await,
            Err(error) => Err(error.into()),
        };
        let old = match old {
            Ok(old) => old,
            // One may be let write what one may not read.
            Err(inspection::Error::Registry(error)) if self == Self::Warn && !error.is_unreachable() => {
                let text = format!("what `{reference}` is now cannot be compared with this image: {error}");
                progress.event(Event::Warning(text));
                return Ok(());
            }
            Err(inspection::Error::Registry(error)) => return Err(error.into()),
            Err(_) => None,
        };
        let signature = |document: &Value| cog_schema::openapi::read(document).ok();
        let (Some(old), Some(new)) = (old.as_ref().and_then(signature), signature(schema)) else {
            return Ok(());
        };
        let found: Vec<String> = breaks(&old, &new).iter().map(ToString::to_string).collect();
        match self {
            _ if found.is_empty() => Ok(()),
            Self::Refuse => Err(Error::Breaks { reference: reference.to_string(), breaks: found }),
            Self::Warn => {
                for each in found {
                    progress.event(Event::Warning(format!("callers of `{reference}` break: {each}")));
                }
                Ok(())
            }
        }
    }
}
