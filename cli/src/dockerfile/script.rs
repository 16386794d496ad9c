//! Templates.
use crate::plan::Plan;
pub(super) fn tera() -> Result<tera::Tera, tera::Error> {
    Ok(tera::Tera::default())
}
pub(super) fn values(_: &Plan) -> Result<tera::Context, tera::Error> {
    Ok(tera::Context::new())
}
