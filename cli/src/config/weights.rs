//! Rules of `weights`.
