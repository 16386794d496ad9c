//! `cog push --builder host`: straight to a registry, with no engine, over ways that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cog_tests::docker::{self, ImageName};
use cog_tests::{Asked, BadWay, Cog, Fault, Outcome, PASSWORD, Project, Registry, USER, cog, needs_registry};

const HELLO: &str = "\
use std::process::ExitCode;

#[cog::predict]
fn hello(name: String) -> cog::Result<String> {
    Ok(format!(\"hello {name}\"))
}

fn main() -> ExitCode {
    cog::main::<hello>()
}
";

/// Bytes of a piece: small, for many pieces to go wrong.
const PIECE: u64 = 512 << 10;

pub(crate) fn hello() -> Project {
    Project::kept("hello", HELLO)
}

pub(crate) fn push(project: &Project, reference: &str) -> Cog {
    cog(["push", reference, "--builder", "host"])
        .within(project.path())
        .env("COG_PUSH_DEFAULT_CHUNK_SIZE", PIECE.to_string())
        .without_docker()
}

/// A push over a way on which `fault` happens.
fn over(fault: impl Fn(&Asked<'_>) -> Fault + Send + Sync + 'static) -> (Registry, BadWay, Outcome) {
    let (project, registry) = (hello(), Registry::open());
    let way = BadWay::to(registry.port(), fault);
    let outcome = push(&project, &format!("{}/me/hello:v1", way.address())).run();
    (registry, way, outcome)
}

/// The digest that was printed.
fn printed(outcome: &Outcome) -> String {
    outcome
        .output()
        .trim()
        .rsplit_once('@')
        .map(|(_, digest)| digest.to_owned())
        .expect("a digest is printed")
}

#[test]
fn an_image_gets_into_a_registry_without_an_engine_and_is_sent_once() {
    needs_registry!();
    let (project, registry, config) = (hello(), Registry::guarded(), Project::empty());
    registry.log_in(config.path(), USER, PASSWORD);
    let image = ImageName::of(registry.reference("me/hello"));
    let push = || push(&project, &image).env("DOCKER_CONFIG", config.path()).run().succeeds();
    let first = push().leaves_nothing_running();
    assert_eq!(printed(&first), registry.digest("me/hello", "latest"));
    push().says("unchanged");

    let run = cog(["predict", &image, "-i", "name=Ada"]).env("DOCKER_CONFIG", config.path()).run().succeeds();
    assert!(run.output().contains("hello Ada"), "{run}");
    docker::ask(["image", "rm", &image]);
}

#[test]
fn who_may_not_push_is_told_and_nothing_gets_in() {
    needs_registry!();
    let (project, registry, config) = (hello(), Registry::guarded(), Project::empty());
    let reference = registry.reference("me/hello");
    for login in [None, Some("wrong-horse")] {
        if let Some(password) = login {
            registry.log_in(config.path(), USER, password);
        }
        let run = push(&project, &reference).env("DOCKER_CONFIG", config.path()).run();
        run.exits(1).says(&registry.address()).says("cog login").says_one_thing().does_not_say("wrong-horse");
    }
    assert!(!registry.has("me/hello", "latest"), "nothing got in");
}

#[test]
fn a_registry_of_ones_own_authority_is_trusted_when_that_is_said() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::secured());
    let reference = registry.reference("me/hello");
    push(&project, &reference).run().exits(1).says("certificate").says("COG_CA_CERT").says_one_thing();
    assert!(!registry.has("me/hello", "latest"));
    push(&project, &reference).env("COG_CA_CERT", registry.authority()).run().succeeds();
    assert!(registry.has("me/hello", "latest"));
}

#[test]
fn a_push_survives_cuts_and_stumbles_and_sends_nothing_twice_but_what_was_cut() {
    needs_registry!();
    let (registry, way, outcome) = over(|asked| match (asked.method, asked.count) {
        ("PATCH", 1 | 4) => Fault::Cut(100_000),
        ("PATCH", 2) | ("HEAD", 1) => Fault::Answer(502, ""),
        ("POST", 0) => Fault::Answer(429, "Retry-After: 1\r\n"),
        ("PUT", 0) => Fault::Answer(500, ""),
        ("PUT", count) if asked.path.contains("/manifests/") && count % 2 == 0 => Fault::Answer(503, ""),
        _ => Fault::None,
    });
    let outcome = outcome.succeeds().leaves_nothing_running();
    assert_eq!(printed(&outcome), registry.digest("me/hello", "v1"));
    let most = registry.size() + 4 * PIECE;
    assert!(way.sent() <= most, "{} bytes were sent, {most} were expected", way.sent());
}

#[test]
fn a_registry_that_does_not_say_what_arrived_is_sent_it_again() {
    needs_registry!();
    let (registry, _way, outcome) = over(|asked| match (asked.method, asked.count) {
        ("PATCH", 1) => Fault::Cut(100_000),
        ("GET", _) if asked.path.contains("/blobs/uploads/") => Fault::Answer(403, ""),
        _ => Fault::None,
    });
    assert_eq!(printed(&outcome.succeeds()), registry.digest("me/hello", "v1"));
}

#[test]
fn a_registry_that_takes_no_pieces_gets_layers_whole() {
    needs_registry!();
    let (registry, _way, outcome) = over(|asked| match asked {
        Asked { method: "PATCH", is_piece: true, .. } => Fault::Answer(416, ""),
        _ => Fault::None,
    });
    assert_eq!(printed(&outcome.succeeds()), registry.digest("me/hello", "v1"));
}

#[test]
fn a_refusal_is_told_at_once_and_nothing_is_named() {
    needs_registry!();
    for (method, status, said) in [
        ("POST", 403, "does not let you"),
        ("PATCH", 413, "COG_PUSH_DEFAULT_CHUNK_SIZE"),
        ("POST", 401, "cog login"),
    ] {
        let (registry, way, outcome) =
            over(move |asked| if asked.method == method { Fault::Answer(status, "") } else { Fault::None });
        outcome.exits(1).says(said).says(&way.address()).says_one_thing();
        assert!(!registry.has("me/hello", "v1"), "nothing is named after {status}");
    }
}

#[test]
fn a_registry_that_names_another_digest_is_not_believed() {
    needs_registry!();
    let (_registry, way, outcome) = over(|asked| {
        if asked.method == "PUT" && asked.path.contains("/manifests/") { Fault::Lie } else { Fault::None }
    });
    outcome.exits(1).says(&way.address()).says("where sha256:").says_one_thing();
}

#[test]
fn a_registry_that_takes_no_layer_for_what_it_is_is_given_up() {
    needs_registry!();
    let (registry, way, outcome) = over(|asked| match asked.path {
        path if asked.method == "PUT" && path.contains("/blobs/") => Fault::Answer(400, ""),
        _ => Fault::None,
    });
    outcome.exits(1).says(&way.address()).says("where sha256:").says_one_thing();
    assert!(!registry.has("me/hello", "v1"), "nothing is named");
}

#[test]
fn a_registry_that_forgets_an_upload_is_sent_it_again() {
    needs_registry!();
    let (registry, _way, outcome) = over(|asked| match (asked.method, asked.count) {
        ("PATCH", 3) => Fault::Answer(404, ""),
        ("PUT", 0) if asked.path.contains("/blobs/") => Fault::Answer(404, ""),
        _ => Fault::None,
    });
    assert_eq!(printed(&outcome.succeeds()), registry.digest("me/hello", "v1"));
}

#[test]
fn a_name_that_cannot_be_looked_at_is_not_taken_where_the_schemas_are_to_be_compared() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::open());
    let way = BadWay::to(registry.port(), |asked| {
        let looks = matches!(asked.method, "GET" | "HEAD") && asked.path.contains("/manifests/");
        if looks { Fault::Answer(403, "") } else { Fault::None }
    });
    let reference = format!("{}/me/hello:v1", way.address());
    push(&project, &reference)
        .arg("--check-schema")
        .run()
        .exits(1)
        .says("does not show you")
        .says_one_thing();
    assert!(!registry.has("me/hello", "v1"), "nothing is named");
    push(&project, &reference).run().succeeds().says("cannot be compared");
    assert!(registry.has("me/hello", "v1"));
}

