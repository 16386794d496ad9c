//! The inputs of one prediction as one value.

use crate::glue::Arguments;
use crate::model::Failure;

/// The inputs of one prediction, where a function takes those of several: a struct that derives
/// [`cog::Inputs`](derive@crate::Inputs).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold the inputs of a prediction",
    label = "give it `#[derive(cog::Inputs)]`",
    note = "a batch takes `Vec<T>`, where `T` is a struct with a field for each input"
)]
pub trait Inputs: Sized + Send + 'static {
    /// What each input is.
    #[doc(hidden)]
    fn declarations() -> Vec<cog_schema::Input>;

    /// Takes the values out of checked input.
    #[doc(hidden)]
    fn take(arguments: &mut Arguments) -> Result<Self, Failure>;
}
