//! The tar.
use super::ContextError;
use std::io::Write;
#[derive(Debug)]
pub(super) struct Entry {
    path: String,
    size: u64,
}
impl Entry {
    pub(super) fn size(&self) -> u64 {
        self.size
    }
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}
pub(super) fn write(_: &[Entry], _: impl Write) -> Result<(), ContextError> {
    Ok(())
}
