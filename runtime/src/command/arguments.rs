//! The arguments of a model's executable. Few enough to be read by hand, so that no author compiles a parser.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};

/// How to call it.
pub(crate) const USAGE: &str = "\
usage: MODEL [serve] [--host IP] [--upload-url URL] [--await-explicit-shutdown BOOL] [--x-mode predict|train]
       MODEL schema
       MODEL predict [-i NAME=VALUE | -i NAME=@FILE]... [--json]

  serve     answer predictions (or trainings) over HTTP on IP (0.0.0.0), port $PORT (5000)
  schema    print the OpenAPI document
  predict   make one prediction without a server; a repeated -i makes a list
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve(Serve),
    Worker(Mode),
    Schema,
    Predict(Predict),
    Help,
    Version,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Serve {
    pub(crate) host: IpAddr,
    pub(crate) await_explicit_shutdown: bool,
    pub(crate) upload_url: Option<String>,
    pub(crate) mode: Mode,
}

/// What a server does all its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It answers `/predictions`.
    #[default]
    Predict,
    /// It answers `/trainings`.
    Train,
}

impl Mode {
    /// The word for it on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Predict => "predict",
            Self::Train => "train",
        }
    }

    fn read(word: &str) -> Result<Self, String> {
        match word {
            "predict" => Ok(Self::Predict),
            "train" => Ok(Self::Train),
            other => Err(format!("`--x-mode` is predict or train, not `{other}`")),
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Predict {
    /// Names and values as given.
    pub(crate) inputs: Vec<(String, String)>,
    /// Whether to print the whole result as JSON.
    pub(crate) json: bool,
}

/// Reads the arguments after the executable's name.
///
/// # Errors
/// What is wrong with them, as a sentence.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut words = Vec::new();
    for argument in arguments {
        let word = argument.into_string().map_err(|odd| format!("`{}` is not UTF-8", odd.display()))?;
        match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => {
                words.extend([flag.to_owned(), value.to_owned()])
            }
            _ => words.push(word),
        }
    }
    let mut words = words.into_iter().peekable();
    let named = words.next_if(|word| !word.starts_with('-'));
    match named.as_deref() {
        None | Some("serve") => serve(words),
        Some("worker") => {
            let mode = words.next().map_or(Ok(Mode::Predict), |word| Mode::read(&word))?;
            nothing_more(words, Command::Worker(mode))
        }
        Some("schema") => nothing_more(words, Command::Schema),
        Some("predict") => predict(words),
        Some(other) => Err(format!("there is no command `{other}`")),
    }
}

fn serve(mut words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut serve = Serve {
        host: Ipv4Addr::UNSPECIFIED.into(),
        await_explicit_shutdown: false,
        upload_url: None,
        mode: Mode::Predict,
    };
    while let Some(flag) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{flag}` needs a value"));
        match flag.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "-v" | "--version" => return Ok(Command::Version),
            "--host" => {
                let host = value()?;
                let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
                serve.host = bare.parse().map_err(|_| format!("`{host}` is no IP address"))?;
            }
            "--await-explicit-shutdown" => {
                let value = value()?;
                serve.await_explicit_shutdown = !matches!(value.as_str(), "" | "0" | "false" | "no" | "off");
            }
            "--x-mode" => serve.mode = Mode::read(&value()?)?,
            "--threads" => {
                value()?;
            }
            "--upload-url" => serve.upload_url = Some(value()?),
            other => return Err(format!("`{other}` is no flag of serve")),
        }
    }
    Ok(Command::Serve(serve))
}

fn predict(mut words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut predict = Predict::default();
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--json" => predict.json = true,
            "-i" | "--input" => {
                let mut input = words.next().ok_or_else(|| format!("`{flag}` needs NAME=VALUE"))?;
                // `--input=name=value` was cut at its first `=`; so was nothing else.
                if let Some((name, value)) = input.split_once('=') {
                    predict.inputs.push((name.to_owned(), value.to_owned()));
                    continue;
                }
                input.push_str("=…");
                return Err(format!("`{flag}` needs NAME=VALUE, as in `{flag} {input}`"));
            }
            other => return Err(format!("`{other}` is no flag of predict")),
        }
    }
    Ok(Command::Predict(predict))
}

fn nothing_more(mut words: impl Iterator<Item = String>, command: Command) -> Result<Command, String> {
    match words.next().as_deref() {
        None => Ok(command),
        Some("-h" | "--help") => Ok(Command::Help),
        Some(more) => Err(format!("`{more}` is one argument too many")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn served(host: &str, await_explicit_shutdown: bool) -> Result<Command, String> {
        let host = host.parse().map_err(|_| "bad test".to_owned())?;
        Ok(Command::Serve(Serve { host, await_explicit_shutdown, upload_url: None, mode: Mode::Predict }))
    }

    #[test]
    fn serving_is_the_default() {
        assert_eq!(read(""), served("0.0.0.0", false));
        assert_eq!(read("serve"), served("0.0.0.0", false));
        assert_eq!(read("--host 127.0.0.1 --threads 4 --x-mode predict"), served("127.0.0.1", false));
        assert_eq!(read("--host=[::1]"), served("::1", false));
        let url = |command| matches!(command, Ok(Command::Serve(Serve { upload_url: Some(url), .. })) if url == "http://h/?a=b");
        assert!(url(read("--upload-url http://h/?a=b")) && url(read("--upload-url=http://h/?a=b")));
        assert!(matches!(read("serve --x-mode train"), Ok(Command::Serve(Serve { mode: Mode::Train, .. }))));
        assert_eq!(read("worker train"), Ok(Command::Worker(Mode::Train)));
        assert_eq!(read("--await-explicit-shutdown true"), served("0.0.0.0", true));
    }

    #[test]
    fn inputs_keep_every_character_after_their_name() {
        let expected =
            Predict { inputs: vec![("a".into(), "b=c".into()), ("d".into(), "".into())], json: true };
        assert_eq!(read("predict -i a=b=c --json --input d="), Ok(Command::Predict(expected)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, part) in [
            ("frobnicate", "no command `frobnicate`"),
            ("--frobnicate", "`--frobnicate` is no flag"),
            ("--host", "`--host` needs a value"),
            ("--host localhost", "`localhost` is no IP address"),
            ("--x-mode dance", "predict or train"),
            ("predict -i", "needs NAME=VALUE"),
            ("predict -i name", "`-i name=…`"),
            ("schema now", "one argument too many"),
        ] {
            let fault = read(line).err().unwrap_or_default();
            assert!(fault.contains(part), "{line}: {fault}");
        }
    }
}
