//! As much of WebDriver as the start of a window needs: open it, look for an element, run a script, close it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;

/// Longest wait for the driver or the page.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running driver. Dropping it ends it, and with it the program that it opened.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    session: Option<String>,
}

impl Driver {
    /// Starts WebKit's driver on a free port.
    pub(crate) fn start() -> Outcome<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let driver = Driver { process, port, session: None };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > PATIENCE {
                return Err("WebKitWebDriver does not answer".into());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(driver)
    }

    /// Opens a program; answers when its window can be asked.
    pub(crate) fn open(&mut self, binary: &str, arguments: &[&str]) -> Outcome {
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "webkitgtk:browserOptions": {"binary": binary, "args": arguments},
        }}});
        let answer = self.call("POST", "/session", Some(wanted))?;
        let session = answer["sessionId"].as_str().ok_or_else(|| format!("the window does not open: {answer}"))?;
        self.session = Some(format!("/session/{session}"));
        Ok(())
    }

    /// Asks a script until it answers with a text.
    pub(crate) fn wait(&self, script: &str) -> Outcome<String> {
        let session = self.session.as_deref().ok_or("no window is open")?;
        let started = Instant::now();
        loop {
            // Before the page is there, the driver answers with an error: ask again.
            let asked = json!({"script": script, "args": []});
            let answer = self.call("POST", &format!("{session}/execute/sync"), Some(asked))?;
            if let Some(text) = answer.as_str() {
                return Ok(text.to_owned());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("the window does not show its page: {answer}").into());
            }
            sleep(Duration::from_millis(2));
        }
    }

    /// Closes the window.
    pub(crate) fn close(&mut self) -> Outcome {
        if let Some(session) = self.session.take() {
            self.call("DELETE", &session, None)?;
        }
        Ok(())
    }

    /// One request; gives `value` of the answer.
    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Outcome<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.map_or_else(String::new, |body| body.to_string());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all((head + &body).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("WebKitWebDriver answers with half a head")?;
        Ok(serde_json::from_str::<Value>(body)?["value"].take())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.close();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
