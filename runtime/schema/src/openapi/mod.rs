//! The OpenAPI 3.0.2 document of a signature, out and in.
//!
//! Existing clients read it, so names, titles and extensions are theirs to the letter. [`read`] also takes the
//! documents of models in other languages.

mod document;
mod read;
mod routes;
mod schema;

pub use document::{document, document_with_training};
pub use read::{ReadFault, read, read_training, trains};

/// Where components are.
const COMPONENTS: &str = "#/components/schemas/";
