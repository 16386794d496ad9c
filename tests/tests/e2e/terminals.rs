//! What a person's terminal gets, whatever kind it is.

use cog_tests::docker::ImageName;
use cog_tests::{Cog, Project, cog, needs_docker, shell};

use crate::models::streamer;

/// Narrower than any message is long.
const NARROW: (u16, u16) = (40, 24);

/// Lines that are drawn in place: what is drawn over with a carriage return or an escape sequence, and has no line's end.
fn redrawn(screen: &str) -> impl Iterator<Item = &str> {
    let lines = screen.split('\n').filter(|line| !line.ends_with('\r'));
    lines.flat_map(|line| line.split('\r')).map(|line| line.split('\x1b').next().unwrap_or_default())
}

/// What is drawn in place has to fit: a line that wraps cannot be drawn over.
fn assert_fits(screen: &str) {
    for line in redrawn(screen) {
        assert!(line.chars().count() <= usize::from(NARROW.0), "{line:?} wraps on {screen:?}");
    }
}

fn predict() -> Cog {
    cog(["predict", "--local"]).within(streamer().path()).input("words=2")
}

#[test]
fn a_narrow_terminal_is_drawn_on_without_wrapping() {
    let (code, screen) = predict().on_a_terminal(NARROW).finish();
    assert_eq!(code, 0, "{screen}");
    assert_fits(&screen);
    let (code, screen) = cog(["doctor"]).within(streamer().path()).on_a_terminal(NARROW).finish();
    assert!(code == 0 || code == 1, "{screen}");
    assert_fits(&screen);
}

#[test]
fn a_build_is_drawn_on_a_narrow_terminal_without_wrapping() {
    needs_docker!();
    let (project, image) = (Project::initialised(), ImageName::fresh());
    for builder in ["host", "docker"] {
        let arguments = ["build", "--builder", builder, "-t", &image];
        let (code, screen) = cog(arguments).within(project.path()).on_a_terminal(NARROW).finish();
        assert_eq!(code, 0, "{screen}");
        assert_fits(&screen);
    }
}

#[test]
fn a_dumb_terminal_gets_no_escape_sequence() {
    for arguments in [&["doctor"][..], &["--help"], &["predict", "--help"], &["nonsense"]] {
        let (_, screen) = cog(arguments)
            .within(streamer().path())
            .env("TERM", "dumb")
            .env("NO_COLOR", "1")
            .on_a_terminal(NARROW)
            .finish();
        assert!(!screen.contains('\x1b'), "cog {arguments:?}: {screen:?}");
    }
}

#[test]
fn without_a_terminal_nothing_is_drawn_and_nothing_coloured() {
    let run = cog(["doctor"]).within(streamer().path()).run();
    let run = (run.output(), run.messages());
    assert!(!format!("{run:?}").contains("\\u{1b}"), "{run:?}");
    let run = predict().run().succeeds();
    assert!(!run.messages().contains('\x1b') && !run.messages().contains("\r"), "{run}");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    for line in
        ["cog --help | head -1", "cog doctor | head -1", "cog schema | head -1", "cog dockerfile | head -1"]
    {
        let (code, printed) = shell(line, streamer().path());
        assert_eq!((code, printed.lines().count()), (0, 1), "{line}");
    }
}
