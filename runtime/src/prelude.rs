//! What most models need: `use cog::prelude::*;`.

pub use std::process::ExitCode;

pub use crate::{Prediction, Result, Secret, Setup, Stream, Token, bail, ensure};
