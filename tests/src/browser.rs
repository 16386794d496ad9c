//! A real browser, driven by the DevTools protocol over a pair of pipes.
//!
//! It reads commands from its descriptor 3 and writes answers and events to 4, each a JSON text with a NUL at its end;
//! no WebSocket and no port is needed. What the page complained of is kept, so that a test can say that it did not.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the browser may take for anything; a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running browser with one tab; gone when the test lets go of it.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: Mutex<(ChildStdin, u64)>,
    heard: Arc<Heard>,
    session: String,
    _profile: TempDir,
}

#[derive(Debug, Default)]
struct Heard {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answers: HashMap<u64, Value>,
    complaints: Vec<String>,
    gone: bool,
}

impl Browser {
    /// Where the browser is, if it is installed.
    pub fn program() -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let names = ["chromium", "chromium-browser", "google-chrome"];
        std::env::split_paths(&path)
            .flat_map(|directory| names.map(|name| directory.join(name)))
            .find(|program| program.is_file())
    }

    /// Starts it. `None`, with the test skipped, where there is none.
    pub fn start() -> Option<Self> {
        let Some(program) = Self::program() else {
            crate::skip("there is no chromium");
            return None;
        };
        let profile =
            tempfile::Builder::new().prefix("cog-browser-").tempdir().expect("a directory can be made");
        let mut child = Command::new("sh")
            // Standard input and output become the descriptors that it speaks by.
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(program)
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                "--no-first-run",
                "--no-default-browser-check",
            ])
            // Tests run as root in containers, where its sandbox cannot be, and pages are our own.
            .args([
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--mute-audio",
                "--hide-scrollbars",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg("--force-color-profile=srgb")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let heard = Arc::new(Heard::default());
        let answers = child.stdout.take().expect("its output is a pipe");
        let listener = Arc::clone(&heard);
        std::thread::spawn(move || listener.listen(BufReader::new(answers)));
        let commands = Mutex::new((child.stdin.take().expect("its input is a pipe"), 0));
        let mut browser = Self { child, commands, heard, session: String::new(), _profile: profile };
        let target = browser.command("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = browser
            .command("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        attached["sessionId"].as_str().unwrap_or_default().clone_into(&mut browser.session);
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.command(domain, json!({}));
        }
        Some(browser)
    }

    /// Asks for something and waits for the answer.
    pub fn command(&self, method: &str, parameters: Value) -> Value {
        let number = {
            let mut commands = self.commands.lock().expect("no test panics here");
            commands.1 += 1;
            let number = commands.1;
            let mut command = json!({ "id": number, "method": method, "params": parameters });
            if !self.session.is_empty() {
                command["sessionId"] = json!(self.session);
            }
            let bytes = [command.to_string().as_bytes(), b"\0"].concat();
            commands.0.write_all(&bytes).expect("the browser reads");
            number
        };
        let answer =
            self.heard.answer(number).unwrap_or_else(|| panic!("the browser does not answer {method}"));
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&self, url: &str) {
        // The browser breaks off what it loads when an interface of this machine comes or goes, as with each container.
        for _ in 0..10 {
            self.command("Page.navigate", json!({ "url": url }));
            self.wait_until(
                "the page is loaded",
                "document.readyState === 'complete' && location.href !== 'about:blank'",
            );
            if !self.complaints().iter().any(|complaint| complaint.contains("ERR_NETWORK_CHANGED")) {
                return;
            }
            self.heard.state.lock().expect("nobody panics there").complaints.clear();
        }
    }

    /// How large the page is seen, and by which theme. Nothing moves.
    pub fn view(&self, width: u32, height: u32, theme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", size);
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.command("Emulation.setEmulatedMedia", features);
    }

    /// What an expression gives; a promise is waited for.
    pub fn value(&self, expression: &str) -> Value {
        let answer = self.command(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true }),
        );
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// What an expression gives, as text.
    pub fn text(&self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true.
    pub fn wait_until(&self, what: &str, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            assert!(
                Instant::now() < until,
                "waited in vain until {what}; the page says:\n{}\nand complained of {:?}",
                self.text("document.body.innerText"),
                self.complaints()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks in the middle of what a selector finds.
    pub fn click(&self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); if (!it) return null; \
             it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); const box = it.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        assert!(place.is_array(), "there is no {selector}");
        for kind in ["mousePressed", "mouseReleased"] {
            self.command(
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 }),
            );
        }
    }

    /// Puts text in the place of what a selector finds holds, as typing does.
    pub fn fill(&self, selector: &str, text: &str) {
        let found = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it?.focus(); it?.select?.(); return !!it; }})()"
        ));
        assert_eq!(found, json!(true), "there is no {selector}");
        if text.is_empty() {
            self.press("Backspace", 0);
        } else {
            self.command("Input.insertText", json!({ "text": text }));
        }
    }

    /// Presses a key; `held` is 2 for Ctrl, 8 for Shift.
    pub fn press(&self, key: &str, held: u32) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            "Backspace" => 8,
            "ArrowRight" => 39,
            "ArrowLeft" => 37,
            _ => 32,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            self.command(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": held }),
            );
        }
    }

    /// Drops files on what a selector finds.
    pub fn drop_files(&self, selector: &str, files: &[&Path]) {
        let place = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = it.getBoundingClientRect(); return [box.x + 12, box.y + 6]; }})()"
        ));
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.command(
                "Input.dispatchDragEvent",
                json!({
                    "type": kind, "x": place[0], "y": place[1],
                    "data": { "items": [], "files": files, "dragOperationsMask": 1 },
                }),
            );
        }
    }

    /// Keeps a picture of the whole page.
    pub fn picture(&self, file: &Path) {
        let answer = self
            .command("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": false }));
        let bytes =
            STANDARD.decode(answer["data"].as_str().unwrap_or_default()).expect("a picture is base64");
        std::fs::create_dir_all(file.parent().expect("a file lies in a directory")).expect("it can be made");
        std::fs::write(file, bytes).expect("a picture can be written");
    }

    /// What the page has complained of: exceptions, `console.error`, what its policy forbids, and what did not load.
    pub fn complaints(&self) -> Vec<String> {
        self.heard.state.lock().expect("nobody panics there").complaints.clone()
    }
}

