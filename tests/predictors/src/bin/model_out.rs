//! Gives out a structure with a file and with fields that may be missing.

use cog::prelude::*;

#[derive(cog::Output)]
struct Report {
    text: String,
    score: f64,
    file: cog::Path,
    note: Option<String>,
    tags: Option<Vec<String>>,
}

#[cog::predict]
fn model_out(#[input(default = 1)] x: i64) -> Result<Report> {
    let _ = x;
    let file = cog_test_predictors::scratch_folder()?.join("r.json");
    std::fs::write(&file, "{}")?;
    Ok(Report { text: "t".to_owned(), score: 0.5, file: file.into(), note: None, tags: None })
}

fn main() -> ExitCode {
    cog::main::<model_out>()
}
