//! Files of 6 MiB as data URLs, in and out.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cog_tests::report::{Samples, Table, figure, fraction};

use crate::contestant::{Contestant, Contestants};
use crate::load::Load;

const SIZE: usize = 6 << 20;

/// What is measured of one contestant, in milliseconds.
#[derive(Default)]
struct Figures {
    input: Samples,
    output: Samples,
}

/// What all rounds measured.
#[derive(Default)]
pub(crate) struct Results {
    reference: Figures,
    ours: Figures,
}

impl Results {
    pub(crate) fn round(&mut self, contestants: &Contestants, time: Duration) {
        let file: Vec<u8> = (0..SIZE).map(|place| (place * 31 % 251) as u8).collect();
        let file = STANDARD.encode(file);
        let input = format!(r#"{{"input":{{"file":"data:application/octet-stream;base64,{file}"}}}}"#);
        let output = format!(r#"{{"input":{{"size":{SIZE}}}}}"#);
        for who in Contestant::SERVERS {
            let figures = if who == Contestant::Ours { &mut self.ours } else { &mut self.reference };
            let server = contestants.start(who, "files", &[]);
            for (body, samples) in [(&input, &mut figures.input), (&output, &mut figures.output)] {
                let load = Load {
                    port: server.port,
                    path: "/predictions",
                    body: body.clone(),
                    connections: 1,
                    ends_with: r#"","status":"succeeded"}"#,
                };
                samples.push(load.run(time).percentile(50) / 1e3);
            }
        }
    }

    pub(crate) fn table(&self) -> Table {
        let Self { reference, ours } = self;
        let mut table = Table::new(["6 MiB as a data URL, p50", "reference, ms", "here, ms", "ratio"]);
        for (name, reference, ours) in
            [("input", &reference.input, &ours.input), ("output", &reference.output, &ours.output)]
        {
            let quicker = fraction(&reference.per(ours));
            table.row([name.to_owned(), figure(reference.median()), figure(ours.median()), quicker]);
        }
        table
    }
}
