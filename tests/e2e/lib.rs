//! The built application in a real window, driven as a person would: by keys, looking at what stands on the page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests are built on this")]

pub mod company;
mod driver;
mod link;
mod office;
pub mod opening;
pub mod picture;
pub mod process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::Value;

use driver::Driver;
pub use link::Link;
pub use office::{Office, kefu, kefu_as};

/// Longest wait for anything to appear.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Longest wait for what another machine wrote while the network was away: the promise.
pub const HEALING: Duration = Duration::from_secs(30);

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
    driver: Driver,
    folder: PathBuf,
}

impl Window {
    /// Starts the desk on `folder`, in the session of the tests.
    pub async fn open(folder: &Path) -> Self {
        Self::begin(folder, None).await
    }

    /// Starts it in a session of its own, beside another window, at this size; its keyring is empty.
    pub async fn beside(folder: &Path, (width, height): (u32, u32)) -> Self {
        let session = folder.with_extension("session");
        let window = Self::begin(folder, Some(&session)).await;
        window.client.set_window_size(width, height).await.unwrap();
        window
    }

    async fn begin(folder: &Path, session: Option<&Path>) -> Self {
        let tools = folder.with_extension("tools");
        printer(&tools);
        // A session now and then never comes up (one in some eighty): such a one is given up and asked for anew.
        for _ in 0..3 {
            let driver = Driver::start(&tools, session).await;
            let window = tokio::time::timeout(PATIENCE, driver.open(folder)).await;
            match window {
                Ok(Ok(client)) => return Window { client, driver, folder: folder.to_path_buf() },
                Ok(Err(error)) => eprintln!("no session: {error}"),
                Err(_) => eprintln!("no session within {PATIENCE:?}"),
            }
            driver.stop(folder);
        }
        panic!("the window does not open");
    }

    /// The file that the stand-in for the system's printer was handed.
    pub fn printed(&self) -> PathBuf {
        self.folder.with_extension("tools").join("printed.pdf")
    }

    /// Waits for an element.
    pub async fn see(&self, css: &str) -> Element {
        self.see_within(PATIENCE, css).await
    }

    /// Waits for an element, this long at most.
    pub async fn see_within(&self, patience: Duration, css: &str) -> Element {
        match self.client.wait().at_most(patience).for_element(Locator::Css(css)).await {
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
        self.read_within(PATIENCE, css, wanted).await;
    }

    /// Waits until the text of an element holds `wanted`, this long at most.
    pub async fn read_within(&self, patience: Duration, css: &str, wanted: &str) {
        let started = Instant::now();
        while !self.words(css).await.contains(wanted) {
            if started.elapsed() > patience {
                self.picture("unread").await;
                panic!("{css} does not say {wanted}, but: {}", self.words(css).await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the element is there no longer.
    pub async fn gone(&self, css: &str) {
        let started = Instant::now();
        while self.client.find(Locator::Css(css)).await.is_ok() {
            if started.elapsed() > HEALING {
                self.picture("not-gone").await;
                panic!("{css} stays: {}", self.words(css).await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Clicks on an element once it is there and within reach: a dialog that is just closing covers what lies under it.
    pub async fn click(&self, css: &str) {
        let started = Instant::now();
        while let Err(error) = self.see(css).await.click().await {
            assert!(started.elapsed() < PATIENCE, "{css} is not to be clicked on: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Chooses, in a list that opens, what is called so.
    pub async fn pick(&self, css: &str, label: &str) {
        let list = self.see(css).await;
        let started = Instant::now();
        while let Err(error) = list.select_by_label(label).await {
            assert!(started.elapsed() < PATIENCE, "{css} does not offer {label}: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Hands a file to a control for files.
    pub async fn upload(&self, css: &str, file: &Path) {
        self.see(css).await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Draws a line over an element with the pointer held down, through points in hundredths of its width and height.
    pub async fn draw(&self, css: &str, points: &[(f64, f64)]) {
        let (left, top, width, height) = self.see(css).await.rectangle().await.unwrap();
        let go = |(x, y): (f64, f64), ms| PointerAction::MoveTo {
            duration: Some(Duration::from_millis(ms)),
            x: (left + width * x / 100.0).round(),
            y: (top + height * y / 100.0).round(),
        };
        let mut hand = MouseActions::new("hand".into()).then(go(points[0], 0));
        hand = hand.then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for point in &points[1..] {
            hand = hand.then(go(*point, 60));
        }
        hand = hand.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(hand).await.unwrap();
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

    /// Waits until the focus is in the field.
    pub async fn focused(&self, field: &str) {
        let started = Instant::now();
        while self.focus().await != field {
            assert!(
                started.elapsed() < PATIENCE,
                "the focus does not come to {field}; it is at {}",
                self.focus().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
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

    /// A picture of what stands there once it was painted.
    pub async fn painted(&self, name: &str) {
        tokio::time::sleep(Duration::from_millis(400)).await;
        self.picture(name).await;
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
        self.driver.stop(&self.folder);
    }

    /// Closes the window in order.
    pub async fn close(self) {
        let _ = self.client.close().await;
        self.driver.stop(&self.folder);
    }
}

/// A stand-in for the system's `lp` that keeps what it is handed.
fn printer(tools: &Path) {
    std::fs::create_dir_all(tools).unwrap();
    let lp = tools.join("lp");
    std::fs::write(&lp, "#!/bin/sh\nexec cat > \"$KEFU_PRINTED\"\n").unwrap();
    let _ = Command::new("chmod").arg("+x").arg(&lp).status();
}
