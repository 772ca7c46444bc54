//! Erasure on a customer's demand (个人信息保护法 47): what tells of him is destroyed on all his forms, in the registry,
//! in the log and in the file; what counts in the statistics stays.

use chrono::{DateTime, FixedOffset, Months};
use uuid::Uuid;

use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::{self, Asked, Draft};
use kefu_domain::fold::state;
use kefu_domain::privacy::redacted;
use kefu_domain::process::role;
use kefu_domain::visits::{self, plan::Plan};
use kefu_domain::{Change, Record, customer::MERGED_INTO};
use serde_json::Value;

use crate::desk::Desk;
use crate::field::erase as field;
use crate::privacy::Eyes;
use crate::wire::{Code, EraseRequest, Erased, Failure};

/// Years for which a matter can be brought to court (民法典 188): so long a closed form is kept where no class says
/// otherwise.
const YEARS: u32 = 3;

/// Forms of one customer: more than anybody writes.
const ALL: u32 = 100_000;

/// Last day until which a form is to be kept, `2029-11-02`; empty for ever. None where that has passed, or the form is
/// still open.
pub(crate) fn kept_until(record: &Record, now: DateTime<FixedOffset>) -> Option<String> {
    let years = match record.text("filing.retention") {
        Some("permanent") => return Some(String::new()),
        Some("y10") => 10,
        Some("y5") => 5,
        _ => YEARS,
    };
    let ended =
        ["filing.at", "closing.at"].iter().find_map(|key| DateTime::parse_from_rfc3339(record.text(key)?).ok())?;
    let last = ended.date_naive().checked_add_months(Months::new(12 * years))?;
    (last >= now.date_naive()).then(|| last.to_string())
}

