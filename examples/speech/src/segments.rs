//! From probabilities to stretches of speech. Pure arithmetic on frames; knows nothing of sound.

use std::ops::Range;

/// What counts as speech, lengths in frames.
pub struct Rules {
    /// Speech starts at this probability; it stops below 0.15 less.
    pub threshold: f32,
    /// A pause shorter than this does not end a stretch.
    pub min_silence: usize,
    /// A stretch shorter than this is noise.
    pub min_speech: usize,
}

/// The stretches of frames in which somebody speaks, in order, none touching the next.
pub fn find(probabilities: &[f32], rules: &Rules) -> Vec<Range<usize>> {
    let stop = (rules.threshold - 0.15).max(0.01);
    let mut found = Vec::new();
    // The stretch being heard, and where its last pause began.
    let mut start = None;
    let mut pause = None;
    for (frame, &probability) in probabilities.iter().enumerate() {
        if probability >= rules.threshold {
            start.get_or_insert(frame);
            pause = None;
        } else if let Some(first) = start
            && (probability < stop || pause.is_some())
        {
            let end = *pause.get_or_insert(frame);
            if frame - end >= rules.min_silence {
                found.push(first..end);
                (start, pause) = (None, None);
            }
        }
    }
    if let Some(first) = start {
        found.push(first..pause.unwrap_or(probabilities.len()));
    }
    found.retain(|stretch| stretch.len() >= rules.min_speech);
    found
}

#[cfg(test)]
mod tests {
    use super::{Rules, find};

    const RULES: Rules = Rules { threshold: 0.5, min_silence: 3, min_speech: 2 };

    #[test]
    fn silence_has_no_speech() {
        assert!(find(&[0.1; 20], &RULES).is_empty());
        assert!(find(&[], &RULES).is_empty());
    }

    #[test]
    fn a_long_pause_parts_two_stretches() {
        let heard = [0.1, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1];
        assert_eq!(find(&heard, &RULES), [1..4, 8..10]);
    }

    #[test]
    fn a_short_pause_does_not() {
        assert_eq!(find(&[0.9, 0.9, 0.1, 0.1, 0.9, 0.9], &RULES), [0..6]);
    }

    #[test]
    fn a_click_is_not_speech() {
        assert!(find(&[0.1, 0.9, 0.1, 0.1, 0.1, 0.1], &RULES).is_empty());
    }

    #[test]
    fn a_doubtful_frame_does_not_end_speech() {
        assert_eq!(find(&[0.9, 0.4, 0.4, 0.4, 0.4, 0.9], &RULES), [0..6]);
    }
}
