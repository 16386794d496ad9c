//! The playground's page, in a real browser. Pictures of it are kept in `target/playground/`.

use std::path::{Path, PathBuf};

use cog_tests::{Browser, Playground, Server, cargo_target, free_port};
use serde_json::{Value, json};

/// The ways in which people see the page.
const VIEWS: [(u32, u32, &str); 6] = [
    (1440, 900, "light"),
    (1440, 900, "dark"),
    (768, 1024, "light"),
    (768, 1024, "dark"),
    (360, 740, "light"),
    (360, 740, "dark"),
];

/// A small picture.
const PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 300" width="480" height="300"><rect width="480" height="300" fill="#f4dcb8"/><circle cx="350" cy="95" r="42" fill="#e8793a"/><path d="M0 190l120-70 110 70 90-50 160 80v80H0z" fill="#3c7a78"/><path d="M0 230l160-50 140 50 180-40v110H0z" fill="#1f4f52"/></svg>"##;

fn picture(name: &str) -> PathBuf {
    cargo_target().parent().expect("it lies in target/").join("playground").join(format!("{name}.png"))
}

/// A browser with the page of a model, which has said what the model takes.
fn page(playground: &Playground) -> Option<Browser> {
    let browser = Browser::start()?;
    browser.view(1440, 900, "light");
    browser.open(&playground.url());
    browser.wait_until("the form is there", "document.querySelector('.field')");
    Some(browser)
}

fn field(name: &str, rest: &str) -> String {
    format!(".field[data-name={name}] {rest}")
}

fn status(browser: &Browser, word: &str) {
    browser.wait_until(
        &format!("the status is {word}"),
        &format!("document.querySelector('#status .pill')?.textContent === '{word}'"),
    );
}

fn output(browser: &Browser) -> String {
    browser.text("document.querySelector('.output').innerText")
}

fn file(directory: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, content).expect("a file can be written");
    path
}

/// The last answer, as the page got it.
fn answer(browser: &Browser) -> Value {
    browser.click("[role=tab]:nth-child(4)");
    let text =
        browser.text("document.querySelector('[role=tabpanel]:nth-of-type(5) .json')?.textContent ?? ''");
    browser.click("[role=tab]:nth-child(1)");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("no JSON ({error}): {text}"))
}

