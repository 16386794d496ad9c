//! Compiling for another machine than this: Rust's own library for it, and a linker that has its C library.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::plan::Platform;

/// What compiles for another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Rust's name for it.
    pub triple: String,
    /// What links.
    pub linker: String,
    /// Where its C library is on this machine.
    pub libraries: PathBuf,
}

impl Target {
    /// What compiles the project in `directory` for `platform`; nothing where that is this very machine.
    ///
    /// # Errors
    /// What is missing here, and how it is had.
    pub fn of(platform: Platform, directory: &Path) -> Result<Option<Self>, String> {
        if Platform::here() == Some(platform) {
            return Ok(None);
        }
        let machine = platform.machine();
        let triple = format!("{machine}-unknown-linux-gnu");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut asked = Command::new(rustc);
        asked.args(["--print", "target-libdir", "--target", &triple]).current_dir(directory);
        let installed = said(asked).is_some_and(|path| path.is_dir());
        if !installed {
            return Err(format!(
                "Rust is not installed for {platform} on this machine: `rustup target add {triple}`"
            ));
        }
        let variable = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"));
        let linker = std::env::var(&variable).ok().filter(|linker| !linker.is_empty());
        let linker = linker.unwrap_or_else(|| format!("{machine}-linux-gnu-gcc"));
        let mut asked = Command::new(&linker);
        // A compiler that does not know the file answers with the bare name.
        asked.arg("-print-file-name=libc.so.6");
        let library = said(asked).filter(|path| path.is_absolute() && path.exists());
        match library.and_then(|path| Some(path.parent()?.to_owned())) {
            Some(libraries) => Ok(Some(Self { triple, linker, libraries })),
            None => Err(format!(
                "there is no linker with a C library for {platform} on this machine: install Debian's \
                 `gcc-{}-linux-gnu`, or name one with `{variable}`",
                machine.replace('_', "-")
            )),
        }
    }
}

/// The path that a program prints.
fn said(mut command: Command) -> Option<PathBuf> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}
