//! `cog exec`: a command in the project's image, as if it ran here.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use cog_tests::{Cog, Connection, Project, cog, free_port, needs_docker};
use rustix::process::Signal;

fn exec(project: &Project, arguments: &[&str]) -> Cog {
    cog(["exec", "--progress", "quiet"].iter().chain(arguments)).within(project.path())
}

#[test]
fn a_command_sees_the_project_and_its_streams_and_its_exit_code_are_the_programs() {
    needs_docker!();
    let project = Project::initialised();
    let run = exec(&project, &["sh", "-c", "pwd; cat; echo aside >&2; touch made; exit 7"])
        .stdin("from standard input")
        .run()
        .exits(7)
        .prints("/src\nfrom standard input")
        .says("aside");
    run.leaves_nothing_running();
    let made = project.file("made").metadata().expect("it lies in the project");
    assert_eq!(made.uid(), project.path().metadata().expect("it is there").uid(), "it is the caller's");

    exec(&project, &["no-such-program"]).run().exits(1).says("no command `no-such-program`").says_one_thing();
}

#[test]
fn variables_files_and_ports_reach_the_command() {
    needs_docker!();
    let project = Project::initialised().with("outside/note.txt", "a note");
    let volume = format!("{}:/notes:ro", project.file("outside").display());
    let look = "printenv GREETING; cat /notes/note.txt; touch /notes/x || echo kept";
    exec(&project, &["-e", "GREETING=hello", "-v", &volume, "sh", "-c", look])
        .run()
        .succeeds()
        .prints("hello\na notekept");

    let port = free_port();
    let model = ["-p", &port.to_string(), "-e", &format!("PORT={port}"), "/usr/local/bin/model"];
    let running = exec(&project, &model).stdin_stays_open().start();
    let healthy = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        Connection::open(port).and_then(|mut connection| connection.get("/health-check")).is_ok()
    });
    assert!(healthy, "it answers on the published port");
    running.interrupt();
    // The model heard of it, and ended as one does.
    running.finish_within(Duration::from_secs(30)).leaves_nothing_running();
}

#[test]
fn on_a_terminal_it_is_one() {
    needs_docker!();
    let project = Project::initialised();
    let mut terminal = exec(&project, &["sh"]).on_a_terminal((80, 24));
    // Engines before API 1.42 cannot be told of the size before they start the command, only right after.
    terminal.type_in("tty && until stty size | grep -v '^0'; do sleep 0.1; done\n");
    terminal.wait_until_it_shows("24 80");
    terminal.resize((100, 30));
    terminal.type_in("sleep 1; stty size\n");
    terminal.wait_until_it_shows("30 100");
    // Ctrl-C is the command's, not the program's.
    terminal.type_in("sleep 1000\n");
    std::thread::sleep(Duration::from_millis(500));
    terminal.interrupt();
    terminal.type_in("echo still $((40 + 2)); exit 9\n");
    terminal.wait_until_it_shows("still 42");
    assert_eq!(terminal.finish().0, 9);
}

#[test]
fn signals_are_handed_on_and_the_second_is_not_to_be_ignored() {
    needs_docker!();
    let project = Project::initialised();
    let heeds = "trap 'echo heard; exit 5' TERM; echo waiting; while :; do sleep 0.1; done";
    let mut running = exec(&project, &["sh", "-c", heeds]).start();
    running.wait_until_it_says("waiting");
    running.signal(Signal::TERM);
    running.finish_within(Duration::from_secs(30)).exits(5).prints("waiting\nheard").leaves_nothing_running();

    let deaf = "trap '' INT TERM; echo waiting; while :; do sleep 0.1; done";
    let mut running = exec(&project, &["sh", "-c", deaf]).start();
    running.wait_until_it_says("waiting");
    running.interrupt();
    std::thread::sleep(Duration::from_millis(500));
    running.interrupt();
    running.finish_within(Duration::from_secs(30)).ends_by_signal(2).leaves_nothing_running();
}
