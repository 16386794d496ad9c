//! `cog bench`: how fast a model is.

use cog_tests::{Cog, Project, Server, cog};

fn bench(server: &Server) -> Cog {
    let url = format!("http://127.0.0.1:{}", server.port());
    cog(["bench", "--url", &url, "--repeat", "20"]).without_docker()
}

#[test]
fn a_stream_has_the_time_of_its_first_piece() {
    let server = Server::of("stream");
    let figures = bench(&server).arg("--json").arg(r#"{"n": 2}"#).run().succeeds().json();
    assert_eq!((&figures["succeeded"], &figures["failed"]), (&20.into(), &0.into()));
    let p50 = |series: &str| figures[series]["p50"].as_f64().unwrap_or_else(|| panic!("{series}: {figures}"));
    assert!(p50("first_piece_seconds") <= p50("latency_seconds"), "{figures}");
    assert!(figures["resident_memory_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20), "{figures}");
}

#[test]
fn figures_and_a_plot_are_printed_and_a_report_is_written() {
    let (server, place) = (Server::of("echo"), Project::empty());
    let report = place.file("report.html");
    let run =
        bench(&server).input("text=x").arg("--report").arg(&report).run().succeeds().says("report.html");
    let printed = run.output();
    assert!(printed.starts_with("20 predictions, 1 at a time, in "), "{run}");
    assert!(printed.contains("latency      p50 ") && printed.contains('█'), "{run}");
    let report = std::fs::read_to_string(report).expect("it was written");
    assert!(report.starts_with("<!doctype html>") && report.contains("</svg>"), "{report}");

    let other = bench(&server).input("text=x").arg("--report").arg(place.file("report.pdf")).run();
    other.exits(1).says("report.pdf").says(".svg").says_one_thing();
}

#[test]
fn more_than_a_model_takes_is_told_with_what_to_do() {
    let server = Server::of("slow");
    let run = bench(&server).input("seconds=0.05").arg("-c").arg("8").run().exits(1);
    run.says("predictions failed").says("COG_QUEUE_LIMIT=8");
}
