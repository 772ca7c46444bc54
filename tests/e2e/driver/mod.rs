//! WebKitWebDriver for one window: in the session of the tests, or in one of its own where two windows run side by side.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::error::NewSessionError;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::PATIENCE;

/// Opens the keyring of a session of its own, then becomes the driver.
const OPENED: &str = "printf 'test-password\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null; \
                      exec \"$@\"";

/// A running driver with everything that it started.
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts one on a free port. With `session`, the folder for it, on a message bus and with an empty unlocked keyring
    /// of its own: the program lets only one of itself run on a bus.
    pub async fn start(tools: &Path, session: Option<&Path>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = match session {
            Some(folder) => on_its_own(folder),
            None => Command::new("WebKitWebDriver"),
        };
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
        let child = command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("PATH", path)
            .env("KEFU_PRINTED", tools.join("printed.pdf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("WebKitWebDriver is part of webkit2gtk-driver");
        let driver = Driver { child, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "WebKitWebDriver does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        driver
    }

    /// Opens the desk on `folder`.
    ///
    /// # Errors
    /// The driver or the program did not come up.
    pub async fn open(&self, folder: &Path) -> Result<Client, NewSessionError> {
        let binary =
            std::env::var("KEFU_DESK_BIN").expect("KEFU_DESK_BIN names the built desk; `cargo xtask test` sets it");
        let wanted = json!({"webkitgtk:browserOptions": {"binary": binary, "args": ["--data", folder]}});
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().unwrap().clone());
        builder.connect(&format!("http://127.0.0.1:{}", self.port)).await
    }

    /// Kills the desk on `folder` and the driver with its session, and waits until they are gone.
    pub fn stop(self, folder: &Path) {
        let marked = format!("kefu-desk --data {}", folder.display());
        let running =
            |flags: &[&str]| Command::new("pkill").args(flags).arg("-f").arg(&marked).status().unwrap().success();
        running(&["-9"]);
        drop(self);
        while running(&["-0"]) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: the bus of a session of its own is no child of ours.
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}

/// The driver behind a message bus and a keyring that begin with it; settings and data of the session lie in `folder`.
fn on_its_own(folder: &Path) -> Command {
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "bash", "-c", OPENED, "bash", "WebKitWebDriver"]);
    let kept = [
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_CONFIG_HOME", "config"),
    ];
    for (variable, name) in kept {
        let path = folder.join(name);
        std::fs::create_dir_all(&path).unwrap();
        let _ = Command::new("chmod").arg("700").arg(&path).status();
        command.env(variable, path);
    }
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}
