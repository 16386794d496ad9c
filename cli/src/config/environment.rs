//! Rules of `environment`.
