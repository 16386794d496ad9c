//! The name of the new package, after its directory.

/// Names Cargo refuses, or that would hide a crate the model needs.
const TAKEN: &[&str] = &[
    "alloc",
    "build",
    "cog",
    "core",
    "deps",
    "examples",
    "incremental",
    "proc-macro",
    "proc_macro",
    "std",
    "test",
];

/// Words of the language.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Devices of Windows, where no file may have their names.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// A name Cargo takes, as near to the directory's as can be.
pub fn package_name(directory: &str) -> String {
    let mut name = String::new();
    for character in directory.chars() {
        let separates = name.ends_with(['-', '_']);
        match character.to_ascii_lowercase() {
            kept if kept.is_ascii_alphanumeric() || (kept == '_' && !separates) => name.push(kept),
            _ if !separates => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_matches(['-', '_']);
    if name.is_empty() {
        "model".to_owned()
    } else if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("model-{name}")
    } else if [TAKEN, KEYWORDS, DEVICES].concat().contains(&name) {
        format!("{name}-model")
    } else {
        name.to_owned()
    }
}