#[test]
fn every_widget_runs_the_model_with_what_was_entered_at_every_width_by_day_and_by_night() {
    let (inputs, stream) = (Server::of("inputs"), Server::of("stream"));
    let (widgets, tokens) = (Playground::of(&inputs), Playground::of(&stream));
    let Some(browser) = Browser::start() else { return };
    let files = tempfile::tempdir().expect("a directory can be made");
    let harbour = file(files.path(), "harbour.svg", PICTURE.as_bytes());
    for (width, height, theme) in VIEWS {
        let kept = |name: &str| browser.picture(&picture(&format!("{width}-{theme}-{name}")));
        browser.view(width, height, theme);
        browser.open(&widgets.url());
        browser.wait_until("the form is there", "document.querySelector('.field')");
        kept("1-empty");
        fill_every_widget(&browser, &harbour);
        kept("2-filled");
        let wide =
            browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, json!(0), "at {width} the page is wider than it is seen");
        browser.press("Enter", 2);
        status(&browser, "succeeded");
        browser.wait_until("the output is there", "document.querySelector('.output .json')");
        kept("3-run");
        let mut got = answer(&browser)["output"].take();
        // It is a place of the model's own.
        got.as_object_mut().and_then(|got| got.remove("image_name"));
        assert_eq!(got, expected(), "at {width}, {theme}");
        browser
            .value("document.querySelector('.inputs').scrollIntoView({ block: 'end', behavior: 'instant' })");
        kept("4-below");

        browser.open(&tokens.url());
        browser.wait_until("the form is there", "document.querySelector('.field')");
        browser.fill(&field("n", "input"), "200");
        browser.fill(&field("delay", "input"), "0.05");
        browser.press("Enter", 2);
        status(&browser, "processing");
        browser.wait_until("text comes", "document.querySelector('.output').innerText.includes('tok4 ')");
        kept("5-streaming");
        browser.press("Escape", 0);
        status(&browser, "canceled");
        let text = output(&browser);
        assert!(text.contains("tok4") && !text.contains("tok199"), "{text}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn fill_every_widget(browser: &Browser, image: &Path) {
    browser.fill(&field("prompt", "textarea"), "A quiet harbour\nat dusk");
    browser.fill(&field("count", "input[type=number]"), "7");
    assert_eq!(
        browser.text("document.querySelector('.field[data-name=count] input[type=range]').value"),
        "7"
    );
    browser.value(
        "(() => { const slider = document.querySelector('.field[data-name=scale] input[type=range]'); \
         slider.value = 2; slider.dispatchEvent(new Event('input', { bubbles: true })); })()",
    );
    browser.click(&field("style", "label:nth-child(3)"));
    browser.click(&field("level", "label:nth-child(3)"));
    browser.click(&field("flag", "input"));
    browser.fill(&field("name", "input"), "alice");
    browser.drop_files(&field("image", ".drop"), &[image]);
    browser.wait_until("the file is taken", "document.querySelector('.field[data-name=image] .taken img')");
    browser.fill(&field("token", "input"), "hush");
    let masked = browser.text("document.querySelector('.field[data-name=token] input').type");
    assert_eq!(masked, "password");
    browser.click(&field("tags", ".add"));
    browser.fill(&field("tags", "li:nth-child(3) input"), "c");
    browser.click(&field("tags", "li:nth-child(1) > .plain"));
    browser.click(&field("opt", ".setter"));
    browser.fill(&field("opt", "input"), "set");
    browser.fill(&field("bare_opt", "input"), "9007199254740993");
    browser.fill(&field("params", "textarea"), "{\"deep\": [1, {\"a\": null}]}");
    browser.value("document.activeElement.blur(), scrollTo({ top: 0, behavior: 'instant' })");
}

fn expected() -> Value {
    json!({
        "prompt": "A quiet harbour\nat dusk", "count": 7, "scale": 2, "style": "quality", "level": 3,
        "flag": true, "name": "alice", "code": "ab1", "image": PICTURE,
        "token": "Secret(**********)", "token_value": "hush", "tags": ["b", "c"], "opt": "set",
        "bare_opt": 9_007_199_254_740_993_i64, "params": { "deep": [1, { "a": null }] }, "old": "x",
    })
}

#[test]
fn what_the_model_refuses_is_said_at_its_field() {
    let server = Server::of("inputs");
    let playground = Playground::of(&server);
    let Some(browser) = page(&playground) else { return };
    // What the page itself can tell is told without asking.
    browser.fill(&field("count", "input[type=number]"), "11");
    browser.fill(&field("code", "input"), "AB");
    browser.fill(&field("params", "textarea"), "{");
    browser.press("Enter", 2);
    browser.wait_until("faults are shown", "document.querySelectorAll('.field.wrong').length === 4");
    let told = browser
        .text("[...document.querySelectorAll('.wrong .problem')].map((it) => it.textContent).join('; ')");
    for part in ["This has to be given", "At most 10", "Has to match ^[a-z]+[0-9]$", "This is no JSON"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(
        browser.text("document.activeElement.closest('.field').dataset.name"),
        "prompt",
        "the first has the focus"
    );
    browser.picture(&picture("faults"));
    browser.fill(&field("prompt", "textarea"), "x");
    browser.fill(&field("count", "input[type=number]"), "10");
    browser.fill(&field("code", "input"), "ab1");
    browser.fill(&field("params", "textarea"), "{}");
    // No number of 64 bits: only the model knows that it is too large.
    browser.fill(&field("bare_opt", "input"), "99999999999999999999");
    browser.press("Enter", 2);
    browser.wait_until(
        "the model's word is at its field",
        "document.querySelector('.field[data-name=bare_opt] .problem').textContent.includes('9223372036854775807')",
    );
    status(&browser, "failed");
    assert_eq!(browser.text("document.activeElement.closest('.field').dataset.name"), "bare_opt");
}

#[test]
fn files_go_in_by_drop_and_by_url_and_what_comes_out_is_shown() {
    let (takes, gives) = (Server::of("filein"), Server::of("pathout"));
    let files = tempfile::tempdir().expect("a directory can be made");
    let (one, two) = (file(files.path(), "one.txt", b"first"), file(files.path(), "two.txt", b"second"));
    let playground = Playground::of(&takes);
    let Some(browser) = page(&playground) else { return };
    browser.fill(&field("path", "input[type=url]"), "data:text/plain,by%20URL");
    browser.drop_files(&field("paths", ".list"), &[&one, &two]);
    browser.wait_until(
        "both are taken",
        "document.querySelectorAll('.field[data-name=paths] .taken .name').length === 2",
    );
    browser.drop_files(&field("file", ".drop"), &[&one]);
    browser.wait_until("it is taken", "document.querySelector('.field[data-name=file] .taken .name')");
    browser.click("button.primary");
    status(&browser, "succeeded");
    let got = answer(&browser)["output"].take();
    assert_eq!(got["path"]["body"], "by URL");
    assert_eq!(got["paths"], json!([["Path", "first"], ["Path", "second"]]));
    assert_eq!(got["file"]["body"], "first");
    browser.picture(&picture("files-in"));

    let playground = Playground::of(&gives);
    browser.open(&playground.url());
    browser.wait_until("the form is there", "document.querySelector('.field[data-name=filename]')");
    let give = |name: &str, content: &str, shown: &str| {
        browser.fill(&field("filename", "input"), name);
        browser.value(&format!(
            "(() => {{ const it = document.querySelector('.field[data-name=text] textarea'); it.value = {}; \
             it.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()",
            json!(content)
        ));
        browser.press("Enter", 2);
        status(&browser, "succeeded");
        browser.wait_until(shown, shown);
    };
    give("harbour.svg", PICTURE, "document.querySelector('.file img')?.naturalWidth === 480");
    browser.picture(&picture("image-out"));
    give("tone.wav", &tone(), "document.querySelector('.file audio')?.duration > 0.4");
    browser.picture(&picture("audio-out"));
    give("note.txt", "a note", "document.querySelector('.file pre')?.textContent === 'a note'");
    assert_eq!(browser.text("document.querySelector('.file a').download"), "output.txt");
    assert_eq!(browser.value("document.querySelectorAll('#runs li').length"), json!(3));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Half a second of sound, all of whose bytes happen to be a text.
fn tone() -> String {
    let samples = 0x1040_u32;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data");
    wav.extend(samples.to_le_bytes());
    wav.extend((0..samples).map(|sample| if sample / 9 % 2 == 0 { 0x60 } else { 0x7f }));
    String::from_utf8(wav).expect("all of it is ASCII")
}

#[test]
fn a_run_in_the_background_is_followed_by_webhooks() {
    let server = Server::of("stream");
    let playground = Playground::of(&server);
    let Some(browser) = page(&playground) else { return };
    browser.click(".options summary");
    for number in [1, 2] {
        browser.click(&format!(".options > .more > label:nth-child({number}) input"));
    }
    browser.fill(&field("n", "input"), "4");
    browser.press("Enter", 2);
    status(&browser, "succeeded");
    browser.wait_until(
        "the last is there",
        "[...document.querySelectorAll('.hooks .pill')].some((it) => it.textContent === 'succeeded')",
    );
    assert_eq!(output(&browser).lines().next(), Some("tok0 tok1 tok2 tok3 "));
    browser.click("[role=tab]:nth-child(3)");
    browser.click(".hooks li:last-child summary");
    browser.picture(&picture("webhooks"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_run_is_copied_without_its_secret_and_repeated_from_the_history() {
    let server = Server::of("secret");
    let playground = Playground::of(&server);
    let Some(browser) = page(&playground) else { return };
    browser.fill(&field("token", "input"), "hush-hush");
    browser.fill(&field("seconds", "input"), "0.25");
    browser.press("Enter", 2);
    status(&browser, "succeeded");
    browser.click("[role=tab]:nth-child(5)");
    browser.wait_until("the code is there", "document.querySelectorAll('.snippet').length === 2");
    let snippets =
        browser.text("[...document.querySelectorAll('.snippet')].map((it) => it.textContent).join('\\n')");
    for part in ["curl -s ", "--data-binary @- <<'JSON'", "import urllib.request", "YOUR_SECRET", "0.25"] {
        assert!(snippets.contains(part), "{snippets}");
    }
    assert!(!snippets.contains("hush-hush"), "{snippets}");
    browser.picture(&picture("code"));
    let history = browser.text("document.querySelector('#runs').textContent");
    assert!(history.contains("0.25") && !history.contains("hush-hush"), "{history}");
    browser.fill(&field("seconds", "input"), "9");
    browser.click("#runs li button:last-child");
    assert_eq!(browser.text("document.querySelector('.field[data-name=seconds] input').value"), "0.25");
}

#[test]
fn the_page_is_used_by_keyboard_alone() {
    let server = Server::of("union");
    let playground = Playground::of(&server);
    let Some(browser) = page(&playground) else { return };
    // From the tab that is chosen, arrows lead to the others.
    browser.value("document.querySelector('[role=tab]').focus()");
    browser.press("ArrowRight", 0);
    assert_eq!(browser.text("document.activeElement.firstChild.data"), "Logs");
    assert_eq!(browser.value("document.querySelectorAll('[role=tabpanel]:not([hidden])').length"), json!(1));
    // Every control says what it is.
    let nameless = browser.value(
        "[...document.querySelectorAll('input:not([aria-hidden]), textarea, select, button')].filter((it) => \
         !it.labels?.length && !it.ariaLabel && !it.textContent.trim()).map((it) => it.outerHTML)",
    );
    assert_eq!(nameless, json!([]));
    // The kind of a value that may be of several is chosen, too.
    browser.value("document.querySelector('.field[data-name=value] .segments input').focus()");
    browser.press("ArrowRight", 0);
    browser.fill(&field("value", "input[type=number]"), "1.5");
    browser.press("Enter", 2);
    status(&browser, "succeeded");
    browser.click("[role=tab]:nth-child(1)");
    assert!(output(&browser).starts_with("float:1.5 NoneType:None [1, 2]"), "{}", output(&browser));
    // The theme goes its round: the system's, light, dark.
    let paper = || browser.text("getComputedStyle(document.body).backgroundColor");
    let light = paper();
    browser.value("document.querySelector('#theme').click()");
    assert_eq!(paper(), light);
    browser.value("document.querySelector('#theme').click()");
    assert_ne!(paper(), light);
    browser.picture(&picture("union-dark"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_page_that_was_there_first_waits_for_its_model() {
    let port = free_port();
    let playground = Playground::with(&format!("http://localhost:{port}"), &[]);
    let Some(browser) = Browser::start() else { return };
    browser.view(1440, 900, "light");
    browser.open(&playground.url());
    browser.wait_until("it says so", "document.querySelector('#health').textContent === 'not reachable'");
    browser.picture(&picture("not-reachable"));
    assert_eq!(browser.value("document.querySelector('.primary').disabled"), json!(true));
    let _model = Server::on_port("echo", port, &[]);
    browser.wait_until("the form comes by itself", "document.querySelector('.field')");
    browser.wait_until("it can run", "!document.querySelector('.primary').disabled");
}
