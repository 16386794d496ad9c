//! One function per command.

pub mod dockerfile;
pub mod init;
