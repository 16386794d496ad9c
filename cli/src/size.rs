//! Sizes as people read them.

use std::fmt;

/// Bytes in binary units, with a tenth: `512 B`, `1.5 KiB`, `3.0 GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let Some((unit, shift)) = units.into_iter().find(|(_, shift)| self.0 >> shift > 0) else {
            return write!(f, "{} B", self.0);
        };
        // The rest below a unit has at most 40 bits, and ten of it fit.
        let tenths = ((self.0 & ((1 << shift) - 1)) * 10) >> shift;
        write!(f, "{}.{tenths} {unit}", self.0 >> shift)
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_are_in_binary_units() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (15 << 20, "15.0 MiB"),
            ((2 << 30) - 1, "1.9 GiB"),
            (6 << 40, "6.0 TiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
