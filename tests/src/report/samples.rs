//! The same measured again and again.

/// One figure, once per round.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds what a round measured.
    pub fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    /// The one in the middle; not a number where nothing was measured.
    pub fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        match sorted.len() % 2 {
            _ if sorted.is_empty() => f64::NAN,
            0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            _ => sorted[middle],
        }
    }

    /// The smallest.
    pub fn least(&self) -> f64 {
        self.sorted().first().copied().unwrap_or(f64::NAN)
    }

    /// The largest.
    pub fn most(&self) -> f64 {
        self.sorted().last().copied().unwrap_or(f64::NAN)
    }

    /// This by that, round by round: what slows down a whole round cancels out.
    pub fn per(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(this, that)| this / that).collect())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }
}
