//! Figures as a page or a picture, to keep and to pass on: one file, that asks nothing of any network.

use std::path::Path;

use serde_json::{Value, json};

use super::Figures;
use super::figures::{count, shown};
use super::histogram::histogram;
use crate::size::Size;

const PICTURE: &str = include_str!("../../../templates/bench/picture.svg");
const PAGE: &str = include_str!("../../../templates/bench/page.html");
/// Bars of the histogram.
const BARS: usize = 40;
/// Most points of the course of time; more would be one blot.
const POINTS: usize = 2000;
/// The size of each of the two drawings, in the picture's units.
const SIZE: (f64, f64) = (720.0, 200.0);

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page with figures and the picture.
    Page,
    /// The picture alone.
    Picture,
}

impl Form {
    /// By the name of the file; `None` where that says neither.
    pub fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "html" | "htm" => Some(Self::Page),
            "svg" => Some(Self::Picture),
            _ => None,
        }
    }
}

/// What a report is about.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was measured.
    pub figures: &'a Figures,
    /// The model, in a word.
    pub model: String,
    /// When.
    pub date: String,
}

impl Report<'_> {
    /// Its text.
    ///
    /// # Errors
    /// A template that is none.
    pub fn text(&self, form: Form) -> Result<String, tera::Error> {
        let mut templates = tera::Tera::default();
        templates.autoescape_on(vec![".html", ".svg"]);
        templates.add_raw_templates([("picture.svg", PICTURE), ("page.html", PAGE)])?;
        let context = tera::Context::from_serialize(&self.context())?;
        templates.render(if form == Form::Page { "page.html" } else { "picture.svg" }, &context)
    }

    fn context(&self) -> Value {
        let figures = self.figures;
        let series = figures.series().map(|(name, times)| {
            let [p50, p90, p99, max] = times.map(shown);
            json!({ "name": name, "p50": p50, "p90": p90, "p99": p99, "max": max })
        });
        json!({
            "model": self.model,
            "date": self.date,
            "version": env!("CARGO_PKG_VERSION"),
            "succeeded": figures.times.len(),
            "failures": figures.failures,
            "concurrency": figures.concurrency,
            "seconds": format!("{:.2}", figures.took.as_secs_f64()),
            "rate": format!("{:.1}", figures.rate()),
            "memory": figures.memory.map(|bytes| Size(bytes).to_string()),
            "series": series.collect::<Vec<_>>(),
            "bars": self.bars(),
            "points": self.points(),
            "shortest": figures.times.first().copied().map(shown),
            "longest": figures.times.last().copied().map(shown),
        })
    }

    /// The histogram's bars: left edge, top, width and height.
    fn bars(&self) -> Vec<Value> {
        let bars = histogram(&self.figures.times, BARS);
        let most = count(bars.iter().map(|bar| bar.count).max().unwrap_or_default().max(1));
        let width = SIZE.0 / count(BARS);
        let drawn = bars.iter().enumerate().map(|(index, bar)| {
            let height = count(bar.count) / most * SIZE.1;
            json!({
                "x": tenths(count(index) * width),
                "y": tenths(SIZE.1 - height),
                "width": tenths(width - 1.0),
                "height": tenths(height),
                "title": format!("{} to {}: {}", shown(bar.from), shown(bar.to), bar.count),
            })
        });
        drawn.collect()
    }

    /// Latency over time: a point for each prediction, or for some of very many.
    fn points(&self) -> Vec<Value> {
        let course = &self.figures.course;
        let (end, longest) = (
            self.figures.took.as_secs_f64().max(f64::EPSILON),
            self.figures.times.last().map_or(1.0, std::time::Duration::as_secs_f64).max(f64::EPSILON),
        );
        let step = course.len().div_ceil(POINTS).max(1);
        let drawn = course.iter().step_by(step).map(|(at, took)| {
            json!({
                "x": tenths(at.as_secs_f64() / end * SIZE.0),
                "y": tenths(SIZE.1 - took.as_secs_f64() / longest * SIZE.1),
            })
        });
        drawn.collect()
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
