//! The user's browser.

/// Opens a page there, where there is one. Who has none reads where the page is.
pub fn open(url: &str) {
    // Without a screen the system would look for a browser of the terminal, which is in use.
    let screen = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    let has_screen =
        cfg!(not(target_os = "linux")) || screen.iter().any(|name| std::env::var_os(name).is_some());
    if has_screen {
        let _without = ::open::that_detached(url);
    }
}
