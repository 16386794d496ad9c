//! Rules of `build`.
