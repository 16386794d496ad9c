//! How fast an edit becomes an image, and an image gets into a registry: side by side with a bare `cargo build`, with
//! `docker push` and with `skopeo copy`, in one run, on one machine.
//!
//! `cargo bench -p cog-tests --bench images`, with `-- --rounds N` and `--megabytes N` (of weights that are pushed).
//! Needs a Docker engine, Debian's `docker-registry` and `skopeo`. Prints tables; docs/benchmarks.md says how to read
//! them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what this is for")]

mod builds;
mod model;
mod options;
mod pushes;
mod timed;

use cog_tests::{Registry, docker};
use options::Options;

fn main() {
    let options = Options::from_arguments();
    assert!(docker::answers(), "no Docker engine answers");
    assert!(Registry::installed(), "`docker-registry` is not installed (Debian has a package of that name)");
    let mut builds = builds::Contest::prepared();
    for round in 1..=options.rounds {
        eprintln!("builds, round {round} of {}", options.rounds);
        builds.round(round);
    }
    println!("{}\n", options.heading());
    println!("{}\n", builds.table());
    drop(builds);
    let mut pushes = pushes::Contest::prepared(options.megabytes);
    for round in 1..=options.rounds {
        eprintln!("pushes, round {round} of {}", options.rounds);
        pushes.round(round);
    }
    println!("{}", pushes.table());
}