impl Desk {
    /// Destroys what tells of a customer. All or nothing: while one of his forms is open, none is touched.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::NotAllowed`] for who is neither supervisor nor administrator;
    /// [`Code::ReasonRequired`]; [`Code::StillOpen`] with the number of an open form; [`Code::StillKept`] with the day,
    /// unless that was confirmed.
    pub async fn erase(&self, request: EraseRequest) -> Result<Erased, Failure> {
        let open = self.open()?;
        let eyes = Eyes::of(&open).await?;
        if !eyes.actor().holds(&[role::SUPERVISOR, role::ADMIN]) {
            return Err(Failure::new(Code::NotAllowed));
        }
        let reason = request.reason.trim();
        if reason.is_empty() {
            return Err(Failure::new(Code::ReasonRequired));
        }
        let entry = open.store.customer(request.id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let (merged, _) = open.store.kin(entry.id).await?;
        let form = open.form();
        let template = &form.whole;
        let rules = decide::Rules { template, ..form.rules(self.now()) };
        let mut erased = Erased { forms: 0, entries: 0, files: 0 };
        let mut files = Vec::new();
        let products: Vec<Uuid> = open.store.products_of(entry.id).await?.into_iter().map(|p| p.id).collect();
        let forms = open.store.forms_of_customer(entry.id, ALL).await?;
        let customers: Vec<Uuid> = merged.iter().map(|m| m.id).chain([entry.id]).collect();
        let ids: Vec<Uuid> = forms.iter().map(|form| form.id).collect();
        let traces = field::traces(&open, &customers, &ids).await?;
        let visits = open.store.visits_of_customer(entry.id, ALL).await?;
        let mut plans = open.store.records_of(kind::VISIT_PLAN).await?;
        plans.retain(|(_, plan)| Plan::read(plan).customer == entry.id);
        let mut door = open.store.door(self.now()).await?;
        for row in &forms {
            let record = door.record(row.id).await?.unwrap_or_default();
            if ![state::CLOSED, state::ARCHIVED, state::MERGED, state::VOIDED].contains(&record.state.as_str()) {
                return Err(Failure::new(Code::StillOpen).with("number", &row.number));
            }
            if let Some(day) = kept_until(&record, self.now()).filter(|_| !request.although_kept) {
                return Err(Failure::new(Code::StillKept).with("number", &row.number).with("day", day));
            }
            let asked = Asked { act: act::ERASE.into(), reason: reason.into(), ..Asked::default() };
            let draft = decide::act(rules, eyes.actor(), row.id, &record, asked)?;
            let left = |change: &Change| redacted(change, template);
            let destroyed = door.erase(draft, eyes.actor().seat, left).await?;
            erased.forms += 1;
            erased.entries += destroyed.entries;
            files.extend(destroyed.files);
        }
        let gone = field::erase(&mut door, &traces, eyes.actor().seat, reason).await?;
        erased.entries += gone.entries;
        files.extend(gone.files);
        for (id, record) in visits.into_iter().chain(plans) {
            let draft = visits::erasure::erasure(id, &record, reason);
            erased.entries += door.erase(draft, eyes.actor().seat, visits::erasure::redacted).await?.entries;
        }
        door.commit().await?;
        // The index follows, so that a product that somebody else has now is told from one that is his alone.
        let mut registry: Vec<(Uuid, &'static str)> = Vec::new();
        registry.extend(customers.into_iter().map(|id| (id, kind::CUSTOMER)));
        let mut shared = Vec::new();
        for id in products {
            match open.store.forms_of_product(id).await? {
                0 => registry.push((id, kind::PRODUCT)),
                _ => shared.push(id),
            }
        }
        let mut door = open.store.door(self.now()).await?;
        for id in shared {
            let seat = eyes.actor().seat;
            erased.entries += field::erase_installations(&mut door, id, &gone.sheets, seat, reason).await?;
        }
        for (id, kind) in registry {
            let Some(record) = door.record(id).await? else { continue };
            let mut draft = Draft::new(id, kind, act::ERASE);
            draft.reason = Some(reason.into());
            let emptied = |key: &String| (key.clone(), Setting { to: Value::Null, was: record.stamps(key) });
            draft.set = record.values().keys().filter(|key| *key != MERGED_INTO).map(emptied).collect();
            let left = |change: &Change| {
                let mut left = change.clone();
                left.reason = None;
                left.set.retain(|key, _| key == MERGED_INTO);
                left.add.clear();
                left
            };
            erased.entries += door.erase(draft, eyes.actor().seat, left).await?.entries;
        }
        files.sort();
        files.dedup();
        erased.files = door.destroy_files(&files).await?;
        door.commit().await?;
        open.store.purge().await?;
        Ok(erased)
    }

    /// Everything in the database as bytes, for tests that look for words that must be gone.
    #[doc(hidden)]
    pub async fn dump_for_tests(&self) -> Vec<u8> {
        match self.open() {
            Ok(open) => open.store.dump().await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn closed(values: kefu_domain::Values) -> Record {
        let at = kefu_domain::Stamp { ms: 1, n: 0, device: Uuid::nil() };
        let cell = |value| kefu_domain::Cell { value, at, seat: Uuid::nil(), rivals: Vec::new() };
        Record { fields: values.into_iter().map(|(key, value)| (key, cell(value))).collect(), ..Record::default() }
    }

    #[track_caller]
    fn check(values: Value, today: &str, expected: Option<&str>) {
        let now = DateTime::parse_from_rfc3339(&format!("{today}T10:00:00+08:00")).unwrap();
        let record = closed(serde_json::from_value(values).unwrap());
        assert_eq!(kept_until(&record, now).as_deref(), expected);
    }

    #[test]
    fn kept_to_the_last_day_and_no_longer() {
        let closing = json!({"closing.at": "2026-11-02T09:00:00+08:00"});
        check(closing.clone(), "2029-11-02", Some("2029-11-02"));
        check(closing, "2029-11-03", None);
        check(
            json!({"closing.at": "2026-11-02T09:00:00+08:00", "filing.at": "2026-12-02T09:00:00+08:00",
            "filing.retention": "y5"}),
            "2031-12-02",
            Some("2031-12-02"),
        );
        check(json!({"filing.retention": "permanent"}), "2099-01-01", Some(""));
        check(json!({}), "2026-11-02", None);
    }
}
