//! Every request of which it is recorded how a server that clients know answers it: ours answers it alike, or better
//! where `better` says how. `tests/conformance/replay` asks and compares.

use std::process::{Command, Stdio};

use cog_tests::{models, repository};

#[test]
fn every_recorded_request_is_answered_as_clients_know_it_or_better() {
    let replay = Command::new("python3")
        .arg("-B")
        .arg(repository().join("tests/conformance/replay"))
        .arg(models())
        .stdin(Stdio::null())
        .output();
    let replay = match replay {
        Ok(replay) => replay,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "python3 does not start: {error}");
            return;
        }
    };
    let [said, complained] =
        [replay.stdout, replay.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(replay.status.success(), "{said}{complained}");
}
