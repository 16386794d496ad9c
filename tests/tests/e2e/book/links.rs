//! Every link of a page leads somewhere, and every page can be found.

use std::fs;
use std::path::{Path, PathBuf};

use cog_tests::{repository, shell};

use super::page::Page;

/// The pages, the table of contents, and what else is read in the repository.
fn texts() -> Vec<PathBuf> {
    let docs = repository().join("docs");
    let mut texts: Vec<PathBuf> = Page::all().iter().map(|page| docs.join(&page.name)).collect();
    texts.push(docs.join("SUMMARY.md"));
    texts.extend(["README.md", "CHANGELOG.md"].map(|name| repository().join(name)));
    texts
}

#[test]
fn every_link_leads_somewhere() {
    for path in texts() {
        let text = fs::read_to_string(&path).expect("it is there");
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().expect("it lies somewhere").join(file)
            };
            let name = path.file_name().unwrap_or_default().display();
            assert!(target.exists(), "{name}: `{link}` leads nowhere");
            if !anchor.is_empty() {
                let anchors = anchors(&target);
                assert!(anchors.iter().any(|known| known == anchor), "{name}: `{link}`: no such heading");
            }
        }
    }
}

#[test]
fn every_page_is_in_the_table_of_contents_once() {
    let contents = fs::read_to_string(repository().join("docs/SUMMARY.md")).expect("it is there");
    let mut listed = links(&contents);
    listed.sort_unstable();
    let pages: Vec<String> = Page::all().into_iter().map(|page| page.name).collect();
    assert_eq!(listed, pages);
}

#[test]
fn the_pages_make_a_book() {
    let (missing, _) = shell("command -v mdbook", repository());
    if missing != 0 {
        // The table of contents is checked all the same.
        return;
    }
    let book = tempfile::tempdir().expect("a directory can be made");
    let (code, _) = shell(&format!("mdbook build docs --dest-dir {}", book.path().display()), repository());
    assert_eq!(code, 0);
    assert!(book.path().join("first-model.html").is_file());
}

/// Targets of links and pictures, but for those in code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        // Every second part is code.
        let words: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for part in words.split("](").skip(1) {
            links.extend(part.split_once(')').map(|(link, _)| link.to_owned()));
        }
    }
    links
}

/// What links to headings of a page call them.
fn anchors(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap_or_default();
    let headings = prose(&text).filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The lines outside of blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

#[test]
fn links_in_code_are_none() {
    let text = "a [b](c.md) `[d](e)` [`f`](g.md#h), [i](j)\n```text\n[k](l)\n```\n";
    assert_eq!(links(text), ["c.md", "g.md#h", "j"]);
    assert_eq!(anchor("`build`, and *more*: it's here"), "build-and-more-its-here");
}
