//! Slows down wrong passphrases. The count lies beside the key file, so that restarting does not reset it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The wrong try from which on waiting begins.
const FREE: u32 = 3;
/// Longest wait in seconds.
const LONGEST: u64 = 300;

/// Counter of wrong tries of one desk.
#[derive(Debug, Clone)]
pub struct Tries {
    path: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Count {
    failed: u32,
    next_ms: u64,
}

impl Tries {
    /// The counter kept in `folder`.
    pub fn in_folder(folder: &std::path::Path) -> Self {
        Tries { path: folder.join("tries.json") }
    }

    fn read(&self) -> Count {
        std::fs::read(&self.path).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default()
    }

    /// Seconds until the next try is allowed; 0 when it is allowed now. A clock set back cannot prolong the wait.
    pub fn wait_seconds(&self, now_ms: u64) -> u32 {
        let wait = self.read().next_ms.saturating_sub(now_ms).div_ceil(1000);
        wait.min(LONGEST) as u32
    }

    /// Counts a wrong try: the first two are free, then 2, 4, 8, … seconds, at most five minutes.
    pub fn failed(&self, now_ms: u64) {
        let failed = self.read().failed.saturating_add(1);
        let wait = if failed < FREE { 0 } else { (1u64 << (failed - FREE + 1).min(16)).min(LONGEST) };
        let count = Count { failed, next_ms: now_ms + wait * 1000 };
        // Not being able to count must not keep the owner out.
        if let Ok(bytes) = serde_json::to_vec(&count) {
            let _ = std::fs::write(&self.path, bytes);
        }
    }

    /// Forgets the wrong tries after a right one.
    pub fn succeeded(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_cost_more_and_more() {
        let folder = tempfile::tempdir().unwrap();
        let tries = Tries::in_folder(folder.path());
        let mut waits = Vec::new();
        for _ in 0..12 {
            tries.failed(1_000_000);
            waits.push(Tries::in_folder(folder.path()).wait_seconds(1_000_000));
        }
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(tries.wait_seconds(1_300_000), 0);
        assert_eq!(tries.wait_seconds(0), 300, "a clock set back does not lock the owner out");
        tries.succeeded();
        assert_eq!(tries.wait_seconds(1_000_000), 0);
    }
}
