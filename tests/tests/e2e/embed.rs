//! `examples/embed`: sentences near in meaning come out near each other.
//!
//! Its dependencies take minutes to compile, and its weights come from a package registry: the test runs where
//! `COG_TESTS_LARGE` is set, as the check of everything sets it.

use std::path::PathBuf;

use cog_tests::docker::ImageName;
use cog_tests::{Cog, Outcome, cog, leave_out, needs_docker, repository};
use serde_json::json;

const TEXTS: [&str; 3] =
    ["A man is eating food.", "Someone is having a meal.", "The stock market crashed today."];

/// Compiled for numbers: without optimisation one answer takes minutes.
fn well(cog: Cog) -> Cog {
    cog.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
}

fn example() -> PathBuf {
    repository().join("examples/embed")
}

fn large_tests_are_wanted() -> bool {
    let wanted = std::env::var_os("COG_TESTS_LARGE").is_some();
    if !wanted {
        leave_out("COG_TESTS_LARGE is not set");
    }
    wanted
}

fn cosines(outcome: &Outcome) -> (f64, f64) {
    let vectors: Vec<Vec<f64>> = serde_json::from_value(outcome.json()["output"].clone()).expect("vectors");
    assert!(vectors.iter().all(|vector| vector.len() == 384), "384 numbers each");
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let cosine = |a: &[f64], b: &[f64]| dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
    (cosine(&vectors[0], &vectors[1]), cosine(&vectors[0], &vectors[2]))
}

fn assert_near(outcome: &Outcome) {
    let (meal, stocks) = cosines(outcome);
    assert!((meal - 0.689).abs() < 0.01, "eating and a meal: {meal}");
    assert!((stocks - 0.009).abs() < 0.01, "eating and stocks: {stocks}");
}

#[test]
fn sentences_near_in_meaning_come_out_near() {
    if !large_tests_are_wanted() {
        return;
    }
    let texts = json!({ "texts": TEXTS }).to_string();
    let local = well(cog(["predict", "--local", "--json", &texts, "-C"])).arg(example()).run().succeeds();
    assert_near(&local.leaves_nothing_running());
    needs_docker!();
    let image = ImageName::fresh();
    well(cog(["build", "-t", &image, "-C"])).arg(example()).run().succeeds();
    let contained = cog(["predict", &image, "--json", &texts]).run().succeeds();
    assert_near(&contained.leaves_nothing_running());
}
