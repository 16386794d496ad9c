//! `cog weights import` of files that are elsewhere: on a web server, on the Hugging Face hub.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cog_tests::{Answer, Cog, Project, Registry, Request, Web, cog, needs_registry};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// What was asked of a server: method, path, the first byte that was wanted.
type Asked = Arc<Mutex<Vec<Request>>>;

fn remembering(answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> (Web, Asked) {
    let asked = Asked::default();
    let memory = Arc::clone(&asked);
    let web = Web::giving(move |request| {
        let count = {
            let mut asked = memory.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(request.clone());
            asked.iter().filter(|other| other.method == request.method && other.path == request.path).count()
        };
        answer(request, count)
    });
    (web, asked)
}

/// Every `GET` so far of paths that begin so: the first byte that was wanted.
fn gets(asked: &Asked, path: &str) -> Vec<Option<usize>> {
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let gets = asked.iter().filter(|request| request.method == "GET" && request.path.starts_with(path));
    gets.map(|request| request.from).collect()
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn project(registry: &Registry, uri: &str) -> Project {
    let config = format!(
        "model: {}/me/model\nweights:\n  - name: net\n    target: /src/net\n    \
         source: {{ uri: \"{uri}\", exclude: [\"*.md\"] }}\n",
        registry.address()
    );
    Project::empty().with("cog.yaml", config)
}

fn import(project: &Project, cache: &Path) -> Cog {
    cog(["weights", "import"]).within(project.path()).env("COG_CACHE_DIR", cache).without_docker()
}

fn weight(project: &Project) -> Value {
    let text = std::fs::read(project.file("weights.lock")).expect("the lock file is written");
    serde_json::from_slice::<Value>(&text).expect("JSON")["weights"][0].clone()
}

fn stored(cache: &Project, hex: &str) -> PathBuf {
    cache.file(&format!("weights/files/sha256/{}/{hex}", &hex[..2]))
}

#[test]
fn a_file_of_a_web_server_is_brought_once_over_cuts_and_stumbles() {
    needs_registry!();
    let bytes = noise(3 << 20);
    let (body, tag) = (bytes.clone(), Arc::new(AtomicUsize::new(1)));
    let now = Arc::clone(&tag);
    let (web, asked) = remembering(move |request, count| {
        let whole = Answer::file(body.clone()).with("ETag", format!("\"v{}\"", now.load(Ordering::SeqCst)));
        match (request.method.as_str(), count) {
            ("HEAD", 1) => Answer::status(503),
            ("GET", 1) => Answer { cut: Some((1 << 20, 0)), ..whole },
            ("GET", 2) => Answer::status(500),
            _ => whole,
        }
    });
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry, &format!("http://{}/files/net.bin?key=secret", web.address()));
    import(&project, cache.path()).run().succeeds();
    assert_eq!(gets(&asked, "/files"), [None, Some(1 << 20), Some(1 << 20)], "nothing comes twice");
    let known = weight(&project);
    assert_eq!(known["sources"][0]["fingerprint"], "etag:v1");
    assert_eq!(known["files"][0]["path"], "net.bin");
    assert_eq!(std::fs::read(stored(&cache, &hex(&bytes))).ok().as_deref(), Some(&bytes[..]));

    import(&project, cache.path()).run().succeeds().says("unchanged");
    assert_eq!(gets(&asked, "/files").len(), 3, "what is here and has not changed is not asked for");
    tag.store(2, Ordering::SeqCst);
    import(&project, cache.path()).run().succeeds();
    assert_eq!(gets(&asked, "/files").len(), 4);
    assert_eq!(weight(&project)["sources"][0]["fingerprint"], "etag:v2");
}

#[test]
fn an_import_that_was_killed_goes_on_where_it_was() {
    needs_registry!();
    let bytes = noise(8 << 20);
    let body = bytes.clone();
    let (web, asked) = remembering(move |request, count| {
        let whole = Answer::file(body.clone()).with("ETag", "\"one\"");
        let stalls = request.method == "GET" && count == 1;
        Answer { cut: stalls.then_some((5 << 20, 30)), ..whole }
    });
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry, &format!("http://{}/net.bin", web.address()));
    let first = import(&project, cache.path()).start();
    let here = || {
        let parts = std::fs::read_dir(cache.file("weights/partial")).into_iter().flatten().flatten();
        parts.filter_map(|part| part.metadata().ok()).map(|part| part.len()).sum::<u64>()
    };
    let patience = Instant::now() + Duration::from_secs(60);
    while here() < 5 << 20 {
        assert!(Instant::now() < patience, "{} bytes came", here());
        std::thread::sleep(Duration::from_millis(10));
    }
    first.signal(rustix::process::Signal::KILL);
    first.finish_within(Duration::from_secs(10)).ends_by_signal(9);
    import(&project, cache.path()).run().succeeds();
    assert_eq!(gets(&asked, "/net.bin"), [None, Some(5 << 20)], "what had come is not asked for again");
    assert_eq!(std::fs::read(stored(&cache, &hex(&bytes))).ok(), Some(bytes));
}