impl Heard {
    fn listen(&self, mut messages: impl BufRead) {
        let mut message = Vec::new();
        while messages.read_until(0, &mut message).is_ok_and(|length| length > 0) {
            message.pop();
            let heard: Value = serde_json::from_slice(&message).unwrap_or_default();
            message.clear();
            let mut state = self.state.lock().expect("nobody panics here");
            if let Some(number) = heard["id"].as_u64() {
                state.answers.insert(number, heard);
            } else if let Some(complaint) = complaint(&heard) {
                state.complaints.push(complaint);
            }
            self.news.notify_all();
        }
        self.state.lock().expect("nobody panics here").gone = true;
        self.news.notify_all();
    }

    fn answer(&self, number: u64) -> Option<Value> {
        let until = Instant::now() + PATIENCE;
        let mut state = self.state.lock().expect("nobody panics here");
        loop {
            if let Some(answer) = state.answers.remove(&number) {
                return Some(answer);
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.gone || left.is_zero() {
                return None;
            }
            state = self.news.wait_timeout(state, left).expect("nobody panics here").0;
        }
    }
}

fn complaint(heard: &Value) -> Option<String> {
    let told = &heard["params"];
    match heard["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &told["exceptionDetails"];
            Some(format!("{} {}", details["text"], details["exception"]["description"]))
        }
        "Runtime.consoleAPICalled" if matches!(told["type"].as_str(), Some("error" | "assert")) => {
            Some(told["args"].to_string())
        }
        "Log.entryAdded" if told["entry"]["level"] == "error" => {
            Some(format!("{} {}", told["entry"]["text"], told["entry"]["url"]))
        }
        _ => None,
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
