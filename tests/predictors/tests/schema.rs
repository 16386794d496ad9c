//! The schema of every twin is, but for the version of the tool that wrote it, the document that the reference
//! wrote for the same declaration. Where Rust cannot say the same, the difference is named here.
#![expect(clippy::unwrap_used, reason = "a test that cannot run its program has failed")]

use std::process::Command;

use serde_json::Value;

/// A test for each twin: its name, then the places (JSON pointers) at which it may and must differ, each with the
/// reason.
macro_rules! twins {
    ($($twin:ident $([$($place:literal: $reason:literal)*])?)*) => {$(
        #[test]
        fn $twin() {
            let recorded = include_str!(concat!("../../../runtime/schema/tests/fixtures/", stringify!($twin), ".json"));
            let program = env!(concat!("CARGO_BIN_EXE_", stringify!($twin)));
            compare(program, recorded, &[$($($place),*)?]);
        }
    )*};
}

twins! {
    anyout
    asyncconc
    asynchealth
    asyncodd
    asyncstream
    bareopt
    big
    bigstream
    context
    crash
    echo
    failing
    filein
    health
    inputs
    iter
    legacy
    logs
    metrics
    model_out
    pathlist
    pathout
    pathstream [
        "/paths/~1predictions/post/x-cog-streaming": "streams are for text: any other item type makes a plain iterator"
    ]
    regex
    secret
    setupfail
    setupslow
    slow
    stream
    train
    union
}

fn compare(program: &str, recorded: &str, differences: &[&str]) {
    let output = Command::new(program).arg("schema").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut ours: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut recorded: Value = serde_json::from_str(recorded).unwrap();

    for place in ["/info/version"].iter().chain(differences) {
        let (ours, recorded) = (take(&mut ours, place), take(&mut recorded, place));
        assert_ne!(ours, recorded, "{place} differs no longer");
    }
    let mut found = Vec::new();
    diff("", &ours, &recorded, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Takes the value at that place out.
fn take(document: &mut Value, place: &str) -> Option<Value> {
    let (parent, key) = place.rsplit_once('/')?;
    document.pointer_mut(parent)?.as_object_mut()?.remove(key)
}

/// Each place at which two documents differ, in words.
fn diff(place: &str, ours: &Value, recorded: &Value, found: &mut Vec<String>) {
    match (ours, recorded) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => diff(&place, a, b, found),
                    (a, _) => found.push(format!("{place}: {}", if a.is_some() { "new" } else { "missing" })),
                }
            }
        }
        _ if ours != recorded => found.push(format!("{place}: {ours} where {recorded} was recorded")),
        _ => {}
    }
}
