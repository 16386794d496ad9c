//! Who belongs to which trace, as W3C Trace Context writes it: `00-TRACE-SPAN-FLAGS`.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceId(pub(super) [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanId(pub(super) [u8; 8]);

/// The span that something is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    /// Whether it is recorded.
    pub(super) sampled: bool,
}

impl TraceId {
    pub(super) fn fresh() -> Self {
        Self(random())
    }
}

impl SpanId {
    pub(super) fn fresh() -> Self {
        Self(random())
    }
}

/// Random bytes, not all of them zero, which no id is.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [1; N];
    // Without randomness, ids that repeat are still no reason to fail a prediction.
    let _no_randomness = SystemRandom::new().fill(&mut bytes);
    if bytes == [0; N] { [1; N] } else { bytes }
}

impl Parent {
    /// Reads a `traceparent`. A version to come may have more at its end.
    pub(super) fn read(header: &str) -> Option<Self> {
        let mut parts = header.trim().splitn(5, '-');
        let version: [u8; 1] = hex(parts.next()?)?;
        let trace = hex(parts.next()?)?;
        let span = hex(parts.next()?)?;
        let [flags]: [u8; 1] = hex(parts.next()?)?;
        let known = match version {
            [0] => parts.next().is_none(),
            [255] => false,
            _ => true,
        };
        let valid = known && trace != [0; 16] && span != [0; 8];
        valid.then_some(Self { trace: TraceId(trace), span: SpanId(span), sampled: flags & 1 == 1 })
    }
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn write_hex(bytes: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, out)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, out)
    }
}

impl fmt::Display for Parent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "00-{}-{}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_parent_is_read_and_written_alike() {
        let parent = Parent::read(PARENT);
        assert!(parent.is_some_and(|parent| parent.sampled));
        assert_eq!(parent.map(|parent| parent.to_string()).as_deref(), Some(PARENT));
    }

    #[test]
    fn what_is_no_parent_is_none() {
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319é-b7ad6b7169203331-01",
        ] {
            assert_eq!(Parent::read(wrong), None, "{wrong}");
        }
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";
        assert!(Parent::read(later).is_some_and(|parent| !parent.sampled));
    }

    #[test]
    fn no_two_ids_are_the_same() {
        assert_ne!(TraceId::fresh(), TraceId::fresh());
        assert_ne!(SpanId::fresh(), SpanId::fresh());
    }
}
