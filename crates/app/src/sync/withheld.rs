//! Whether a page shows all that there is, and in its order: places of the workspace follow one another without a gap, and the chain
//! over the signatures ends where the server says. What does not stays noted in quarantine, by place, and the exchange goes on.
//! Each time the desk is opened it asks once more from before the first note; where the server shows it then, the note is gone,
//! and what this device has of it goes back to the server.

use kefu_local::sync::{Quarantine, REORDERED, WITHHELD};
use kefu_sync::wire::{Mark, Page};
use kefu_vault::Head;
use uuid::Uuid;

/// Places that `page`, read from `after` on, should have shown and did not, one entry for each run of them; else, where its
/// changes do not lead to the chain at its end, one entry at its end.
pub(super) fn of(after: Mark, page: &Page) -> Vec<Quarantine> {
    let mut gaps = Vec::new();
    let mut head = Head { seq: after.seq, link: after.hash };
    for row in &page.rows {
        gaps.extend((head.seq + 1 < row.seq).then(|| note(WITHHELD, head.seq + 1)));
        head = Head { seq: row.seq - 1, ..head }.then(&row.envelope.signature);
    }
    let end = page.cursor;
    gaps.extend((head.seq < end.seq).then(|| note(WITHHELD, head.seq + 1)));
    if gaps.is_empty() && head.link != end.hash {
        gaps.push(note(REORDERED, end.seq));
    }
    gaps
}

/// Named by what it says, in place of a digest: no SHA-256 begins with so many zeros.
fn note(reason: &str, at: u64) -> Quarantine {
    let mut name = [0; 32];
    name[23] = u8::from(reason == REORDERED);
    name[24..].copy_from_slice(&at.to_be_bytes());
    Quarantine { digest: name, at, record: Uuid::nil(), key: [0; 16], reason: reason.into(), bytes: Vec::new() }
}
