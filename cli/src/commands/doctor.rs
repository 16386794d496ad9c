//! `cog doctor`: what is wrong with this machine or the project, why it matters, and how to mend it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::doctor::{self, Facts, Finding, Level};

/// What `cog doctor` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// `--fix`.
    pub fix: bool,
    /// `--json`.
    pub json: bool,
}

/// Looks, mends where asked, and tells. Something that is wrong still is exit code 1; a warning is not.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut facts = Facts::gather(&settings.directory).await;
    let mut findings = doctor::check(&facts);
    let fixes: Vec<_> = findings.iter().filter_map(|finding| finding.fix).collect();
    if settings.fix && !fixes.is_empty() {
        for fix in fixes {
            let directory = facts.package().unwrap_or(&settings.directory).to_owned();
            let mended = tokio::task::spawn_blocking(move || doctor::fix(fix, &directory)).await?;
            if let Err(reason) = mended {
                writeln!(anstream::stderr(), "warning: it could not be mended: {reason}")?;
            }
        }
        facts = Facts::gather(&settings.directory).await;
        let after = doctor::check(&facts);
        for finding in &findings {
            let still = |now: &Finding| now.check == finding.check && now.level != Level::Ok;
            if finding.fix.is_some() && !after.iter().any(still) {
                writeln!(anstream::stderr(), "mended: {}", finding.what)?;
            }
        }
        findings = after;
    }
    if settings.json {
        writeln!(io::stdout(), "{:#}", json!({ "findings": findings }))?;
    } else {
        tell(&findings)?;
    }
    let wrong = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(findings: &[Finding]) -> io::Result<()> {
    use anstyle::AnsiColor::{Green, Red, Yellow};

    let mut out = anstream::stdout().lock();
    for Finding { check, level, what, why, mend, fix } in findings {
        let (colour, word) = match level {
            Level::Ok => (Green, "ok"),
            Level::Warning => (Yellow, "warning"),
            Level::Error => (Red, "error"),
        };
        let style = colour.on_default().bold();
        writeln!(out, "{style}{word:>7}{style:#}  {check}: {}", what.replace('\n', "\n         "))?;
        if let Some(why) = why {
            writeln!(out, "         {why}")?;
        }
        if let Some(mend) = mend {
            writeln!(out, "         mend: {mend}")?;
        }
        if fix.is_some() {
            writeln!(out, "         or:   cog doctor --fix")?;
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => writeln!(out, "All is well."),
        (errors, warnings) => writeln!(out, "{errors} errors, {warnings} warnings."),
    }
}
