#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::path::Path;
use std::time::Duration;

use super::figures::{Sample, percentile, shown};
use super::histogram::histogram;
use super::{Figures, Form, Report, plot};

fn sample(milliseconds: u64) -> Sample {
    let took = Duration::from_millis(milliseconds);
    Sample { at: took, took, first: Some(took / 2), failure: None, busy: false }
}

fn figures() -> Figures {
    let failed = Sample { failure: Some("<no> memory".to_owned()), ..sample(1) };
    let samples = (1..=10).rev().map(|tens| sample(tens * 10)).chain([failed]).collect();
    Figures::of(samples, 4, Duration::from_secs(5), Some(3 << 20))
}

#[test]
fn a_percentile_is_the_time_of_the_prediction_at_its_rank() {
    let times: Vec<_> = (1..=10).map(Duration::from_secs).collect();
    assert_eq!([50, 90, 99, 100].map(|percent| percentile(&times, percent).as_secs()), [5, 9, 10, 10]);
    assert_eq!(percentile(&[], 50), Duration::ZERO);
}

#[test]
fn figures_are_told_in_words_and_as_json() {
    insta::assert_snapshot!(figures().to_string(), @r"
    10 predictions, 4 at a time, in 5.00 s: 2.0 per second
    latency      p50 50.0 ms, p90 90.0 ms, p99 100 ms, longest 100 ms
    first piece  p50 25.0 ms, p90 45.0 ms, p99 50.0 ms, longest 50.0 ms
    memory       3.0 MiB at most
    failed 1 times: <no> memory
    ");
    let json = figures().json();
    assert_eq!(json["predictions_per_second"], 2.0);
    assert_eq!(json["first_piece_seconds"]["p50"], 0.025);
    assert_eq!(json["resident_memory_bytes"], 3 << 20);
    assert_eq!(figures().verdict().unwrap_err().to_string(), "1 of 11 predictions failed");
}

#[test]
fn each_time_is_in_one_bar() {
    for times in [vec![7], vec![5, 5, 5], vec![1, 2, 4, 8, 16, 32, 64, 4000], vec![0]] {
        let times: Vec<_> = times.into_iter().map(Duration::from_millis).collect();
        let bars = histogram(&times, 12);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), times.len(), "{times:?}");
        assert!(bars.windows(2).all(|pair| pair[0].to == pair[1].from), "{bars:?}");
    }
    assert!(histogram(&[], 12).is_empty());
}

#[test]
fn a_plot_fits_its_columns() {
    for (columns, plain) in [(40, true), (80, false), (200, false)] {
        let picture = plot(&figures(), columns, plain);
        assert_eq!(picture.lines().count(), 12);
        assert!(picture.lines().all(|line| line.chars().count() <= columns), "{picture}");
        assert!(!plain || picture.is_ascii(), "{picture}");
    }
}

#[test]
fn times_have_three_digits_and_a_unit() {
    let times = [1, 950, 1500, 99_900, 1_500_000, 75_000_000].map(|us| shown(Duration::from_micros(us)));
    assert_eq!(times, ["1.00 µs", "950 µs", "1.50 ms", "99.9 ms", "1.50 s", "75.0 s"]);
}

#[test]
fn a_report_is_whole_and_escaped() {
    assert_eq!(Form::of(Path::new("a/b.html")), Some(Form::Page));
    assert_eq!(Form::of(Path::new("b.svg")), Some(Form::Picture));
    assert_eq!(Form::of(Path::new("b.txt")), None);
    let figures = figures();
    let report = Report { figures: &figures, model: "a<b>".to_owned(), date: "2026-01-02".to_owned() };
    let page = report.text(Form::Page).unwrap();
    assert!(page.contains("<h1>a&lt;b&gt;</h1>") && page.contains("&lt;no&gt; memory"), "{page}");
    assert_eq!(page.matches("<rect").count(), 40);
    assert_eq!(page.matches("<circle").count(), 10);
    let picture = report.text(Form::Picture).unwrap();
    assert!(picture.starts_with("<svg") && !picture.contains("http://localhost"), "{picture}");
    let none = Figures::default();
    let report = Report { figures: &none, model: "m".to_owned(), date: String::new() };
    assert!(!report.text(Form::Page).unwrap().contains("<svg"));
}
