//! What a new project can begin as. All but the first are examples of this repository, which are tested there.

use super::lock::lock_file;
use super::{SDK_MANIFEST, VENDORED};

/// What a new project begins as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Template {
    /// A function that greets
    #[default]
    Hello,
    /// Pictures in, pictures out
    Image,
    /// Text that comes piece by piece
    TextStream,
    /// Sentences to vectors, by a transformer on the CPU
    Embed,
    /// The same on a GPU
    Gpu,
    /// A network from an ONNX file: where in a recording somebody speaks
    Onnx,
}

/// A file of a template: its place in the project, and its content.
pub(super) type File = (&'static str, &'static [u8]);

/// What makes up a template.
pub(super) struct Parts {
    /// Its files but the manifest and the lock file.
    pub(super) files: &'static [File],
    manifest: &'static str,
    lock: &'static str,
    /// What its package is called where it comes from.
    own_name: &'static str,
}

/// Files of an example, by their names there, and others.
macro_rules! example {
    ($name:literal, [$($file:literal),+], [$($other:expr),*]) => {
        [$(($file, include_bytes!(concat!("../../../examples/", $name, "/", $file)) as &[u8]),)+ $($other),*]
    };
}

const FETCH_WEIGHTS: &[u8] = include_bytes!("../../../examples/fetch-weights");
const HELLO_MANIFEST: &str = include_str!("../../../templates/init/Cargo.toml");
const HELLO_LOCK: &str = include_str!("../../../examples/hello-world/Cargo.lock");

impl Template {
    pub(super) fn parts(self) -> Parts {
        match self {
            Self::Hello => Parts {
                files: &[
                    ("src/main.rs", include_bytes!("../../../templates/init/main.rs")),
                    ("cog.yaml", include_bytes!("../../../templates/init/cog.yaml")),
                ],
                manifest: HELLO_MANIFEST,
                lock: HELLO_LOCK,
                own_name: "hello-world",
            },
            Self::TextStream => Parts {
                files: &[
                    ("src/main.rs", include_bytes!("../../../templates/init/text-stream/main.rs")),
                    ("cog.yaml", include_bytes!("../../../templates/init/text-stream/cog.yaml")),
                ],
                manifest: HELLO_MANIFEST,
                lock: HELLO_LOCK,
                own_name: "hello-world",
            },
            Self::Image => Parts {
                files: &example!("resize", ["src/main.rs", "cog.yaml", "photo.png"], []),
                manifest: include_str!("../../../examples/resize/Cargo.toml"),
                lock: include_str!("../../../examples/resize/Cargo.lock"),
                own_name: "resize",
            },
            Self::Embed => Parts {
                files: &example!(
                    "embed",
                    ["src/encoder.rs", "src/lib.rs", "src/main.rs", "cog.yaml", "weights.source"],
                    [("fetch-weights", FETCH_WEIGHTS)]
                ),
                manifest: include_str!("../../../examples/embed/Cargo.toml"),
                lock: include_str!("../../../examples/embed/Cargo.lock"),
                own_name: "embed",
            },
            Self::Gpu => Parts {
                files: &example!(
                    "embed-gpu",
                    ["src/main.rs", "cog.yaml", "weights.source"],
                    [
                        ("fetch-weights", FETCH_WEIGHTS),
                        ("embed/Cargo.toml", include_bytes!("../../../examples/embed/Cargo.toml")),
                        ("embed/src/encoder.rs", include_bytes!("../../../examples/embed/src/encoder.rs")),
                        ("embed/src/lib.rs", include_bytes!("../../../examples/embed/src/lib.rs")),
                        ("embed/src/main.rs", include_bytes!("../../../examples/embed/src/main.rs"))
                    ]
                ),
                manifest: include_str!("../../../examples/embed-gpu/Cargo.toml"),
                lock: include_str!("../../../examples/embed-gpu/Cargo.lock"),
                own_name: "embed-gpu",
            },
            Self::Onnx => Parts {
                files: &example!(
                    "speech",
                    [
                        "src/audio.rs",
                        "src/detector.rs",
                        "src/main.rs",
                        "src/segments.rs",
                        "speech.wav",
                        "cog.yaml",
                        "weights.source"
                    ],
                    [("fetch-weights", FETCH_WEIGHTS)]
                ),
                manifest: include_str!("../../../examples/speech/Cargo.toml"),
                lock: include_str!("../../../examples/speech/Cargo.lock"),
                own_name: "speech",
            },
        }
    }

    /// Arguments of a first prediction.
    pub fn inputs(self) -> &'static str {
        match self {
            Self::Hello => "-i name=World",
            Self::Image => "-i image=@photo.png -i width=64 -o small.png",
            Self::TextStream => "-i prompt='One word after another'",
            Self::Embed | Self::Gpu => {
                "-i texts='A man is eating food.' -i texts='Someone is having a meal.'"
            }
            Self::Onnx => "-i audio=@speech.wav",
        }
    }

    /// Whether its weights have to be fetched first.
    pub fn has_weights(self) -> bool {
        self.parts().files.iter().any(|(place, _)| *place == "weights.source")
    }

    /// Whether it runs on machines without a GPU.
    pub fn runs_here(self) -> bool {
        self != Self::Gpu
    }
}

impl Parts {
    /// The manifest of a project called `name`.
    pub(super) fn manifest(&self, name: &str) -> String {
        let vendored = format!("{VENDORED}/{SDK_MANIFEST}");
        let manifest = self.manifest.replace("{name}", name);
        let manifest = manifest.replacen(&named(self.own_name), &named(name), 1);
        let manifest = manifest.replace("\"../../runtime\"", &format!("{vendored:?}"));
        let manifest = manifest.replace("\"../embed\"", "\"embed\"");
        let excluded =
            if self.holds("embed/Cargo.toml") { "\"vendor/cog\", \"embed\"" } else { "\"vendor/cog\"" };
        manifest.replace(
            "# A project of its own, though it lies inside another workspace's folder.\n[workspace]\n",
            &format!("# A project of its own, wherever it lies.\n[workspace]\nexclude = [{excluded}]\n"),
        )
    }

    /// The lock file of a project called `name`.
    pub(super) fn lock_file(&self, name: &str) -> String {
        lock_file(self.lock, self.own_name, name)
    }

    /// A file's content in a project called `name`.
    pub(super) fn content(&self, (place, content): File, name: &str) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(content) else { return content.to_vec() };
        match place {
            // A package's library has its name.
            "src/main.rs" if self.own_name == "embed" => {
                text.replace("embed::", &format!("{}::", name.replace('-', "_"))).into_bytes()
            }
            "embed/Cargo.toml" => {
                text.replace("\"../../runtime\"", &format!("\"../{VENDORED}/{SDK_MANIFEST}\"")).into_bytes()
            }
            _ => content.to_vec(),
        }
    }

    /// Whether a package of that name is among what it depends on, so that a second one would be in its way.
    pub(super) fn depends_on(&self, name: &str) -> bool {
        name != self.own_name && self.lock.contains(&format!("{}\n", named(name)))
    }

    fn holds(&self, place: &str) -> bool {
        self.files.iter().any(|(other, _)| *other == place)
    }
}

fn named(name: &str) -> String {
    format!("name = \"{name}\"")
}