#[test]
fn a_registry_that_stays_down_is_given_up_and_a_later_push_goes_on() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::open());
    let way = BadWay::to(registry.port(), |asked| {
        if asked.method == "PATCH" && asked.count >= 2 { Fault::Answer(502, "") } else { Fault::None }
    });
    let run = push(&project, &format!("{}/me/hello:v1", way.address())).run();
    run.exits(1).says("502").says("run this again").says_one_thing();
    assert!(!registry.has("me/hello", "v1"), "nothing is named");
    push(&project, &registry.reference("me/hello:v1")).run().succeeds();
    assert!(registry.has("me/hello", "v1"));
}

#[test]
fn a_push_that_was_killed_goes_on_where_it_was() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::open());
    let stuck = Arc::new(AtomicBool::new(true));
    let (wall, waiting) = (Arc::clone(&stuck), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&waiting);
    let way = BadWay::to(registry.port(), move |asked| {
        if asked.method != "PATCH" || asked.count < 4 || !wall.load(Ordering::SeqCst) {
            return Fault::None;
        }
        count.fetch_add(1, Ordering::SeqCst);
        while wall.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // Nothing of it gets through: this registry forgets an upload of which a piece was cut.
        Fault::Answer(502, "")
    });
    let reference = format!("{}/me/hello:v1", way.address());
    let push = || push(&project, &reference).env("COG_PUSH_CONCURRENCY", "2");
    let running = push().start();
    let patience = Instant::now() + Duration::from_secs(300);
    while waiting.load(Ordering::SeqCst) < 2 {
        assert!(Instant::now() < patience, "{} bytes are sent and no more", way.sent());
        std::thread::sleep(Duration::from_millis(20));
    }
    running.signal_alone(rustix::process::Signal::KILL);
    running.finish_within(Duration::from_secs(30)).leaves_nothing_running();
    assert!(!registry.has("me/hello", "v1"), "nothing is named");
    stuck.store(false, Ordering::SeqCst);
    let outcome = push().run().succeeds();
    assert_eq!(printed(&outcome), registry.digest("me/hello", "v1"));
    let most = registry.size() + PIECE;
    assert!(way.sent() <= most, "{} bytes were sent, {most} were expected", way.sent());
}

