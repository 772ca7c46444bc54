//! A page of a queue of the board, the strictest clock first.

use chrono::{DateTime, FixedOffset};

use kefu_domain::clocks::Facts;
use kefu_domain::decide::moment;
use kefu_domain::process::condition::{chase_open, measure_done, measure_open, query_open};
use kefu_domain::process::state;
use kefu_domain::rules::RuleSets;
use kefu_domain::{Line, Record};
use kefu_local::BoardRow;

use crate::actor::actor;
use crate::board::queues;
use crate::clock_view::clock;
use crate::desk::Desk;
use crate::list::PAGE;
use crate::privacy::Eyes;
use crate::wire::{Code, Failure, FormRow, QueuePage, QueueRequest, QueueRow};

impl Desk {
    /// A page of a queue and how many forms wait in all.
    ///
    /// # Errors
    /// [`Code::NotFound`] where who sits at the desk has no such queue.
    pub async fn queue(&self, request: QueueRequest) -> Result<QueuePage, Failure> {
        let open = self.open()?;
        let now = self.now();
        let queues = queues(&actor(&open).await?, now);
        let queue = queues.iter().find(|queue| queue.key == request.key).ok_or_else(|| Failure::new(Code::NotFound))?;
        let counts = open.store.board(std::slice::from_ref(&queue.among), now.timestamp_millis()).await?;
        let rows = open.store.board_page(&queue.among, request.offset, request.limit.min(PAGE)).await?;
        let rules = open.store.rules().await?;
        let shown = Eyes::of(&open).await?.rows(&open, rows.iter().map(|found| found.form.clone()).collect()).await?;
        let rows = rows.iter().zip(shown).map(|(found, form)| queue_row(found, form, &rules.sets, now)).collect();
        Ok(QueuePage { rows, total: counts.first().map_or(0, |count| count.forms) })
    }
}

fn queue_row(found: &BoardRow, form: FormRow, sets: &RuleSets, now: DateTime<FixedOffset>) -> QueueRow {
    let BoardRow { record, marked, .. } = found;
    let running = sets.running(&Facts::of(record), now);
    let strictest = running.iter().find(|running| running.stopped.is_none());
    let text = |key: &str| record.text(key).unwrap_or_default().to_string();
    let mark = marked.filter(|from| *from <= now.timestamp_millis()).and(match record.state.as_str() {
        state::TO_DISPATCH => Some("undispatched".to_string()),
        state::DISPATCHED => Some("unaccepted".to_string()),
        _ => None,
    });
    QueueRow {
        department: text("dispatch.department"),
        handler: text("dispatch.handler"),
        since: since(record, now),
        clock: strictest.map(|running| clock(running, sets)),
        mark,
        chases: standing(record, "chases", chase_open),
        queries: standing(record, "queries", query_open),
        measures: standing(record, "measures", |line| measure_open(line) || measure_done(line)),
        level: record.course.level,
        reopened: record.course.reopened,
        form,
    }
}

/// Since when the form is in its state, in the zone of its call.
fn since(record: &Record, now: DateTime<FixedOffset>) -> String {
    let received = record.text("received_at").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let zone = *received.unwrap_or(now).offset();
    let since = record.course.since.and_then(|ms| DateTime::from_timestamp_millis(i64::try_from(ms).ok()?));
    since.map(|at| moment(at.with_timezone(&zone))).unwrap_or_default()
}

fn standing(record: &Record, list: &str, waits: impl Fn(&Line) -> bool) -> u32 {
    let lines = record.lists.get(list).into_iter().flatten().filter(|line| !line.struck && waits(line));
    u32::try_from(lines.count()).unwrap_or(u32::MAX)
}
