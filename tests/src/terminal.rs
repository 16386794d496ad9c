//! A run of the program on a terminal of its own, as somebody sees it who sits there.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::processes;

/// A running program on a pseudo-terminal; killed with its children when the test lets go of it.
#[derive(Debug)]
pub struct Terminal {
    line: String,
    mark: String,
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub(crate) fn start(line: String, mark: String, mut command: Command, size: (u16, u16)) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let keyboard = openpt(flags).expect("there are pseudo-terminals");
        grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("a new pseudo-terminal is ours");
        let terminal = ioctl_tiocgptpeer(&keyboard, flags).expect("it has another end");
        resize(&keyboard, size);
        let again = || terminal.try_clone().expect("a descriptor can be copied");
        command.stdin(again()).stdout(again()).stderr(again()).env(processes::MARK, &mark);
        own_terminal(&mut command, again());
        let child = command.spawn().unwrap_or_else(|error| panic!("`{line}` did not start: {error}"));
        // The program alone holds its end from here on: it is read to the end when that is gone.
        drop((command, terminal));
        let keyboard = File::from(keyboard);
        let mut output = keyboard.try_clone().expect("a descriptor can be copied");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut chunk) {
                seen.lock().expect("no reader panics").extend_from_slice(&chunk[..length]);
            }
        });
        Self { line, mark, child, keyboard, screen }
    }

    /// Types.
    pub fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal takes keys");
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        self.type_in("\x03");
    }

    /// Changes the size, in columns and rows, as one does with a window.
    pub fn resize(&self, size: (u16, u16)) {
        resize(&self.keyboard, size);
    }

    /// Everything written to it so far, with its escape sequences.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("no reader panics")).into_owned()
    }

    /// Everything written to it so far, as text.
    pub fn text(&self) -> String {
        without_escapes(&self.raw())
    }

    /// Waits until `text` has been written to it.
    pub fn wait_until_it_shows(&mut self, text: &str) {
        let start = Instant::now();
        while !self.text().contains(text) {
            let ended = self.child.try_wait().expect("a child can be waited for").is_some();
            // What it wrote last may still be on its way.
            std::thread::sleep(Duration::from_millis(if ended { 300 } else { 20 }));
            let gone = ended && !self.text().contains(text);
            assert!(!gone, "`{}` ended before it showed {text:?}:\n{}", self.line, self.text());
            assert!(
                start.elapsed() < Duration::from_secs(600),
                "`{}` never showed {text:?}:\n{}",
                self.line,
                self.text()
            );
        }
    }

    /// Waits for its end. Gives its exit code, as a shell would, and all that it wrote.
    #[track_caller]
    pub fn finish(mut self) -> (i32, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(
                start.elapsed() < Duration::from_secs(600),
                "`{}` still runs:\n{}",
                self.line,
                self.text()
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && !processes::marked(&self.mark).is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = processes::marked(&self.mark);
        assert!(left.is_empty(), "processes left behind: {left:?} by `{}`", self.line);
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        std::thread::sleep(Duration::from_millis(50));
        (code.unwrap_or(-1), self.raw())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn resize(terminal: impl std::os::fd::AsFd, (columns, rows): (u16, u16)) {
    let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).expect("a terminal has a size");
}

/// Makes the program the head of a session whose terminal this is: that is who hears of Ctrl-C.
#[expect(unsafe_code, reason = "there is no safe way to run code between fork and exec")]
fn own_terminal(command: &mut Command, terminal: OwnedFd) {
    // SAFETY: the closure makes two system calls, which are async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(&terminal)?;
            Ok(())
        });
    }
}

/// The text without what moves the cursor and sets colours.
pub fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\x1b' {
            plain.push(character);
            continue;
        }
        if characters.next() == Some('[') {
            // Parameters, then one letter.
            let _letter = characters.find(|character| character.is_ascii_alphabetic());
        }
    }
    plain
}
