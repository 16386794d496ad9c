//! Figures as a picture of characters.

use std::fmt::Write;

use super::Figures;
use super::figures::{count, shown};
use super::histogram::histogram;

/// Rows of the picture.
const ROWS: usize = 12;
/// Columns that the words beside the bars take.
const WORDS: usize = 20;

/// How latencies are spread, in lines of at most `columns` characters; `plain` draws with characters that every terminal
/// has.
pub fn plot(figures: &Figures, columns: usize, plain: bool) -> String {
    let bars = histogram(&figures.times, ROWS);
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or_default();
    let width = columns.saturating_sub(WORDS).clamp(10, 60);
    let mut picture = String::new();
    for bar in &bars {
        let length = (count(bar.count) / count(most.max(1)) * count(width)).ceil();
        let drawn =
            (if plain { "#" } else { "█" }).repeat((0..width).filter(|cell| count(*cell) < length).count());
        let line = format!("{:>9} {}{drawn} {}", shown(bar.from), if plain { '|' } else { '▏' }, bar.count);
        let _infallible = writeln!(picture, "{line}");
    }
    picture
}
