//! Base images.
use super::{Options, Plan, PlanError};
use crate::project::Project;
pub(super) const SCRATCH: &str = "scratch";
pub(super) fn plan(_: &Project, _: &Options) -> Result<Plan, PlanError> {
    Err(PlanError::Name { name: String::new() })
}
