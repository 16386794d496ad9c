//! stub
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct Error;
impl Error {
    pub fn hint(&self) -> Option<String> {
        None
    }
}
