//! Programs that a page shows whole compile.

use std::process::Command;

use cog_tests::{Project, cargo_target, repository};

use super::page::Page;

#[test]
fn every_whole_program_compiles() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("it is there");
    let mut pages = Page::all();
    pages.push(Page::of("README.md", &readme));
    let mut project =
        Project::empty().with_package("futures-util = { version = \"0.3\", default-features = false }\n");
    let mut programs = 0;
    for page in pages {
        let whole = page.blocks.iter().filter(|block| {
            let text = &block.text;
            block.language == "rust" && text.contains("use cog::prelude::*;") && text.contains("fn main()")
        });
        for block in whole {
            let name = format!("{}-{}", page.name.trim_end_matches(".md").to_lowercase(), block.line);
            project = project.with(&format!("src/bin/{name}.rs"), &block.text);
            programs += 1;
        }
    }
    assert!(programs > 3, "{programs} programs");
    let project = project.locked();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--release", "--bins"])
        .current_dir(project.path())
        .env("CARGO_TARGET_DIR", cargo_target())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .output()
        .expect("cargo starts");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
