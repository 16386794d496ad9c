//! What facts come to.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::facts::{Base, Gpu, Sound, Subject};
use super::{Facts, Finding, Fix, Level, check};

fn sound() -> Sound {
    Sound {
        directory: "/model".into(),
        gpu: None,
        weights: Ok(1),
        rust: "1.95".to_owned(),
        locked: true,
        predictor: true,
        bases: Vec::new(),
        registry: None,
    }
}

fn healthy() -> Facts {
    Facts {
        docker: Some(Ok("20.10.24".to_owned())),
        cargo: Some("cargo 1.95.0".to_owned()),
        free: Some(50 << 30),
        project: Subject::Sound(Box::new(sound())),
        ..Facts::default()
    }
}

fn with(sound: Sound) -> Facts {
    Facts { project: Subject::Sound(Box::new(sound)), ..healthy() }
}

/// The one finding that is not as it should be.
fn fault(facts: &Facts) -> Finding {
    let mut faults: Vec<_> = check(facts).into_iter().filter(|finding| finding.level != Level::Ok).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.pop().unwrap()
}

#[test]
fn a_healthy_machine_has_no_fault() {
    assert!(check(&healthy()).iter().all(|finding| finding.level == Level::Ok));
}

#[test]
fn each_fault_says_what_why_and_how_to_mend_it() {
    let gone = || Some(Err("no answer".to_owned()));
    let faults = [
        (Facts { docker: gone(), ..healthy() }, "docker", Level::Error),
        (Facts { docker: Some(Ok("podman 4.3.1".to_owned())), ..healthy() }, "docker", Level::Warning),
        (Facts { docker: Some(Ok("19.03.1".to_owned())), ..healthy() }, "docker", Level::Error),
        (Facts { cargo: None, ..healthy() }, "toolchain", Level::Warning),
        (Facts { free: Some(5 << 30), ..healthy() }, "disk", Level::Warning),
        (Facts { free: Some(5 << 20), ..healthy() }, "disk", Level::Error),
        (Facts { certificates: Some("no PEM".to_owned()), ..healthy() }, "certificates", Level::Error),
        (Facts { project: Subject::Absent, ..healthy() }, "project", Level::Warning),
        (with(Sound { locked: false, ..sound() }), "lock file", Level::Error),
        (with(Sound { predictor: false, ..sound() }), "predictor", Level::Warning),
        (with(Sound { gpu: Some(Gpu::default()), ..sound() }), "gpu", Level::Warning),
        (
            Facts {
                gpus: "NVIDIA T4, 7.5, 580.65.06\n".to_owned(),
                ..with(Sound { gpu: Some(Gpu { targets: "8.0".to_owned(), cuda: None }), ..sound() })
            },
            "gpu",
            Level::Warning,
        ),
        (
            with(Sound { weights: Err("llm: not imported yet".to_owned()), ..sound() }),
            "weights",
            Level::Warning,
        ),
        (
            with(Sound { bases: vec![Base { name: "rust:1".to_owned(), here: false }], ..sound() }),
            "base image",
            Level::Warning,
        ),
        (
            with(Sound { registry: Some(("r.example.com".to_owned(), Ok(false))), ..sound() }),
            "registry",
            Level::Warning,
        ),
        (
            with(Sound { registry: Some(("r.example.com".to_owned(), Err("helper".to_owned()))), ..sound() }),
            "registry",
            Level::Error,
        ),
    ];
    for (facts, name, level) in faults {
        let fault = fault(&facts);
        assert_eq!((fault.check, fault.level), (name, level));
        assert!(!fault.what.is_empty() && fault.why.is_some() && fault.mend.is_some(), "{fault:?}");
    }
}

#[test]
fn a_lock_file_out_of_step_can_be_fixed() {
    assert_eq!(fault(&with(Sound { locked: false, ..sound() })).fix, Some(Fix::UpdateLockFile));
}
