//! What Cargo is asked to compile.

use serde::Serialize;

/// Package, binary and features of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CargoTarget {
    /// Package that is the model.
    pub package: String,
    /// Its binary target.
    pub bin: String,
    /// Features to switch on.
    pub features: Vec<String>,
    /// Whether default features stay on.
    pub default_features: bool,
}

impl CargoTarget {
    /// Arguments that select the model for `cargo build` and its like: `-p … --bin … --features …`.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["-p".into(), self.package.clone(), "--bin".into(), self.bin.clone()];
        if !self.default_features {
            arguments.push("--no-default-features".into());
        }
        if !self.features.is_empty() {
            arguments.extend(["--features".into(), self.features.join(",")]);
        }
        arguments
    }
}
