//! Foreign OpenAPI documents, and inputs checked against whatever they say.

use cog_schema::openapi;
use serde_json::Value;

pub(super) fn target(bytes: &[u8]) {
    // A document and, after a line break, an input.
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let document = parts.next().unwrap_or_default();
    let input = parts.next().unwrap_or_default();
    let Ok(document) = serde_json::from_slice::<Value>(document) else { return };
    let Ok(signature) = openapi::read(&document) else { return };
    // A foreign document may say what ours cannot (that what must be given may be null); ours say what they say.
    let ours = openapi::document(&signature, "0");
    let read = openapi::read(&ours).expect("a document of ours is read");
    let again = openapi::document(&read, "0");
    let parts = |document: &Value| document.pointer("/components/schemas").cloned();
    assert_eq!(parts(&again), parts(&ours), "a document survives being read");
    assert_eq!(openapi::read(&again).as_ref(), Ok(&read), "a signature survives its own document");

    let text = String::from_utf8_lossy(input);
    for declared in &signature.inputs {
        let value = declared.coerce(&text);
        let _judged = declared.admits(&value);
    }
    let Ok(input) = serde_json::from_slice::<Value>(input) else { return };
    if let Ok(checked) = signature.check_input(input) {
        assert_eq!(checked.input.len(), signature.inputs.len(), "every input has a value");
    }
}
