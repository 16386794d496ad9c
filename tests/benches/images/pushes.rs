//! Pushes of a model with large weights: all of it, then what an edit changed.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;

use cog_tests::Registry;
use cog_tests::docker::ImageName;
use cog_tests::report::{Samples, Table, figure, ratio, verdict};
use tempfile::TempDir;

use crate::model::Model;
use crate::timed;

/// Into how many files the weights are cut.
const FILES: usize = 4;
/// How many times as long as ours the others may take at least.
const FIRST: f64 = 2.0;
const AGAIN: f64 = 20.0;
/// A model's directory in one layer, as the reference puts it into an image.
const ONE_LAYER: &str = "FROM debian:bookworm-slim\nCOPY . /src\n";

/// Who pushes, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contestant {
    Ours,
    /// `docker push` of our image.
    Docker,
    /// `skopeo copy` of our layout.
    Skopeo,
    /// `docker push` of an image with weights and code in one layer.
    DockerOneLayer,
    /// `skopeo copy` of such an image out of the engine.
    SkopeoOneLayer,
}

const CONTESTANTS: [Contestant; 5] = [
    Contestant::Ours,
    Contestant::Docker,
    Contestant::Skopeo,
    Contestant::DockerOneLayer,
    Contestant::SkopeoOneLayer,
];

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
    recipe: TempDir,
    times: [Times; CONTESTANTS.len()],
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
        let recipe = tempfile::tempdir().expect("a directory can be made");
        std::fs::write(recipe.path().join("Dockerfile"), ONE_LAYER).expect("a file can be written");
        model.write_layout();
        Self { model, recipe, times: Default::default() }
    }

    pub(crate) fn round(&mut self, round: usize) {
        for (number, contestant) in CONTESTANTS.into_iter().enumerate() {
            eprintln!("  {}", contestant.name());
            let registry = Registry::open();
            let image = ImageName::of(format!("{}:latest", registry.reference("bench/weights")));
            self.model.edit(&format!("{number} first {round}"));
            self.build(contestant, &image);
            let first = timed::seconds(|| self.push(contestant, &image));
            self.model.edit(&format!("{number} then {round}"));
            self.build(contestant, &image);
            let again = timed::seconds(|| self.push(contestant, &image));
            self.model.edit(&format!("{number} last {round}"));
            let edit = timed::seconds(|| {
                // Ours builds what it pushes.
                if contestant != Contestant::Ours {
                    self.build(contestant, &image);
                }
                self.push(contestant, &image);
            });
            let times = &mut self.times[number];
            times.first.push(first);
            times.again.push(again);
            times.edit.push(edit);
        }
    }

    /// Makes the image that is pushed as `image`.
    fn build(&self, contestant: Contestant, image: &str) {
        match contestant {
            Contestant::Ours | Contestant::Docker => {
                timed::cog(self.model.cog(&format!("build --builder host -t {image}")));
            }
            Contestant::Skopeo => self.model.write_layout(),
            Contestant::DockerOneLayer | Contestant::SkopeoOneLayer => {
                let mut build = Command::new("docker");
                build.args(["build", "--quiet", "--tag", image, "--file"]);
                build.arg(self.recipe.path().join("Dockerfile")).arg(self.model.project.path());
                timed::program(build);
            }
        }
    }

    fn push(&self, contestant: Contestant, image: &str) {
        let skopeo = |from: String| {
            let mut copy = Command::new("skopeo");
            copy.args(["copy", "--quiet", "--dest-tls-verify=false"]);
            copy.arg(from).arg(format!("docker://{image}"));
            timed::program(copy);
        };
        match contestant {
            Contestant::Ours => timed::cog(self.model.cog(&format!("push --builder host {image}"))),
            Contestant::Docker | Contestant::DockerOneLayer => {
                let mut push = Command::new("docker");
                push.args(["push", "--quiet", image]);
                timed::program(push);
            }
            Contestant::Skopeo => skopeo(format!("oci:{}", self.model.layout().display())),
            Contestant::SkopeoOneLayer => skopeo(format!("docker-daemon:{image}")),
        }
    }

    pub(crate) fn table(&self) -> Table {
        let [first, again] = [FIRST, AGAIN].map(|budget| format!("× ours, ≥ {budget}"));
        let heads =
            ["", "first push, s", &first, "", "after an edit, s", &again, "", "from the edit, s", "× ours"];
        let mut table = Table::new(heads);
        let [ours, ..] = &self.times;
        for (contestant, times) in CONTESTANTS.into_iter().zip(&self.times) {
            let compared = |times: &Samples, ours: &Samples, budget: Option<f64>| {
                let slower = times.per(ours);
                let told = contestant != Contestant::Ours;
                let met = budget.map_or_else(String::new, |budget| verdict(slower.median() >= budget));
                let [times_ours, met] =
                    [ratio(&slower), met].map(|text| if told { text } else { String::new() });
                (figure(times.median()), times_ours, met)
            };
            let (first, first_ratio, first_met) = compared(&times.first, &ours.first, Some(FIRST));
            let (again, again_ratio, again_met) = compared(&times.again, &ours.again, Some(AGAIN));
            let (edit, edit_ratio, _) = compared(&times.edit, &ours.edit, None);
            let name = contestant.name().to_owned();
            let cells =
                [name, first, first_ratio, first_met, again, again_ratio, again_met, edit, edit_ratio];
            table.row(cells);
        }
        table
    }
}

impl Contestant {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "`cog push`",
            Self::Docker => "`docker push` of our image",
            Self::Skopeo => "`skopeo copy` of our layout",
            Self::DockerOneLayer => "`docker push`, weights and code in one layer",
            Self::SkopeoOneLayer => "`skopeo copy` of that, out of the engine",
        }
    }
}
