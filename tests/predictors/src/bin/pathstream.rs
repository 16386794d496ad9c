//! Gives out files one by one.

use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn pathstream(
    #[input(default = 2)] n: i64,
    #[input(default = 0.2)] delay: f64,
    ctx: &Prediction,
) -> Result<impl Iterator<Item = Result<cog::Path>>> {
    let folder = cog_test_predictors::scratch_folder()?;
    Ok((0..n).map(move |i| {
        if i > 0 {
            ctx.sleep(Duration::from_secs_f64(delay))?;
        }
        let path = folder.join(format!("img-{i}.png"));
        std::fs::write(&path, [b"\x89PNG".as_slice(), &[i as u8]].concat())?;
        Ok(path.into())
    }))
}

fn main() -> ExitCode {
    cog::main::<pathstream>()
}
