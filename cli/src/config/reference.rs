//! Rules of `reference`.
