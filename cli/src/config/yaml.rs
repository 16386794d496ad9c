//! YAML with positions.
use super::Fault;
pub(super) struct Node;
pub(super) fn read(_: &str) -> Result<Option<Node>, Fault> {
    Ok(None)
}
