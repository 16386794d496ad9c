//! Pushes of a model with large weights: all of it, then what an edit changed.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;

use cog_tests::Registry;
use cog_tests::docker::ImageName;
use cog_tests::report::{Samples, Table, figure, ratio, verdict};

use crate::model::Model;
use crate::timed;

/// Into how many files the weights are cut.
const FILES: usize = 4;

/// How one of them did, in seconds.
#[derive(Default)]
struct Times {
    /// The first push, of an image that is there.
    first: Samples,
    /// The push after an edit, of an image that is there.
    again: Samples,
    /// From the edit to the registry, building included.
    edit: Samples,
}

/// What is measured of each.
pub(crate) struct Contest {
    model: Model,
    ours: Times,
    docker: Times,
    skopeo: Times,
}

impl Contest {
    /// The image is built, with the weights in it.
    pub(crate) fn prepared(megabytes: usize) -> Self {
        let model = Model::new("bench-pushes");
        let mut random = File::open("/dev/urandom").expect("there are random bytes");
        let mut piece = vec![0; 1_000_000];
        std::fs::create_dir(model.project.file("weights")).expect("a directory can be made");
        for number in 0..FILES {
            let path = model.project.file(&format!("weights/part-{number}.safetensors"));
            let mut file = File::create(path).expect("a file can be made");
            for _ in 0..megabytes.div_ceil(FILES) {
                // Weights hardly compress.
                random.read_exact(&mut piece).expect("there are random bytes");
                file.write_all(&piece).expect("there is room for weights");
            }
        }
        let contest =
            Self { model, ours: Times::default(), docker: Times::default(), skopeo: Times::default() };
        contest.model.write_layout();
        contest
    }

    pub(crate) fn round(&mut self, round: usize) {
        let Self { model, ours, docker, skopeo } = self;
        let model = &*model;
        ours.measure(Contestant {
            model,
            name: &format!("Ours {round}"),
            build: &|_| model.write_layout(),
            push: &|reference| timed::cog(model.cog(&format!("push --builder host {reference}"))),
            // It builds what it pushes.
            builds_to_push: false,
        });
        docker.measure(Contestant {
            model,
            name: &format!("Docker {round}"),
            build: &|reference| timed::cog(model.cog(&format!("build --builder host -t {reference}"))),
            push: &|reference| {
                let mut push = Command::new("docker");
                push.args(["push", "--quiet", reference]);
                timed::program(push);
            },
            builds_to_push: true,
        });
        skopeo.measure(Contestant {
            model,
            name: &format!("Skopeo {round}"),
            build: &|_| model.write_layout(),
            push: &|reference| {
                let mut copy = Command::new("skopeo");
                copy.args(["copy", "--quiet", "--dest-tls-verify=false"]);
                copy.arg(format!("oci:{}", model.layout().display())).arg(format!("docker://{reference}"));
                timed::program(copy);
            },
            builds_to_push: true,
        });
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new([
            "",
            "ours, s",
            "`docker push`, s",
            "`skopeo copy`, s",
            "× docker",
            "× skopeo",
            "budget",
            "",
        ]);
        let mut row = |what: &str, times: fn(&Times) -> &Samples, budget: f64| {
            let (ours, docker, skopeo) = (times(&self.ours), times(&self.docker), times(&self.skopeo));
            let slower = [docker.per(ours), skopeo.per(ours)];
            let met = slower.iter().all(|ratio| ratio.median() >= budget);
            table.row([
                what.to_owned(),
                figure(ours.median()),
                figure(docker.median()),
                figure(skopeo.median()),
                ratio(&slower[0]),
                ratio(&slower[1]),
                format!("≥ {budget}"),
                verdict(met),
            ]);
        };
        row("first push", |times| &times.first, 2.0);
        row("push after an edit", |times| &times.again, 20.0);
        row("from the edit to the registry", |times| &times.edit, 1.0);
        table
    }
}

/// Who pushes, and how.
struct Contestant<'a> {
    model: &'a Model,
    /// What no other edit says.
    name: &'a str,
    /// Makes the image that is pushed to a reference.
    build: &'a dyn Fn(&str),
    push: &'a dyn Fn(&str),
    /// Whether an edit has to be built before it is pushed.
    builds_to_push: bool,
}

impl Times {
    fn measure(&mut self, contestant: Contestant<'_>) {
        let Contestant { model, name, build, push, builds_to_push } = contestant;
        let registry = Registry::open();
        let image = ImageName::of(format!("{}:latest", registry.reference("bench/weights")));
        model.edit(&format!("{name} first"));
        build(&image);
        self.first.push(timed::seconds(|| push(&image)));
        model.edit(&format!("{name} then"));
        build(&image);
        self.again.push(timed::seconds(|| push(&image)));
        model.edit(&format!("{name} last"));
        self.edit.push(timed::seconds(|| {
            if builds_to_push {
                build(&image);
            }
            push(&image);
        }));
    }
}
