//! Gives files inside other values.

use std::collections::HashMap;

use cog::prelude::*;

#[derive(cog::Output)]
struct Album {
    title: String,
    cover: cog::Path,
    pages: Vec<cog::Path>,
    extras: HashMap<String, cog::Path>,
}

#[cog::predict]
fn nested() -> Result<Album> {
    let folder = cog_test_predictors::scratch_folder()?;
    let file = |name: &str| -> Result<cog::Path> {
        let path = folder.join(name);
        std::fs::write(&path, name)?;
        Ok(path.into())
    };
    Ok(Album {
        title: "T".to_owned(),
        cover: file("cover.png")?,
        pages: vec![file("one.txt")?, file("two.txt")?],
        extras: HashMap::from([("map".to_owned(), file("map.svg")?)]),
    })
}

fn main() -> ExitCode {
    cog::main::<nested>()
}
