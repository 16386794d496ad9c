//! From the author's item to our model of it.
//!
//! Reports what cannot be understood and goes on with the rest; judges nothing that can be understood (that is
//! `check`'s).

mod answer;
mod batch;
mod function;
mod method;
mod parameter;

pub(crate) use batch::is_predict;
pub(crate) use function::function;
pub(crate) use method::methods;
pub(crate) use parameter::input;
