//! A desktop session of its own for tests: a screen nobody sees, a message bus, an empty unlocked keyring. Linux only.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::process::Outcome;

/// Opens the keyring with a password of the tests, then becomes the program to run.
const SCRIPT: &str = "printf 'test-password\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null; \
                      exec \"$@\"";

/// The session's folders; removed when this is dropped. Short path: a socket's may have 108 bytes at most.
pub struct Session {
    home: PathBuf,
}

impl Session {
    /// Makes empty folders for settings, data and sockets, which nobody else may enter.
    pub fn new() -> Outcome<Self> {
        let session = Self { home: std::env::temp_dir().join(format!("kefu-session-{}", std::process::id())) };
        for folder in ["run", "data", "cache", "config"] {
            let path = session.home.join(folder);
            fs::create_dir_all(&path)
                .and_then(|()| private(&path))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(session)
    }

    /// `inner` inside the session, with its own environment and folder kept.
    pub fn wrap(&self, inner: &Command) -> Command {
        let mut outer = Command::new("xvfb-run");
        outer.args(["-a", "-s", "-screen 0 1280x900x24", "dbus-run-session", "--", "bash", "-c", SCRIPT, "bash"]);
        outer.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => outer.env(name, value),
                None => outer.env_remove(name),
            };
        }
        if let Some(folder) = inner.get_current_dir() {
            outer.current_dir(folder);
        }
        for (variable, folder) in [
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
        ] {
            outer.env(variable, self.home.join(folder));
        }
        // The person's own bus and screen stay out of it, and so does the bus of accessibility tools.
        outer.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("WAYLAND_DISPLAY");
        outer.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1");
        outer
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Best effort: what is left behind is an empty keyring in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.home);
    }
}

#[cfg(unix)]
fn private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_path: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
