//! Where the source comes from.

/// Revision and version of the source, where they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Commit.
    pub revision: Option<String>,
    /// Branch, tag or description of the commit.
    pub version: Option<String>,
}
