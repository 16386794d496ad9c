//! Following one page.

use std::fmt::Write;
use std::fs::{self, File};
use std::process::Stdio;

use cog_tests::shell_command;

use super::page::{Command, Page, is_as_shown};

/// The most that one page may take, in seconds.
const LIMIT: u32 = 1200;
/// What stands between the outputs of commands.
const MARK: char = '\u{1e}';

/// A page, and what is around whoever follows it.
pub(super) struct Walk {
    page: Page,
    environment: Vec<(String, String)>,
}

impl Walk {
    /// The page of this name.
    pub(super) fn of(page: &str) -> Self {
        Self { page: Page::read(page), environment: Vec::new() }
    }

    /// With a variable.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Does what the page says.
    pub(super) fn run(self) {
        let temporary =
            tempfile::Builder::new().prefix("cog-tests-").tempdir().expect("a directory can be made");
        // Models of several pages share a target directory, so that each needs a name of its own.
        let directory = temporary.path().join(self.page.name.trim_end_matches(".md"));
        fs::create_dir(&directory).expect("a directory can be made");
        let (script, commands) = script(&self.page);
        assert!(!commands.is_empty(), "{} has no commands", self.page.name);
        let _taken = script.contains("/readyz").then(take_ports);

        let messages = temporary.path().join("messages");
        let stderr = File::create(&messages).expect("a file can be made");
        fs::write(temporary.path().join("script"), script).expect("a file can be written");
        let line = format!("timeout --kill-after=30 {LIMIT} bash -o pipefail ../script");
        let output = shell_command(&line, &directory)
            .envs(self.environment)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .output()
            .expect("there is a shell");
        let messages = fs::read_to_string(messages).unwrap_or_default();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();

        // Output and code, in turn.
        let mut parts = printed.split(MARK);
        for (Command { line, shown }, expected) in commands {
            let (printed, code) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("none"));
            let place = format!("{}\n$ {line}", self.page.name);
            assert!(code == expected, "{place}\nended with {code}, not {expected}\n{printed}\n{messages}");
            assert!(
                shown.is_empty() || is_as_shown(printed.trim_end(), shown.trim_end()),
                "{place}\n{printed}\nis shown as\n{shown}\n{messages}"
            );
        }
        assert!(output.status.success(), "{}: {}\n{messages}", self.page.name, output.status);
    }
}

/// All that the page tells to do as one script, and its commands with the codes that they should end with.
///
/// What runs beside the rest is not among these, and ends with the script.
fn script(page: &Page) -> (String, Vec<(Command, String)>) {
    let mut script = format!(
        "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n\
         told() {{ printf '{MARK}%d{MARK}' \"$1\"; [ \"$1\" = \"$2\" ] || exit 1; }}\n"
    );
    let mut commands = Vec::new();
    for block in &page.blocks {
        if let Some(path) = block.says("file") {
            let text = &block.text;
            let _ = write!(
                script,
                "mkdir -p \"$(dirname {path})\" && cat >{path} <<'COG_FILE' || exit 1\n{text}COG_FILE\n"
            );
        }
        if block.language != "console" || !block.runs() {
            continue;
        }
        let code = block.says("exit").unwrap_or("0");
        for command in block.commands() {
            match block.says("beside") {
                Some(port) => {
                    let _ = writeln!(
                        script,
                        "{} >&2 &\n\
                         until curl -sf -o /dev/null http://127.0.0.1:{port}/readyz\n\
                         do kill -0 $! || exit 1; sleep 0.1; done",
                        command.line
                    );
                }
                None => {
                    // What a failure is about is told by its messages.
                    let messages = if code == "0" { "" } else { " 2>&1" };
                    let _ = writeln!(script, "{{ {}\n}}{messages}\ntold $? {code}", command.line);
                    commands.push((command, code.to_owned()));
                }
            }
        }
    }
    (script, commands)
}

/// Pages name ports as readers would: one page at a time may have them.
fn take_ports() -> File {
    let lock = File::create(std::env::temp_dir().join("cog-tests-ports.lock")).expect("a file can be made");
    lock.lock().expect("a file can be locked");
    lock
}
