//! One function per command.

pub mod build;
pub mod dockerfile;
pub mod init;
pub mod push;
