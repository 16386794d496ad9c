//! To be written.

#![expect(unreachable_pub, reason = "in an executable, `pub` marks what a room offers to the others")]
#![expect(dead_code, unused_imports, reason = "the rooms are laid out before they are furnished")]

mod build;
mod commands;
mod config;
mod context;
mod credentials;
mod cuda;
mod dockerfile;
mod engine;
mod init;
mod plan;
mod progress;
mod project;
mod reference;

fn main() {}
