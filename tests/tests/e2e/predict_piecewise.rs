//! `cog predict` with a model whose output comes piece by piece.

use std::time::Duration;

use cog_tests::{Cog, Project, cog, needs_docker, shell, without_escapes};

use crate::models::streamer;

const TERMINAL: (u16, u16) = (80, 24);

fn stream() -> Cog {
    cog(["predict", "--local"]).within(streamer().path())
}

#[test]
fn the_first_piece_is_on_the_terminal_long_before_the_last_is_made() {
    let mut terminal = stream().input("words=2").input("pause=3600").on_a_terminal(TERMINAL);
    terminal.wait_until_it_shows("word0 ");
    assert!(!terminal.text().contains("word1"), "the model has not made it yet");
    terminal.interrupt();
    assert_eq!(terminal.finish().0, 130);
}

#[test]
fn the_first_piece_comes_early_through_a_pipe_too() {
    let mut running = stream().input("words=2").input("pause=3600").start();
    running.wait_until_it_says("word0 ");
    running.interrupt();
    running.finish_within(Duration::from_secs(30)).ends_by_signal(2).leaves_nothing_running();
}

#[test]
fn pieces_of_text_read_as_one_line() {
    stream().input("words=3").run().succeeds().prints("word0 word1 word2 ").says("finding words");
}

#[test]
fn on_a_terminal_the_log_is_dimmed_and_the_answer_is_not() {
    let (code, screen) = stream().input("words=2").on_a_terminal(TERMINAL).finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("finding words\x1b[0m\r\n"), "{screen:?}");
    assert!(screen.contains("word0 word1 \r\n"), "{screen:?}");
}

#[test]
fn a_terminal_that_wants_no_colours_gets_none() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let (code, screen) = stream().input("words=2").env(name, value).on_a_terminal(TERMINAL).finish();
        assert_eq!(code, 0, "{screen}");
        let answer = &screen[screen.find("finding words").expect("the log is shown")..];
        assert!(!answer.contains("\x1b[2m"), "{name}={value}: {screen:?}");
        assert!(without_escapes(answer).contains("word0 word1 "), "{name}={value}: {screen:?}");
    }
}

#[test]
fn a_prediction_that_fails_half_way_shows_what_there_was() {
    let run = stream().input("fail=true").run();
    run.exits(1).prints("word0 ").says("no more words").says_one_thing().leaves_nothing_running();
}

#[test]
fn text_that_goes_to_a_file_is_whole() {
    let place = Project::empty();
    let out = place.file("words.txt");
    stream().input("words=2").arg("-o").arg(&out).run().succeeds().prints("").says("words.txt (12 B)");
    assert_eq!(std::fs::read_to_string(out).expect("it was written"), "word0 word1 ");
}

#[test]
fn a_reader_that_goes_away_ends_the_prediction() {
    let script = "cog predict --local -i words=100000 -i pause=0.01 | head -c 6";
    let (code, printed) = shell(script, streamer().path());
    assert_eq!((code, printed.as_str()), (0, "word0 "));
}

#[test]
fn a_container_streams_as_well() {
    needs_docker!();
    let mut terminal = cog(["predict", "-i", "words=2", "-i", "pause=3600"])
        .within(streamer().path())
        .on_a_terminal(TERMINAL);
    terminal.wait_until_it_shows("word0 ");
    terminal.interrupt();
    assert_eq!(terminal.finish().0, 130);
}
