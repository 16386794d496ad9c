//! The keys of `cog.yaml`.
use super::{Config, reader::Reader, yaml::Node};
pub(super) fn config(_: &mut Reader, _: &Node) -> Config {
    Config::default()
}
