//! Gives out a list of files.

use cog::prelude::*;

#[cog::predict]
fn pathlist(#[input(default = 2)] n: i64) -> Result<Vec<cog::Path>> {
    let folder = cog_test_predictors::scratch_folder()?;
    (0..n)
        .map(|i| {
            let path = folder.join(format!("f{i}.png"));
            std::fs::write(&path, [b"\x89PNG".as_slice(), &[i as u8]].concat())?;
            Ok(path.into())
        })
        .collect()
}

fn main() -> ExitCode {
    cog::main::<pathlist>()
}
