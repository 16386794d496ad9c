//! Builds of a small model: nothing changed, one line changed.

use cog_tests::docker::ImageName;
use cog_tests::report::{Samples, Table, figure, verdict};
use cog_tests::{Registry, cog};

use crate::model::Model;
use crate::timed;

/// A second beyond what cannot be avoided is what a build may take.
const BUDGET: f64 = 1.0;

/// What is measured, in seconds.
pub(crate) struct Contest {
    model: Model,
    registry: Registry,
    host: ImageName,
    docker: ImageName,
    start: Samples,
    host_unchanged: Samples,
    docker_unchanged: Samples,
    cargo: Samples,
    host_edited: Samples,
    pushed: Samples,
    docker_edited: Samples,
}

impl Contest {
    /// Everything that is compiled once is compiled.
    pub(crate) fn prepared() -> Self {
        let contest = Self {
            model: Model::new("bench-builds"),
            registry: Registry::open(),
            host: ImageName::fresh(),
            docker: ImageName::fresh(),
            start: Samples::default(),
            host_unchanged: Samples::default(),
            docker_unchanged: Samples::default(),
            cargo: Samples::default(),
            host_edited: Samples::default(),
            pushed: Samples::default(),
            docker_edited: Samples::default(),
        };
        contest.model.cargo_build();
        contest.build("host");
        contest.push();
        contest.build("docker");
        contest
    }

    fn build(&self, builder: &str) {
        let name: &str = if builder == "host" { &self.host } else { &self.docker };
        timed::cog(self.model.cog(&format!("build --builder {builder} -t {name}")));
    }

    fn push(&self) {
        let reference = self.registry.reference("bench/builds");
        timed::cog(self.model.cog(&format!("push --builder host {reference}")));
    }

    pub(crate) fn round(&mut self, round: usize) {
        self.start.push(timed::seconds(|| timed::cog(cog(["--version"]))));
        self.host_unchanged.push(timed::seconds(|| self.build("host")));
        self.docker_unchanged.push(timed::seconds(|| self.build("docker")));
        // Each compiles an edit that it has not seen, since a build remembers what it has made.
        self.model.edit(&format!("Hello {round}"));
        self.cargo.push(timed::seconds(|| self.model.cargo_build()));
        self.host_edited.push(timed::seconds(|| self.build("host")));
        self.docker_edited.push(timed::seconds(|| self.build("docker")));
        self.model.edit(&format!("Good day {round}"));
        self.pushed.push(timed::seconds(|| self.push()));
        self.build("host");
        self.build("docker");
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(["", "s", "beyond", "budget", ""]);
        let mut row = |what: &str, samples: &Samples, base: Option<&Samples>| {
            let beyond = base.map(|base| samples.median() - base.median());
            let said = |seconds: f64| format!("{seconds:.2}");
            table.row([
                what.to_owned(),
                format!("{} ({}–{})", said(samples.median()), said(samples.least()), said(samples.most())),
                beyond.map_or_else(String::new, said),
                if beyond.is_some() { format!("≤ {} s", figure(BUDGET)) } else { String::new() },
                beyond.map_or_else(String::new, |beyond| verdict(beyond <= BUDGET)),
            ]);
        };
        row("`cog --version`", &self.start, None);
        row("`cog build`, nothing changed, `host`", &self.host_unchanged, Some(&self.start));
        row("… `docker`", &self.docker_unchanged, Some(&self.start));
        row("one line changed: bare `cargo build --release`", &self.cargo, None);
        row("… `cog build`, `host`: an image in the engine", &self.host_edited, Some(&self.cargo));
        row("… `cog push`, `host`: an image in the registry", &self.pushed, Some(&self.cargo));
        row("… `cog build`, `docker`: an image in the engine", &self.docker_edited, None);
        table
    }
}
