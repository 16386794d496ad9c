//! How fast it serves: side by side with the Python reference and with a bare axum handler, in one run, on one machine.
//!
//! `cargo bench -p cog-tests --bench serving`, with `-- --rounds N`, `--seconds N` (of load, each time) and `--small`
//! (without `examples/embed`, which takes minutes to compile). Prints tables; docs/benchmarks.md says how to read them.
//!
//! In each round every contestant in its turn is started, measured and ended, so that a slow minute of the machine
//! meets all of them; what is printed is the median of the rounds.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what this is for")]

mod bare;
mod batching;
mod contestant;
mod echo;
mod files;
mod load;
mod options;
mod reference;
mod server;
mod streams;

use contestant::Contestants;
use options::Options;

fn main() {
    let options = Options::from_arguments();
    if let Some(port) = options.bare {
        bare::serve(port);
        return;
    }
    cog_tests::allow_many_files();
    let contestants = Contestants::prepared();
    let mut echo = echo::Results::default();
    let mut streams = streams::Results::default();
    let mut files = files::Results::default();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        echo.round(&contestants, options.time);
        streams.round(&contestants);
        files.round(&contestants, options.time);
    }
    println!("{}\n", options.heading());
    println!("{}\n", echo.budgets());
    println!("{}\n", echo.isolation());
    println!("{}\n", streams.table());
    println!("{}", files.table());
    if options.small {
        eprintln!("left out: batching, because of --small");
    } else {
        println!("\n{}", batching::measured(options.rounds, options.time));
    }
}
