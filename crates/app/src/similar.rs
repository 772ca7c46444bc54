//! What is already known of the matter that is being told (R70): forms that are likely the same, and 第__次.

use chrono::{DateTime, TimeDelta};

use kefu_domain::fold::state;
use kefu_domain::similar::{Gist, SAME_MATTER, likeness, same_fault};

use crate::desk::Desk;
use crate::privacy::Eyes;
use crate::wire::{Failure, Similar, SimilarForm, SimilarRequest};

/// Forms shown at most.
const SHOWN: usize = 5;
/// From this likeness on it is very likely the same matter.
const LIKELY: f32 = 0.6;

impl Desk {
    /// Forms that may tell of the matter on the sheet, and how often this fault was reported before.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn similar(&self, request: SimilarRequest) -> Result<Similar, Failure> {
        let open = self.open()?;
        let rules = open.store.rules().await?;
        let marks =
            rules.sets.in_force(self.now().date_naive()).map(|rules| rules.set.marks.clone()).unwrap_or_default();
        let days = marks.duplicate_days;
        let since = self.now() - TimeDelta::days(i64::from(days));
        let told = Gist::of(&request.values);
        let mut found = Vec::new();
        let mut before = Vec::new();
        for (form, record) in open.store.alike(&request.values).await? {
            if [state::VOIDED, state::MERGED].contains(&record.state.as_str()) {
                continue; // never was a matter, or is another form's
            }
            let gist = Gist::of(&record.values());
            let (alike, again) = (likeness(&told, &gist), same_fault(&told, &gist));
            if again {
                before.push(form.number.clone());
            }
            let received = DateTime::parse_from_rfc3339(&form.received_at).ok();
            if alike >= SAME_MATTER && received.is_some_and(|at| at >= since) {
                found.push((alike, again, form));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0)); // stable: of two alike the newer stays first
        found.truncate(SHOWN);
        let marks: Vec<(bool, bool)> = found.iter().map(|(alike, again, _)| (*alike >= LIKELY, *again)).collect();
        let rows = Eyes::of(&open).await?.rows(&open, found.into_iter().map(|(_, _, row)| row).collect()).await?;
        let forms =
            rows.into_iter().zip(marks).map(|(form, (likely, same_fault))| SimilarForm { form, likely, same_fault });
        Ok(Similar { forms: forms.collect(), nth: before.len() as u32 + 1, before, days })
    }
}
