//! The pages of `docs/` say what happens: whoever follows them gets what they show.
//!
//! A page is followed in an empty directory of its own, from top to bottom, with `cog` in the path. What stands after
//! the language of a block says how:
//!
//! | block | |
//! |---|---|
//! | `console` | each line that begins with `$ ` is run, in one shell for the whole page; it succeeds and, where something is shown below it, prints that, with `…` for anything. Messages are not shown |
//! | `console,exit=N` | its commands end with code N; what is shown are messages, too |
//! | `console,beside=PORT` | its one command runs beside the rest of the page, which goes on when the model at that port is ready |
//! | `console,no-run=REASON` | is not run |
//! | `LANGUAGE,file=PATH` | is written to that file |
//! | `LANGUAGE,same=PATH` | is that file of `docs/`, word for word |
//! | `rust` | is compiled where it is a whole program |

mod links;
mod manifests;
mod page;
mod programs;
mod walk;

use cog_tests::docker::ImageName;
use cog_tests::{Server, needs_docker};
use page::Page;
use walk::Walk;

/// Why a command of a page may stay untried here.
const REASONS: [(&str, &str); 7] = [
    ("browser", "it opens a browser; the playground's own tests drive one"),
    ("cluster", "there is no Kubernetes here; the manifests are checked against its schemas"),
    ("compose", "Docker's plugin may be missing; the file is checked against its schema"),
    ("elsewhere", "it is for a machine of the reader's"),
    ("gpu", "there is no GPU here; the tests of GPUs have machines that do"),
    ("minutes", "it takes minutes"),
    ("registry", "there is no such registry; the tests of pushing have one"),
];

/// Pages whose commands need a Docker engine.
macro_rules! with_docker {
    ($($test:ident: $page:literal, leaves $image:literal;)*) => {
        $(#[test]
        fn $test() {
            needs_docker!();
            let _goes = ImageName::of($image);
            Walk::of($page).run();
        })*
        const WITH_DOCKER: &[&str] = &[$($page),*];
    };
}

with_docker! {
    the_first_model_page_ends_with_a_prediction_from_a_container: "first-model.md", leaves "first-model";
    the_page_about_deploying_is_true: "deploying.md", leaves "greeter:1";
}

#[test]
fn the_page_about_streaming_is_true() {
    Walk::of("streaming.md").run();
}

#[test]
fn the_page_for_those_who_come_from_python_is_true() {
    Walk::of("from-python.md").run();
}

#[test]
fn the_command_line_does_as_its_page_says() {
    // Of four who ask at a time, three wait.
    let model = Server::with("echo", &[("COG_QUEUE_LIMIT", "3")]);
    Walk::of("cli.md").with("MODEL", &format!("http://127.0.0.1:{}", model.port())).run();
}

#[test]
fn the_http_api_answers_as_its_page_says() {
    let model = Server::of("stream");
    Walk::of("http-api.md").with("MODEL", &format!("http://127.0.0.1:{}", model.port())).run();
}

#[test]
fn no_command_of_any_page_escapes_the_walks() {
    let walked = ["streaming.md", "from-python.md", "cli.md", "http-api.md"];
    for page in Page::all() {
        let runs = page.blocks.iter().any(|block| block.language == "console" && block.runs());
        let is_walked = walked.contains(&page.name.as_str()) || WITH_DOCKER.contains(&page.name.as_str());
        assert_eq!(runs, is_walked, "{}: its commands are run, or there are none", page.name);
    }
}

#[test]
fn every_block_is_of_a_kind_that_is_known() {
    for page in Page::all() {
        for block in &page.blocks {
            let place = format!("{}:{}", page.name, block.line);
            let kinds = ["console", "rust", "yaml", "json", "toml", "text", "python"];
            assert!(kinds.contains(&block.language.as_str()), "{place}: `{}`", block.language);
            if let Some(reason) = block.says("no-run") {
                assert!(REASONS.iter().any(|(known, _)| *known == reason), "{place}: no reason: {reason}");
            }
            let known = ["exit", "beside", "no-run", "file", "same"];
            let odd: Vec<_> =
                block.attributes.iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
            assert!(odd.is_empty(), "{place}: {odd:?}");
        }
    }
}
