//! `cog bench`: how fast a model is.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cog_schema::Delivery;

use super::asking::{self, Asked};
use crate::bench::{self, Figures, Form, Load, Report};
use crate::console::Console;
use crate::outputs::Destination;
use crate::progress::Mode;
use crate::project::Project;

/// Columns where nothing says how many there are.
const COLUMNS: u16 = 80;

/// What `cog bench` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Which model, and what.
    pub asking: asking::Settings,
    /// How much, and for how long.
    pub load: Load,
    /// `--report`.
    pub report: Option<PathBuf>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its name says no form.
    #[error("cannot tell what report `{}` is to be", .0.display())]
    NoForm(PathBuf),
    /// It could not be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoForm(_) => {
                Some("name it with .html for a page, or with .svg for the picture alone".to_owned())
            }
            Self::Write { .. } => None,
        }
    }
}

/// Measures. The figures go to the standard output, the report to its file.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let report = match &settings.report {
        Some(file) => Some((file, Form::of(file).ok_or_else(|| Error::NoForm(file.clone()))?)),
        None => None,
    };
    let json = settings.asking.json.is_some();
    let console = Console::new(settings.asking.progress == Mode::Quiet);
    // The whole answer is taken, whatever it is.
    let whole = Destination::prepare(None, true)?;
    let Asked { running, input, signature } = asking::ready(&settings.asking, &whole, &console).await?;
    let streams = signature.is_some_and(|signature| signature.output.delivery != Delivery::Single);
    let figures = bench::put(settings.load, running.client(), &input, streams, &console).await;
    running.close().await?;
    figures.tell(json)?;
    if !json {
        write!(io::stdout(), "\n{}", bench::plot(&figures, columns(), is_plain()))?;
    }
    if let Some((file, form)) = report {
        let text = written(&settings, &figures, form)?;
        std::fs::write(file, text).map_err(|source| Error::Write { path: file.clone(), source })?;
        console.say(&format!("Written to {}", file.display()));
    }
    Ok(figures.verdict()?)
}

fn written(settings: &Settings, figures: &Figures, form: Form) -> Result<String, tera::Error> {
    let model = match (&settings.asking.image, &settings.asking.url) {
        (Some(image), _) => image.clone(),
        (None, Some(url)) => url.to_string(),
        (None, None) => Project::load(&settings.asking.build.directory)
            .map_or_else(|_| "model".to_owned(), |project| project.cargo.package),
    };
    let date = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z").to_string();
    Report { figures, model, date }.text(form)
}

fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col);
    size.filter(|columns| *columns > 0).unwrap_or(COLUMNS).into()
}

/// Whether the terminal is one that may lack all but the oldest characters.
fn is_plain() -> bool {
    io::stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
