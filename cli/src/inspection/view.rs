//! An image for a person to read.

use std::fmt::Write;

use cog_schema::openapi;

use super::Inspected;
use crate::signature::{limits, of_output, of_type};
use crate::size::Size;

/// Characters of a label that are shown.
const SHOWN: usize = 60;

/// The image, in lines.
pub fn view(image: &Inspected) -> String {
    let mut text = format!("{}\n", image.name);
    let mut row = |name: &str, value: &str| {
        let _infallible = writeln!(text, "  {name:<9} {value}");
    };
    let made = image.labels.get("run.cog.version").map(|version| format!("made by cog {version}"));
    row("image", &made.unwrap_or_else(|| "no model of cog's".to_owned()));
    row("platform", &image.platform);
    if let Some(created) = &image.created {
        row("created", created);
    }
    for (name, label) in
        [("revision", "org.opencontainers.image.revision"), ("version", "org.opencontainers.image.version")]
    {
        if let Some(value) = image.labels.get(label) {
            row(name, value);
        }
    }
    row("id", &image.id);
    if let Some(digest) = &image.digest {
        row("digest", digest);
    }
    if let Some(index) = &image.index {
        row("index", index);
    }
    let kind = if image.place == "engine" { "unpacked" } else { "packed" };
    let layers = image.layers.len();
    let several = if layers == 1 { "layer" } else { "layers" };
    row("size", &format!("{} {kind}, in {layers} {several}", Size(image.size)));
    signature(&mut text, image);
    text.push_str("\nLayers\n");
    let rows = image.layers.iter().map(|layer| {
        let digest = layer.digest.as_deref().map(short).unwrap_or_default();
        [Size(layer.size).to_string(), digest, clipped(&layer.about)]
    });
    table(&mut text, rows.collect());
    if !image.weights.is_empty() {
        text.push_str("\nWeights\n");
        let rows = image.weights.iter().map(|weight| {
            [
                weight.size.map(|size| Size(size).to_string()).unwrap_or_default(),
                short(&weight.digest),
                weight.name.clone(),
            ]
        });
        table(&mut text, rows.collect());
    }
    text.push_str("\nLabels\n");
    let rows = image.labels.iter().map(|(name, value)| [name.clone(), clipped(value), String::new()]);
    table(&mut text, rows.collect());
    text
}

fn signature(text: &mut String, image: &Inspected) {
    let Some(signature) = image.schema.as_ref().and_then(|schema| openapi::read(schema).ok()) else {
        text.push_str("\nNo signature\n");
        return;
    };
    text.push_str("\nInputs\n");
    let rows = signature.inputs.iter().map(|input| {
        let mut notes = limits(input);
        match &input.default {
            Some(default) if !default.is_null() => notes.push(format!("default {default}")),
            _ if input.is_required() => notes.push("required".to_owned()),
            _ => {}
        }
        if input.deprecated {
            notes.push("deprecated".to_owned());
        }
        let words = match &input.description {
            Some(words) if notes.is_empty() => words.clone(),
            Some(words) => format!("{words} ({})", notes.join(", ")),
            None => notes.join(", "),
        };
        [input.name.clone(), of_type(input.ty.required()), words]
    });
    table(text, rows.collect());
    let _infallible = writeln!(text, "\nOutput\n  {}", of_output(&signature.output));
}

/// Rows, their columns one under the other.
fn table(text: &mut String, rows: Vec<[String; 3]>) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for [one, two, three] in rows {
        let line = format!("  {one:<first$}  {two:<second$}  {three}");
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
}

fn short(digest: &str) -> String {
    format!("sha256:{}", crate::digest::short(digest))
}

fn clipped(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({})", &line[..end], Size(text.len() as u64)),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Layer, Weight};
    use super::*;

    #[test]
    fn an_image_reads_well() {
        let mut name = cog_schema::Input::new("name", cog_schema::Type::String);
        name.description = Some("Who to greet".to_owned());
        let mut count = cog_schema::Input::new("count", cog_schema::Type::Number);
        count.default = Some(json!(2));
        count.constraints.le = Some(8.into());
        let output =
            cog_schema::Output { ty: cog_schema::Type::String, delivery: cog_schema::Delivery::Single };
        let signature = cog_schema::Signature { inputs: vec![name, count], output };
        let digest = format!("sha256:{}", "0123456789ab".repeat(6));
        let image = Inspected {
            name: "r.example.com/me/hello:v1".to_owned(),
            place: "registry",
            id: digest.clone(),
            digest: Some(digest.clone()),
            platform: "linux/amd64".to_owned(),
            size: 5 << 20,
            layers: vec![Layer {
                digest: Some(digest.clone()),
                size: 5 << 20,
                about: "the model".to_owned(),
            }],
            weights: vec![Weight { name: "base".to_owned(), digest, size: Some(1 << 30) }],
            labels: [("run.cog.version".to_owned(), "0.1.0".to_owned())].into(),
            schema: Some(cog_schema::openapi::document(&signature, "0.1.0")),
            ..Inspected::default()
        };
        insta::assert_snapshot!(view(&image));
    }
}