#[test]
fn a_layer_that_another_repository_has_is_taken_over_from_there() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::with_tokens());
    let config = Project::empty();
    let way = BadWay::to(registry.port(), |_| Fault::None);
    for address in [registry.address(), way.address()] {
        let run = cog(["login", &address, "--username", USER, "--password-stdin"]);
        run.env("DOCKER_CONFIG", config.path()).stdin(PASSWORD).run().succeeds();
    }
    let push = |name: &str| {
        let reference = format!("{}/{name}", way.address());
        push(&project, &reference).env("DOCKER_CONFIG", config.path()).run().succeeds()
    };
    push("me/one");
    let before = way.sent();
    let outcome = push("me/two");
    assert_eq!(printed(&outcome), registry.digest("me/two", "latest"));
    let sent = way.sent() - before;
    assert!(sent < 20_000, "{sent} bytes were sent of what the registry had");
}

#[test]
fn a_registry_that_offers_http_2_is_spoken_to_in_it_with_all_layers_side_by_side() {
    needs_registry!();
    let (project, registry) = (hello(), Registry::secured());
    let reference = registry.reference("me/hello");
    push(&project, &reference).env("COG_CA_CERT", registry.authority()).run().succeeds();
    let log = registry.log();
    let pieces: Vec<&str> = log.lines().filter(|line| line.contains("\"PATCH ")).collect();
    assert!(pieces.len() > 10, "{log}");
    assert!(pieces.iter().all(|line| line.contains("HTTP/2.0\"")), "{log}");
}