#[test]
fn a_file_that_had_come_as_a_whole_when_the_import_was_killed_is_not_asked_for() {
    needs_registry!();
    let bytes = noise(1 << 20);
    let body = bytes.clone();
    let (web, asked) = remembering(move |_, _| Answer::file(body.clone()).with("ETag", "\"one\""));
    let (registry, cache) = (Registry::open(), Project::empty());
    let uri = format!("http://{}/net.bin", web.address());
    // What is unfinished is called by the digest of its address and its tag.
    let name = hex(format!("{uri}\n\"one\"").as_bytes());
    cache.write(&format!("weights/partial/{name}"), &bytes);
    let project = project(&registry, &uri);
    import(&project, cache.path()).run().succeeds();
    assert_eq!(gets(&asked, "/net.bin"), []);
    assert_eq!(std::fs::read(stored(&cache, &hex(&bytes))).ok(), Some(bytes));
}

#[test]
fn a_server_that_does_not_vouch_for_a_file_is_asked_for_all_of_it() {
    needs_registry!();
    let body = noise(1 << 20);
    let bytes = body.clone();
    let (web, asked) = remembering(move |request, count| {
        let whole = Answer::file(body.clone()).with("ETag", "W/\"weak\"");
        match (request.method.as_str(), count) {
            ("HEAD", _) => Answer::status(405),
            ("GET", 1) => Answer { cut: Some((1000, 0)), ..whole },
            _ => whole,
        }
    });
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry, &format!("http://{}/net.bin", web.address()));
    import(&project, cache.path()).run().succeeds();
    assert_eq!(gets(&asked, "/net.bin"), [None, None]);
    assert_eq!(weight(&project)["sources"][0]["fingerprint"], format!("sha256:{}", hex(&bytes)));
}

#[test]
fn a_web_server_that_refuses_is_told_with_what_to_do() {
    needs_registry!();
    let (web, asked) = remembering(|request, _| match request.path.as_str() {
        "/gone" => Answer::status(404),
        "/closed" => Answer::status(403),
        _ => Answer::status(502),
    });
    let (registry, cache) = (Registry::open(), Project::empty());
    let run = |path: &str| {
        let project = project(&registry, &format!("http://{}{path}", web.address()));
        let outcome = import(&project, cache.path()).run().exits(1).says(path).says_one_thing();
        assert!(!project.file("weights.lock").exists(), "nothing is noted");
        outcome
    };
    run("/gone").says("404").says("check the address");
    run("/closed").says("403").says("without a login");
    run("/broken").says("502").says("run this again");
    let heads = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let tries = heads.iter().filter(|request| request.path == "/broken").count();
    assert_eq!(tries, 4, "one try and three more");
    let project = project(&registry, "https://me:hunter2@example.com/net.bin");
    import(&project, cache.path()).run().exits(1).says("login").does_not_say("hunter2");
}

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub with one repository: a large file, which another server gives out, and small ones, on two pages.
fn hub(large: &[u8], elsewhere: String) -> (Web, Asked) {
    let (size, oid) = (large.len(), hex(large));
    remembering(move |request, _| {
        let json = |value: Value| Answer::file(value.to_string());
        let tree = format!("/api/models/org/repo/tree/{COMMIT}?recursive=true");
        match request.path.as_str() {
            path if path.contains("/private/") => Answer::status(401),
            path if path.contains("/gated/") => Answer::status(403),
            "/api/models/org/repo/revision/main" | "/api/models/org/repo/revision/refs%2Fpr%2F1" => {
                json(json!({ "id": "org/repo", "sha": COMMIT }))
            }
            path if path == tree => json(json!([
                { "type": "directory", "oid": "1", "size": 0, "path": "deep" },
                { "type": "file", "oid": "2", "size": 2, "path": "deep/config.json" },
                { "type": "file", "oid": "3", "size": 3, "path": "README.md" },
            ]))
            .with("Link", format!("<http://{}{tree}&cursor=2>; rel=\"next\"", request.host)),
            path if path == format!("{tree}&cursor=2") => json(json!([
                { "type": "file", "oid": "4", "size": size, "path": "net.safetensors",
                  "lfs": { "oid": oid, "size": size, "pointerSize": 134 } },
            ])),
            path if path == format!("/org/repo/resolve/{COMMIT}/deep/config.json") => Answer::file("{}"),
            path if path == format!("/org/repo/resolve/{COMMIT}/net.safetensors") => {
                Answer::status(302).with("Location", format!("http://{elsewhere}/blob"))
            }
            _ => Answer::status(404),
        }
    })
}

