//! The name of an image.

use std::path::Path;

use crate::config::Config;
use crate::digest;
use crate::reference::{BadReference, Reference};

/// Characters kept of a directory's name.
const LENGTH: usize = 26;

/// The image's name: the one asked for, else the one configured, else one made of the directory's.
pub(super) fn image(asked: Option<&str>, config: &Config, directory: &Path) -> Result<String, BadReference> {
    let name = asked.or(config.image.as_deref()).or(config.model.as_deref());
    let Some(name) = name else { return Ok(generated(directory)) };
    name.parse::<Reference>().map(|_| name.to_owned())
}

/// `cog-` and what is left of the directory's name; its hash where nothing is.
pub(super) fn generated(directory: &Path) -> String {
    let name = directory.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let kept: String = name
        .chars()
        .map(|c| if c == ' ' { '-' } else { c })
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')
        .take(LENGTH)
        .collect();
    let kept = kept.trim_matches('-');
    match kept {
        "" | "cog" => format!("cog-model-{}", digest::name_for(name.as_bytes())),
        kept if kept.starts_with("cog-") => kept.to_owned(),
        kept => format!("cog-{kept}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_gives_a_name_docker_accepts() {
        for (directory, name) in [
            ("/x/My Model", "cog-my-model"),
            ("/x/cog-hello", "cog-hello"),
            ("/x/résumé_2", "cog-rsum2"),
            ("/x/a-very-long-name-for-a-directory", "cog-a-very-long-name-for-a-dir"),
            ("/x/-", "cog-model-3973e022e932"),
        ] {
            assert_eq!(generated(Path::new(directory)), name, "{directory}");
        }
        for directory in ["/x/模型", "/", "/x/----", "/x/Ω"] {
            let name = generated(Path::new(directory));
            assert!(
                name.starts_with("cog-model-") && name.parse::<Reference>().is_ok(),
                "{directory}: {name}"
            );
        }
    }

    #[test]
    fn what_is_asked_for_comes_before_what_is_configured() -> Result<(), BadReference> {
        let config = Config { image: Some("me/one".into()), ..Config::default() };
        let directory = Path::new("/x/hello");
        assert_eq!(image(Some("t/two:3"), &config, directory)?, "t/two:3");
        assert_eq!(image(None, &config, directory)?, "me/one");
        assert_eq!(image(None, &Config::default(), directory)?, "cog-hello");
        assert!(image(Some("No Name"), &config, directory).is_err());
        Ok(())
    }
}
