//! stub
pub struct Settings {
    pub directory: std::path::PathBuf,
}
pub fn run(_: Settings) -> anyhow::Result<()> {
    Ok(())
}
