//! What the end-to-end tests are made of.
//!
//! Owns the means to drive the product from outside: the `cog` program ([`Cog`]), a model's binary ([`Server`]), a
//! container registry ([`Registry`]), somebody to send to ([`Receiver`]), projects as an author would write them
//! ([`Project`]), and what a run may leave behind ([`docker`], [`processes`]). Refuses to know any of the product's
//! crates: it sees command lines, HTTP, images and files, as a user does.

mod cog;
mod connection;
pub mod docker;
mod outcome;
mod ports;
pub mod processes;
mod programs;
mod project;
mod receiver;
mod registry;
mod running;
mod server;
mod skip;
mod tiny_disk;

pub use cog::{Cog, cog};
pub use connection::{Connection, Event, Reply};
pub use outcome::Outcome;
pub use ports::free_port;
pub use processes::allow_many_files;
pub use programs::{cargo_target, models, repository, twin_alone};
pub use project::Project;
pub use receiver::{Received, Receiver};
pub use registry::{PASSWORD, Registry, USER};
pub use running::Running;
pub use server::Server;
pub use skip::{leave_out, skip};
pub use tiny_disk::TinyDisk;
