//! What it gains to make the predictions of many callers by one call, on a real model: `examples/embed`.

use std::process::Command;
use std::time::Duration;

use cog_tests::report::{Samples, Table, figure, ratio};
use cog_tests::{cargo_target, free_port, repository};

use crate::load::Load;
use crate::server::Server;

/// How many callers there are, at most as many as the model takes at once.
const CALLERS: [usize; 4] = [1, 4, 8, 32];

/// Compiles the model, fetches its weights, and measures it alone.
pub(crate) fn measured(rounds: usize, time: Duration) -> Table {
    let mut rates: [Samples; CALLERS.len()] = Default::default();
    let example = repository().join("examples/embed");
    run(Command::new(repository().join("examples/fetch-weights")).arg("embed"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--locked", "--target-dir"]).arg(cargo_target());
    run(cargo.current_dir(&example));
    for _ in 0..rounds {
        let port = free_port();
        let mut command = Command::new(cargo_target().join("release/embed"));
        command.current_dir(&example).env("PORT", port.to_string());
        let server = Server::start(command, port);
        for (connections, rate) in CALLERS.into_iter().zip(&mut rates) {
            let load = Load {
                port: server.port,
                path: "/predictions",
                body: r#"{"input":{"texts":["A man is eating food."]}}"#.to_owned(),
                connections,
                ends_with: r#"]],"status":"succeeded"}"#,
            };
            rate.push(load.run(time).rate());
        }
    }
    let mut table = Table::new(["examples/embed, one sentence each", "predictions/s", "gain"]);
    for (callers, rate) in CALLERS.into_iter().zip(&rates) {
        let callers = if callers == 1 { "1 caller".to_owned() } else { format!("{callers} callers at once") };
        table.row([callers, figure(rate.median()), ratio(&rate.per(&rates[0]))]);
    }
    table
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    assert!(status.success(), "{command:?} failed");
}
