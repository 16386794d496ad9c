//! Data URLs, and the names of files that URLs give.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::supervisor::fetch::{data_url, name};

pub(super) fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(data) = data_url::read(&format!("data:{text}")) {
        assert_eq!(data.media_type, data.media_type.to_ascii_lowercase());
        assert!(data.bytes.len() <= text.len(), "data does not grow");
        assert_is_name(&name::of_media_type(&data.media_type));
    }
    assert_is_name(&name::of_url(&text));
    assert_is_name(&name::of_url(&format!("http://h/{text}")));

    for url in [
        format!("data:image/PNG;base64,{}", STANDARD.encode(bytes)),
        format!("data:image/PNG;x=y;base64,{}", STANDARD.encode(bytes).trim_end_matches('=')),
        format!("data:image/PNG,{}", percent_encoded(bytes)),
    ] {
        let data = data_url::read(&url).expect("what is well-formed is read");
        assert_eq!((data.media_type.as_str(), data.bytes.as_slice()), ("image/png", bytes), "{url}");
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}

/// Whether a file of this name lies in the folder that it is put into, on any file system.
fn assert_is_name(name: &str) {
    let plain = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']);
    assert!(plain && name.len() <= 255, "{name:?} is no file name");
}