#[test]
fn a_repository_of_the_hub_is_imported_by_what_the_hub_says_of_it() {
    needs_registry!();
    let bytes = noise(2 << 20);
    let body = bytes.clone();
    let (blobs, given) = remembering(move |request, _| {
        let whole = Answer::file(body.clone());
        let first = request.from.is_none();
        Answer { cut: first.then_some((1 << 20, 0)), ..whole }
    });
    // By another name it is another host, which is not told who asks.
    let elsewhere = blobs.address().replace("127.0.0.1", "localhost");
    let (hub, asked) = hub(&bytes, elsewhere);
    let (registry, cache) = (Registry::open(), Project::empty());
    let run = |project: &Project, words: &[&str]| {
        import(project, cache.path())
            .args(words)
            .env("HF_ENDPOINT", format!("http://{}", hub.address()))
            .env("HF_TOKEN", "hf_secret")
            .run()
    };
    let project = project(&registry, "hf://org/repo");
    run(&project, &["--dry-run", "-v"]).succeeds().says("net.safetensors").does_not_say("README");
    assert_eq!(gets(&given, "/").len(), 0, "the digests of large files are known without them");
    run(&project, &[]).succeeds();
    assert_eq!(gets(&given, "/"), [None, Some(1 << 20)], "a cut costs nothing that had come");
    let known = weight(&project);
    assert_eq!(known["sources"][0]["fingerprint"], format!("commit:{COMMIT}"));
    assert_eq!(known["sources"][0]["uri"], "hf://org/repo");
    let files: Vec<&Value> = known["files"].as_array().into_iter().flatten().collect();
    assert_eq!(files.len(), 2);
    assert_eq!(files[1]["digest"], format!("sha256:{}", hex(&bytes)));
    assert_eq!(std::fs::read(stored(&cache, &hex(&bytes))).ok().as_deref(), Some(&bytes[..]));
    let said = |asked: &Asked| -> Vec<Option<String>> {
        let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().map(|request| request.authorization.clone()).collect()
    };
    assert!(said(&asked).iter().all(|said| said.as_deref() == Some("Bearer hf_secret")));
    assert!(said(&given).iter().all(Option::is_none), "nobody else hears of the token");

    let before = gets(&asked, "/org/repo/resolve").len();
    run(&project, &[]).succeeds().says("unchanged").does_not_say("hf_secret");
    assert_eq!(gets(&asked, "/org/repo/resolve").len(), before, "the same commit has the same files");
}

#[test]
fn a_hub_that_refuses_is_told_with_what_to_do() {
    needs_registry!();
    let (hub, _asked) = hub(b"large", "127.0.0.1:1".to_owned());
    let (registry, cache) = (Registry::open(), Project::empty());
    for (uri, said) in [
        ("hf://org/private", "HF_TOKEN"),
        ("huggingface://org/gated", "accept the conditions"),
        ("hf://org/repo@nowhere", "the revision"),
    ] {
        let project = project(&registry, uri);
        let run =
            import(&project, cache.path()).env("HF_ENDPOINT", format!("http://{}", hub.address())).run();
        run.exits(1).says(said).says("org/").says_one_thing();
    }
}

#[test]
fn a_hub_that_gives_out_something_else_than_it_listed_is_not_believed() {
    needs_registry!();
    let blobs = Web::giving(|_| Answer::file(*b"other"));
    let (hub, _asked) = hub(b"large", blobs.address());
    let (registry, cache) = (Registry::open(), Project::empty());
    let project = project(&registry, "hf://org/repo@refs/pr/1");
    let run = import(&project, cache.path()).env("HF_ENDPOINT", format!("http://{}", hub.address())).run();
    run.exits(1).says("not as it is listed").says("net.safetensors");
    let left = std::fs::read_dir(cache.file("weights/partial")).into_iter().flatten().count();
    assert_eq!(left, 0, "what is wrong is not kept");
}
