//! The extension a file of some media type has.

/// Types whose first extension in the general table is not the one people use.
const KNOWN: &[(&str, &str)] = &[
    ("application/gzip", "gz"),
    ("application/json", "json"),
    ("application/jsonl", "jsonl"),
    ("application/octet-stream", "bin"),
    ("application/pdf", "pdf"),
    ("application/x-ndjson", "ndjson"),
    ("application/x-tar", "tar"),
    ("application/zip", "zip"),
    ("audio/aac", "aac"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "oga"),
    ("audio/opus", "opus"),
    ("audio/wav", "wav"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("image/x-ms-bmp", "bmp"),
    ("model/gltf-binary", "glb"),
    ("model/obj", "obj"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("video/mp4", "mp4"),
    ("video/mpeg", "mpeg"),
    ("video/webm", "webm"),
    ("video/x-msvideo", "avi"),
];

/// The extension, without its dot, of files of this type; `None` for types nobody knows.
pub(super) fn of(media_type: &str) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(name, _)| *name == media_type).map(|(_, extension)| *extension);
    known.or_else(|| mime_guess::get_mime_extensions_str(media_type)?.first().copied())
}
