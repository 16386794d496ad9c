//! One function per command: settings in, an answer on the standard output, everything else beside it.

pub mod asking;
pub mod bench;
pub mod build;
pub mod completions;
pub mod dockerfile;
pub mod doctor;
pub mod exec;
pub mod help;
pub mod init;
pub mod inspect;
pub mod login;
pub mod playground;
pub mod predict;
pub mod push;
pub mod schema;
pub mod serve;
pub mod source;
pub mod weights;
