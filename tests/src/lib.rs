//! What the end-to-end tests are made of.
//!
//! Owns the means to drive the product from outside: the `cog` program ([`Cog`]), a model's binary ([`Server`]), a
//! container registry ([`Registry`]) and a way to it that fails ([`BadWay`]), one to the engine that can be listened in on
//! and cut ([`EngineWay`]), somebody to send to ([`Receiver`]), a page beside a model ([`Playground`]) and a browser to
//! see it with ([`Browser`]), projects as an author would write them ([`Project`]), and what a run may leave behind
//! ([`docker`], [`processes`]). Refuses to know any of the product's crates: it sees command lines, HTTP, images and
//! files, as a user does.

mod bad_way;
mod browser;
mod cog;
mod connection;
pub mod docker;
mod engine_way;
mod outcome;
mod playground;
mod ports;
pub mod processes;
mod programs;
mod project;
mod python;
mod receiver;
mod registry;
pub mod report;
mod running;
mod server;
mod shell;
mod skip;
mod terminal;
mod tiny_disk;
mod tokens;
mod web;

pub use bad_way::{Asked, BadWay, Fault};
pub use browser::Browser;
pub use cog::{Cog, cog};
pub use connection::{Connection, Event, Reply};
pub use engine_way::EngineWay;
pub use outcome::Outcome;
pub use playground::Playground;
pub use ports::free_port;
pub use processes::allow_many_files;
pub use programs::{cargo_target, models, repository, twin_alone};
pub use project::Project;
pub use python::python_programs;
pub use receiver::{Received, Receiver};
pub use registry::{PASSWORD, Registry, USER};
pub use running::Running;
pub use server::Server;
pub use shell::{shell, shell_command};
pub use skip::{leave_out, skip};
pub use terminal::{Terminal, without_escapes};
pub use tiny_disk::TinyDisk;
pub use web::{Answer, Request, Web};
