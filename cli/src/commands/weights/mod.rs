//! `cog weights`: one file for each of its commands.

use jiff::Timestamp;

use crate::config::{Config, Weight};
use crate::context::trust::Certificates;
use crate::project::ProjectFile;
use crate::reference::Reference;
use crate::reference::model::Said;
use crate::registry::Registry;
use crate::weights::Error;

pub mod import;
pub mod prune;
pub mod pull;
pub mod status;

/// The weights of those names; all of them where there are none.
fn chosen<'a>(project: &'a ProjectFile, names: &[String]) -> Result<Vec<&'a Weight>, Error> {
    let all = &project.config.weights;
    if all.is_empty() {
        return Err(Error::None);
    }
    let unknown: Vec<String> =
        names.iter().filter(|name| all.iter().all(|weight| weight.name != **name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(Error::Unknown(unknown));
    }
    Ok(all.iter().filter(|weight| names.is_empty() || names.contains(&weight.name)).collect())
}

/// The repository of a model: where it is pushed to, its weights are.
fn repository(config: &Config) -> anyhow::Result<Reference> {
    let model = config.model.as_deref().ok_or(Error::NoModel)?;
    let named = Said::by_environment().reference(Some(model), None, Timestamp::now())?;
    Ok(named.ok_or(Error::NoModel)?)
}

async fn registry(reference: &Reference) -> anyhow::Result<Registry> {
    Ok(Registry::of(reference, Certificates::from_environment()?.as_ref()).await?)
}

/// Bytes, as people say them.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut whole = bytes;
    let mut tenths = 0;
    while whole >= 1024 && unit + 1 < UNITS.len() {
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        unit += 1;
    }
    if unit == 0 { format!("{whole} B") } else { format!("{whole}.{tenths} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_are_said_in_binary_units() {
        assert_eq!((human(0), human(1023)), ("0 B".to_owned(), "1023 B".to_owned()));
        assert_eq!((human(1536), human(6 << 30)), ("1.5 KiB".to_owned(), "6.0 GiB".to_owned()));
    }
}
