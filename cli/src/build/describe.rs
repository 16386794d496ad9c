//! The documents that an image describes its model with: labels where they are short enough, files in any case.

use std::collections::BTreeMap;

use crate::digest::digest;
use serde_json::Value;

use super::{SCHEMA_LABEL, sbom};
use crate::context::archive::{Content, Entry};
use crate::project::Project;
use crate::weights::{self, Lock};

/// The label of the bill of materials, a CycloneDX document.
const SBOM_LABEL: &str = "run.cog.sbom";
/// Where an image has it, too.
const SBOM: &str = "src/.cog/sbom.cdx.json";
/// Where an image has the list of its weights.
const WEIGHTS: &str = "src/.cog/weights.json";
/// Added to a label's name where the document is too long for one: the label then has the digest of the file.
const DIGEST: &str = "_digest";
/// Bytes that a label may have. Engines list labels with every image, and some refuse manifests beyond 4 MiB.
const LONGEST: usize = 256 << 10;

/// What is known of a model besides what it says of itself.
#[derive(Debug, Clone, Default)]
pub struct Description {
    sbom: String,
    /// The list of weights.
    weights: Option<Vec<u8>>,
}

impl Description {
    /// The description of what a project with these weights is made of.
    pub(super) fn of(project: &Project, weights: Option<&Lock>) -> Self {
        let weights = weights.filter(|lock| !lock.weights.is_empty()).map(weights::list);
        Self { sbom: sbom::document(&project.lock, &project.cargo.package).to_string(), weights }
    }

    /// Adds the documents' labels.
    pub(super) fn label(&self, labels: &mut BTreeMap<String, String>, schema: &Value) {
        for (name, document) in [(SCHEMA_LABEL, schema.to_string()), (SBOM_LABEL, self.sbom.clone())] {
            if document.len() <= LONGEST {
                labels.insert(name.to_owned(), document);
            } else {
                labels.insert(format!("{name}{DIGEST}"), digest(document.as_bytes()));
            }
        }
    }

    /// The same for the same description.
    pub(super) fn fingerprint(&self) -> String {
        digest(&[self.sbom.as_bytes(), self.weights.as_deref().unwrap_or_default()].concat())
    }

    /// Files that the image has besides those of the model.
    pub(super) fn files(&self) -> Vec<Entry> {
        let weights = self.weights.clone().map(|list| (WEIGHTS, list));
        let files = [(SBOM, self.sbom.clone().into_bytes())].into_iter().chain(weights);
        files.map(|(path, bytes)| Entry::new(path, Content::Made(bytes))).collect()
    }
}

/// Whether an image with these labels has its schema in a file only.
pub fn schema_is_a_file(labels: &BTreeMap<String, String>) -> bool {
    labels.contains_key(&format!("{SCHEMA_LABEL}{DIGEST}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_that_is_too_long_for_a_label_leaves_its_digest() {
        let mut labels = BTreeMap::new();
        let description = Description { sbom: "{}".to_owned(), weights: None };
        description.label(&mut labels, &json!({ "about": "x".repeat(LONGEST) }));
        assert!(schema_is_a_file(&labels) && !labels.contains_key(SCHEMA_LABEL));
        assert_eq!(labels[SBOM_LABEL], "{}");
        let mut labels = BTreeMap::new();
        description.label(&mut labels, &json!({ "about": "x" }));
        assert_eq!(labels[SCHEMA_LABEL], r#"{"about":"x"}"#);
        assert!(!schema_is_a_file(&labels));
    }
}
