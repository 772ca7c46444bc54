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

    fn write(&self, count: &Count) -> std::io::Result<()> {
        std::fs::write(&self.path, serde_json::to_vec(count)?)
    }

    /// Seconds until the next try is allowed; 0 when it is allowed now.
    ///
    /// A wait beyond the longest there is proves that the clock was moved. It is written down anew as the longest from
    /// now on, so that it really runs out.
    pub fn wait_seconds(&self, now_ms: u64) -> u32 {
        let count = self.read();
        let wait = count.next_ms.saturating_sub(now_ms).div_ceil(1000);
        if wait <= LONGEST {
            return wait as u32;
        }
        let anew = Count { next_ms: now_ms.saturating_add(LONGEST * 1000), ..count };
        // A wait that cannot be written down would begin again each time and keep the owner out for good.
        if self.write(&anew).is_ok() { LONGEST as u32 } else { 0 }
    }

    /// Counts a wrong try: the first two are free, then 2, 4, 8, … seconds, at most five minutes.
    pub fn failed(&self, now_ms: u64) {
        let failed = self.read().failed.saturating_add(1);
        let wait = if failed < FREE { 0 } else { (1u64 << (failed - FREE + 1).min(16)).min(LONGEST) };
        let count = Count { failed, next_ms: now_ms.saturating_add(wait * 1000) };
        // Not being able to count must not keep the owner out.
        let _ = self.write(&count);
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
        tries.succeeded();
        assert_eq!(tries.wait_seconds(1_000_000), 0);
    }

    #[test]
    fn a_moved_clock_costs_the_longest_wait_once() {
        let folder = tempfile::tempdir().unwrap();
        let tries = Tries::in_folder(folder.path());
        std::fs::write(folder.path().join("tries.json"), r#"{"failed":3,"next_ms":4102444800000}"#).unwrap();
        let now = 1_000_000;
        let waits = [0, 1_000, 299_000, 300_000].map(|later| tries.wait_seconds(now + later));
        assert_eq!(waits, [300, 299, 1, 0], "by the clock as it goes now");
        tries.failed(now + 300_000);
        assert_eq!(tries.wait_seconds(now + 300_000), 4, "the wrong tries still count");
    }
}
