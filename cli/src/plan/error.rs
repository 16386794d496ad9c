//! Why a project cannot be planned.

/// Why a project cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The name of the image is none.
    #[error("`{name}` is not a name for an image")]
    Name {
        /// The name.
        name: String,
    },
}
