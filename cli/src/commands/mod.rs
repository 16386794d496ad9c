//! One function per command: settings in, an answer on the standard output, everything else beside it.

pub mod build;
pub mod dockerfile;
pub mod init;
pub mod predict;
pub mod push;
pub mod schema;
pub mod serve;
pub mod source;
