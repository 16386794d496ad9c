//! `cog weights status`: which weights the registry has.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::{registry, repository};
use crate::project::ProjectFile;
use crate::size::Size;
use crate::weights::{self, Standing};

/// What `cog weights status` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// `--json`.
    pub json: bool,
}

/// Prints the table. It fails, without more words, where a weight is not ready.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let project = ProjectFile::find(&settings.directory)?;
    if project.config.weights.is_empty() {
        return Err(weights::Error::None.into());
    }
    let registry = registry(&repository(&project.config)?).await?;
    let standings = weights::status(&project.directory, &project.config.weights, &registry).await?;
    let mut out = io::stdout();
    if settings.json {
        let weights: Vec<_> = standings.iter().map(document).collect();
        writeln!(out, "{:#}", json!({ "weights": weights }))?;
    } else {
        let name = standings.iter().map(|one| one.name.len()).max().unwrap_or(0).max(4);
        let target = standings.iter().map(|one| one.target.len()).max().unwrap_or(0).max(6);
        let head = ("NAME", "TARGET", "STATUS", "SIZE", "LAYERS", "DIGEST");
        writeln!(
            out,
            "{:name$}  {:target$}  {:10}  {:>9}  {:>6}  {}",
            head.0, head.1, head.2, head.3, head.4, head.5
        )?;
        for one in &standings {
            let (size, layers, digest) = match &one.entry {
                Some(entry) => {
                    (Size(entry.size).to_string(), entry.layers.len().to_string(), entry.digest.as_str())
                }
                None => ("-".to_owned(), "-".to_owned(), "-"),
            };
            let digest = digest.get(..19).unwrap_or(digest);
            writeln!(
                out,
                "{:name$}  {:target$}  {:10}  {size:>9}  {layers:>6}  {digest}",
                one.name, one.target, one.status
            )?;
        }
    }
    let ready = standings.iter().all(|one| one.status == weights::READY);
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn document(one: &Standing) -> serde_json::Value {
    let Some(entry) = &one.entry else {
        return json!({ "name": one.name, "target": one.target, "status": one.status });
    };
    let layers = entry.layers.iter().zip(&one.layers);
    json!({
        "name": one.name,
        "target": one.target,
        "status": one.status,
        "size": entry.size,
        "sizeCompressed": entry.size_compressed,
        "layerCount": entry.layers.len(),
        "fileCount": entry.files.len(),
        "digest": entry.digest,
        "source": entry.sources.first().map(|source| json!({ "uri": source.uri, "fingerprint": source.fingerprint })),
        "layers": layers.map(|(layer, there)| {
            let status = if *there { weights::READY } else { "missing" };
            json!({ "digest": layer.digest, "size": layer.size, "status": status })
        }).collect::<Vec<_>>(),
    })
}
