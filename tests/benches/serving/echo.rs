//! The budgets of the design, on the model that does nothing: what is measured is the server.

use cog_tests::report::{Samples, Table, figure, fraction, percent, ratio, verdict};
use std::time::Duration;

use crate::bare;
use crate::contestant::{Contestant, Contestants};
use crate::load::Load;

/// How long a server is left alone before its memory is looked at.
const REST: Duration = Duration::from_secs(1);
/// How many clients share the one slot.
const CROWD: usize = 8;
/// How long ours lets them queue.
const QUEUE: (&str, &str) = ("COG_QUEUE_LIMIT", "64");

/// What is measured of one contestant.
#[derive(Default)]
struct Figures {
    rate: Samples,
    busy: Samples,
    p50: Samples,
    p99: Samples,
    crowd_rate: Samples,
    crowd_busy: Samples,
    start: Samples,
    memory: Samples,
}

/// What all rounds measured.
#[derive(Default)]
pub(crate) struct Results {
    reference: Figures,
    ours: Figures,
    bare: Figures,
    in_process: Samples,
}

impl Results {
    pub(crate) fn round(&mut self, contestants: &Contestants, time: Duration) {
        for who in Contestant::ALL {
            let (path, figures) = match who {
                Contestant::Reference => ("/predictions", &mut self.reference),
                Contestant::Ours => ("/predictions", &mut self.ours),
                Contestant::Bare => (bare::ECHO, &mut self.bare),
            };
            let server = contestants.start(who, "echo", &[QUEUE]);
            std::thread::sleep(REST);
            figures.memory.push(server.memory() as f64 / 1e6);
            figures.start.push(server.start.as_secs_f64() * 1e3);
            let load = |path, connections| Load {
                port: server.port,
                path,
                body: r#"{"input":{"text":"world"}}"#.to_owned(),
                connections,
                ends_with: r#""output":"hello world","status":"succeeded"}"#,
            };
            let alone = load(path, 1).run(time);
            figures.rate.push(alone.rate());
            figures.busy.push(alone.busy());
            figures.p50.push(alone.percentile(50));
            figures.p99.push(alone.percentile(99));
            let crowd = load(path, CROWD).run(time);
            figures.crowd_rate.push(crowd.rate());
            figures.crowd_busy.push(crowd.busy());
            if who == Contestant::Bare {
                self.in_process.push(load(bare::IN_PROCESS, 1).run(time).percentile(50));
            }
        }
    }

    /// The rows of the design, and whether each is met.
    pub(crate) fn budgets(&self) -> Table {
        let Self { reference, ours, bare, .. } = self;
        let mut table = Table::new(["", "reference", "here", "bare axum", "ratio", "budget", ""]);
        let mut row = |name: &str, figures: [String; 3], ratio: String, budget: &str, met: Option<bool>| {
            let met = met.map(verdict).unwrap_or_default();
            let [reference, ours, bare] = figures;
            table.row([name.to_owned(), reference, ours, bare, ratio, budget.to_owned(), met]);
        };
        let all = |of: fn(&Figures) -> &Samples, write: fn(f64) -> String| {
            [reference, ours, bare].map(|figures| write(of(figures).median()))
        };
        let nothing = || ["", "", ""].map(str::to_owned);

        let faster = ours.rate.per(&reference.rate);
        let met = Some(faster.median() >= 6.0);
        row(
            "echo, 1 connection: predictions/s",
            all(|of| &of.rate, figure),
            ratio(&faster),
            "≥ 6 × reference",
            met,
        );
        let share = ours.rate.per(&bare.rate);
        let met = Some(share.median() >= 0.5);
        row("", nothing(), ratio(&share), "≥ 0.5 × bare axum", met);
        let met = Some(ours.busy.most() == 0.0);
        row("… answers that are 409", all(|of| &of.busy, percent), String::new(), "none", met);
        let quicker = reference.p50.per(&ours.p50);
        let met = Some(quicker.median() >= 6.0);
        row("… p50, µs", all(|of| &of.p50, figure), fraction(&quicker), "≤ 1/6", met);
        row("… p99, µs", all(|of| &of.p99, figure), fraction(&reference.p99.per(&ours.p99)), "", None);
        let met = Some(ours.crowd_busy.most() == 0.0);
        let name = "echo, 8 connections on 1 slot: answers that are 409";
        row(name, all(|of| &of.crowd_busy, percent), String::new(), "none, with a queue", met);
        let met = Some(ours.crowd_rate.median() >= 10_000.0);
        let faster = ratio(&ours.crowd_rate.per(&reference.crowd_rate));
        row("… predictions/s", all(|of| &of.crowd_rate, figure), faster, "≥ 10,000/s", met);
        let sooner = reference.start.per(&ours.start);
        let met = Some(sooner.median() >= 15.0);
        row("process start to READY, ms", all(|of| &of.start, figure), fraction(&sooner), "≤ 1/15", met);
        let met = Some(ours.memory.median() <= 12.0);
        let smaller = fraction(&reference.memory.per(&ours.memory));
        row(
            "memory at rest (PSS of all processes), MB",
            all(|of| &of.memory, figure),
            smaller,
            "≤ 12 MB",
            met,
        );
        table
    }

    /// What it costs that the model is in a process of its own.
    pub(crate) fn isolation(&self) -> Table {
        let mut table = Table::new(["echo, p50", "µs"]);
        let cost = self.ours.p50.median() - self.in_process.median();
        table.row([
            "the predictor's function called in an axum handler".to_owned(),
            figure(self.in_process.median()),
        ]);
        table.row([
            "the same in a worker process, behind the whole protocol".to_owned(),
            figure(self.ours.p50.median()),
        ]);
        table.row(["the difference".to_owned(), figure(cost)]);
        table
    }
}
