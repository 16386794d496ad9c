//! The layers of a project's last image, in the cache: the next image is made of those that have not changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::{cache, digest};

/// The link that says whose layers are kept somewhere.
const PROJECT: &str = "project";

/// Where the layers of a project are kept. When the first are, those of projects that are gone make room.
pub(super) fn place(project: &Path) -> Result<PathBuf, cache::Error> {
    let room = cache::room("images")?;
    let place = room.join(digest::name_for(project.as_os_str().as_encoded_bytes()));
    let make = || {
        if fs::read_link(place.join(PROJECT)).is_err() {
            // A place without a project is taken for one that is left, but for the moment that it takes to say whose it is.
            let _gate = cache::gate(&room)?;
            sweep(&room);
            fs::create_dir_all(&place)?;
            symlink(project, place.join(PROJECT))?;
        }
        Ok(())
    };
    make().map_err(|source| cache::Error::Write { path: place.clone(), source })?;
    Ok(place.join("layout"))
}

/// Removes the layers of projects that are gone. What cannot be removed only takes room.
fn sweep(room: &Path) {
    for place in fs::read_dir(room).into_iter().flatten().flatten().map(|place| place.path()) {
        // One whose project cannot be looked for just now stays.
        let gone = matches!(place.join(PROJECT).try_exists(), Ok(false));
        if place.is_dir() && gone {
            let _stays = fs::remove_dir_all(place);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn the_layers_of_a_project_go_when_it_has_gone() {
        let room = tempfile::tempdir().unwrap();
        let place = |name: &str, project: &Path| {
            let place = room.path().join(name);
            fs::create_dir_all(place.join("layout")).unwrap();
            symlink(project, place.join(PROJECT)).unwrap();
            place
        };
        let (here, gone) = (place("here", room.path()), place("gone", &room.path().join("nowhere")));
        let nobodys = room.path().join("nobodys");
        fs::create_dir(&nobodys).unwrap();
        sweep(room.path());
        assert_eq!([&here, &gone, &nobodys].map(|place| place.exists()), [true, false, false]);
    }
}
