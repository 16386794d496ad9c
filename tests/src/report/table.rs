//! Tables in Markdown.

use std::fmt;

use super::Samples;

/// A table; every row has as many cells as the head.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// One with this head and no rows.
    pub fn new<const N: usize>(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned).to_vec()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        let Some((head, rows)) = self.0.split_first() else { return Ok(()) };
        write!(f, "{}\n|{}", line(head), "---|".repeat(head.len()))?;
        rows.iter().try_for_each(|row| write!(f, "\n{}", line(row)))
    }
}

/// A figure with as many places as say something, thousands apart.
pub fn figure(value: f64) -> String {
    match value {
        value if value.is_nan() => "—".to_owned(),
        value if value.abs() >= 1000.0 => thousands(value.round() as i64),
        value if value.abs() >= 100.0 => format!("{value:.0}"),
        value if value.abs() >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A share in percent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A ratio: its median, and between what it was in all rounds.
pub fn ratio(ratio: &Samples) -> String {
    format!("{} ({}–{})", figure(ratio.median()), figure(ratio.least()), figure(ratio.most()))
}

/// How many times smaller: `1/7.5`, and between what it was in all rounds. Takes how many times larger the other is.
pub fn fraction(times: &Samples) -> String {
    format!("1/{} (1/{}–1/{})", figure(times.median()), figure(times.least()), figure(times.most()))
}

/// Whether a budget is met, in a word.
pub fn verdict(met: bool) -> String {
    if met { "met" } else { "**missed**" }.to_owned()
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
