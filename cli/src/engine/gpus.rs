//! Which GPUs a container is to see, as `--gpus` writes it. Refuses to know what a driver is.

use std::fmt;
use std::str::FromStr;

/// GPUs asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gpus {
    /// Whatever there is.
    All,
    /// Any N of them.
    Count(u32),
    /// These, by index or UUID.
    Devices(Vec<String>),
}

impl FromStr for Gpus {
    type Err = String;

    /// Reads `all`, a number, or `device=ID[,ID…]`, the latter also in the double quotes that Docker's own flag wants.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_matches('"');
        let wrong = || format!("`{text}` names no GPUs: write `all`, a number, or `device=0,1`");
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(list) = text.strip_prefix("device=") {
            let ids: Vec<String> = list.split(',').map(|id| id.trim().to_owned()).collect();
            return if ids.iter().any(String::is_empty) { Err(wrong()) } else { Ok(Self::Devices(ids)) };
        }
        match text.parse() {
            Ok(0) | Err(_) => Err(wrong()),
            Ok(count) => Ok(Self::Count(count)),
        }
    }
}

impl fmt::Display for Gpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Devices(ids) => write!(f, "device={}", ids.join(",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for gpus in [Gpus::All, Gpus::Count(2), Gpus::Devices(vec!["0".into(), "GPU-1a".into()])] {
            assert_eq!(gpus.to_string().parse(), Ok(gpus));
        }
        assert_eq!("\"device=0,1\"".parse(), Ok(Gpus::Devices(vec!["0".into(), "1".into()])));
    }

    #[test]
    fn refuses_none_and_nonsense() {
        for text in ["", "0", "-1", "device=", "device=0,,1", "some"] {
            assert!(text.parse::<Gpus>().is_err(), "{text:?}");
        }
    }
}
