//! Asking a person, at the terminal. What is asked for in secret is not shown while it is typed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Whether there is somebody to ask.
pub fn is_possible() -> bool {
    io::stdin().is_terminal()
}

/// Asks for a line that anybody may see.
pub async fn line(question: &str) -> io::Result<String> {
    ask(question).await
}

/// Asks for a line that nobody should see. The terminal shows again what is typed as soon as this is over or given up.
pub async fn secret(question: &str) -> io::Result<String> {
    let hidden = Hidden::on(terminal()?)?;
    let answer = ask(question).await;
    drop(hidden);
    let _unseen = terminal()?.write_all(b"\n");
    answer
}

/// All of the standard input, less the line's end that a shell adds.
pub fn standard_input() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

async fn ask(question: &str) -> io::Result<String> {
    let mut out = terminal()?;
    out.write_all(question.as_bytes())?;
    // On a thread that may be left behind: whoever presses Ctrl-C does not press Enter.
    let answer = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        match BufReader::new(terminal()?).read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
        }
    });
    answer.await.map_err(io::Error::other)?
}

fn terminal() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden {
    terminal: File,
    usual: Termios,
}

impl Hidden {
    fn on(terminal: File) -> io::Result<Self> {
        let usual = tcgetattr(&terminal)?;
        let mut hidden = usual.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
        Ok(Self { terminal, usual })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing either way.
        let _gone = tcsetattr(&self.terminal, OptionalActions::Now, &self.usual);
    }
}
