//! The built application in a real window, driven as a person would: by keys, looking at what stands on the page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests are built on this")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::NewSessionError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Longest wait for anything to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keys that WebDriver writes as private characters.
pub mod key {
    #![allow(missing_docs, reason = "their names say it")]
    pub const ENTER: char = '\u{e007}';
    pub const TAB: char = '\u{e004}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const SHIFT: char = '\u{e008}';
    pub const CONTROL: char = '\u{e009}';
    pub const DOWN: char = '\u{e015}';
    pub const BACKSPACE: char = '\u{e003}';
}

/// A running desk with its driver.
pub struct Window {
    client: Client,
    driver: Child,
    folder: PathBuf,
}

impl Window {
    /// Starts the desk on `folder`. `printed` is where the stand-in for the system's printer puts what it is handed.
    pub async fn open(folder: &Path) -> Self {
        let tools = folder.with_extension("tools");
        printer(&tools);
        // A session now and then never comes up (one in some eighty): such a one is given up and asked for anew.
        for _ in 0..3 {
            let (driver, port) = driver(&tools).await;
            let window = tokio::time::timeout(PATIENCE, session(port, folder)).await;
            match window {
                Ok(Ok(client)) => return Window { client, driver, folder: folder.to_path_buf() },
                Ok(Err(error)) => eprintln!("no session: {error}"),
                Err(_) => eprintln!("no session within {PATIENCE:?}"),
            }
            stop(driver, folder);
        }
        panic!("the window does not open");
    }

    /// The file that the stand-in for the system's printer was handed.
    pub fn printed(&self) -> PathBuf {
        self.folder.with_extension("tools").join("printed.pdf")
    }

    /// Waits for an element.
    pub async fn see(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("missing").await;
                panic!("{css} does not appear: {error}\n{}", self.words("body").await)
            }
        }
    }

    /// Text of an element that is there now; empty if it is not.
    pub async fn words(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the text of an element holds `wanted`.
    pub async fn read(&self, css: &str, wanted: &str) {
        let started = Instant::now();
        while !self.words(css).await.contains(wanted) {
            if started.elapsed() > PATIENCE {
                self.picture("unread").await;
                panic!("{css} does not say {wanted}, but: {}", self.words(css).await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types text where the focus is, key by key, as the keyboard and an input method would.
    pub async fn type_text(&self, text: &str) {
        for part in text.chars().collect::<Vec<_>>().chunks(24) {
            let keys = part.iter().fold(KeyActions::new("keyboard".into()), |keys, c| {
                keys.then(KeyAction::Down { value: *c }).then(KeyAction::Up { value: *c })
            });
            self.client.perform_actions(keys).await.unwrap();
        }
    }

    /// Presses one key, with others held down.
    pub async fn press(&self, held: &[char], key: char) {
        let keys = KeyActions::new("keyboard".into());
        let keys = held.iter().fold(keys, |keys, held| keys.then(KeyAction::Down { value: *held }));
        let keys = keys.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        let keys = held.iter().rev().fold(keys, |keys, held| keys.then(KeyAction::Up { value: *held }));
        self.client.perform_actions(keys).await.unwrap();
    }

    /// `data-field` of where the focus is.
    pub async fn focus(&self) -> String {
        let script = "return document.activeElement?.getAttribute('data-field') ?? ''";
        self.client.execute(script, vec![]).await.unwrap().as_str().unwrap_or_default().to_string()
    }

    /// Presses Tab until the focus is in the field.
    pub async fn tab_to(&self, field: &str) {
        for _ in 0..80 {
            if self.focus().await == field {
                return;
            }
            self.press(&[], key::TAB).await;
        }
        self.picture("tab").await;
        panic!("Tab never comes to {field}; it is at {}", self.focus().await);
    }

    /// What a script on the page returns.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Keeps a picture of the window where `KEFU_PICTURES` says, to be looked at.
    pub async fn picture(&self, name: &str) {
        if let (Some(folder), Ok(png)) = (std::env::var_os("KEFU_PICTURES"), self.client.screenshot().await) {
            let _ = std::fs::create_dir_all(&folder);
            let _ = std::fs::write(Path::new(&folder).join(format!("{name}.png")), png);
        }
    }

    /// Kills the desk as a power cut would.
    pub fn kill(self) {
        stop(self.driver, &self.folder);
    }

    /// Closes the window in order.
    pub async fn close(self) {
        let _ = self.client.close().await;
        stop(self.driver, &self.folder);
    }
}

/// Kills the desk on `folder` and its driver, and waits until both are gone.
fn stop(mut driver: Child, folder: &Path) {
    let marked = format!("kefu-desk --data {}", folder.display());
    let running = |flags: &[&str]| Command::new("pkill").args(flags).arg("-f").arg(&marked).status().unwrap().success();
    running(&["-9"]);
    let _ = driver.kill();
    let _ = driver.wait();
    while running(&["-0"]) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A driver of its own on a free port.
async fn driver(tools: &Path) -> (Child, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let driver = Command::new("WebKitWebDriver")
        .arg(format!("--port={port}"))
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("PATH", path)
        .env("KEFU_PRINTED", tools.join("printed.pdf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("WebKitWebDriver is part of webkit2gtk-driver");
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < PATIENCE, "WebKitWebDriver does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (driver, port)
}

async fn session(port: u16, folder: &Path) -> Result<Client, NewSessionError> {
    let binary =
        std::env::var("KEFU_DESK_BIN").expect("KEFU_DESK_BIN names the built desk; `cargo xtask test` sets it");
    let wanted = json!({"webkitgtk:browserOptions": {"binary": binary, "args": ["--data", folder]}});
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted.as_object().unwrap().clone());
    builder.connect(&format!("http://127.0.0.1:{port}")).await
}

/// A stand-in for the system's `lp` that keeps what it is handed.
fn printer(tools: &Path) {
    std::fs::create_dir_all(tools).unwrap();
    let lp = tools.join("lp");
    std::fs::write(&lp, "#!/bin/sh\nexec cat > \"$KEFU_PRINTED\"\n").unwrap();
    let _ = Command::new("chmod").arg("+x").arg(&lp).status();
}
