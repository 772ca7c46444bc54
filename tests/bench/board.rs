//! The board with its counts and pages, and an act: until it is on disk, and until the window has the form again.

use kefu_app::wire::{ActRequest, QueueRequest};
use serde_json::json;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::{Blobs, connect};
use crate::register::requests;
use crate::table::{Bound, Report};

const PASSES: usize = 60;
/// Forms whose acts are measured, in turns of [`TURN`], so that a noisy disk meets all alike.
const FORMS: usize = 400;
const TURN: usize = 20;

/// Counting all queues, and the first page of each, beside the bare count of the open forms.
pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let keys = made.desk.board().await?.queues.into_iter().map(|queue| queue.key);
    let keys: Vec<String> = keys.filter(|key| key != "visits").collect(); // counted there, listed on a page of their own
    let (mut counts, mut pages, mut floor) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..PASSES {
        timed(&mut counts, made.desk.board()).await?;
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM board WHERE due > 0").fetch_one(&mut bare);
        timed(&mut floor, count).await?;
    }
    for _ in 0..PASSES / 6 {
        for key in &keys {
            let request = QueueRequest { key: key.clone(), offset: 0, limit: 50 };
            timed(&mut pages, made.desk.queue(request)).await?;
        }
    }
    let bound = (made.forms <= 200_000).then_some(Bound::AtMost(50.0));
    report.row("board, over a bare count", &counts, Some(&floor), bound);
    report.row("a page of a queue", &pages, None, bound);
    let open: i64 = sqlx::query_scalar("SELECT count(*) FROM board").fetch_one(&mut bare).await?;
    report.note(format!("board: {open} forms on it"));
    Ok(())
}

/// Passing a form on and dispatching it, beside a bare transaction of as many bytes as change and record have.
pub(crate) async fn acts(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let mut ids = Vec::with_capacity(FORMS);
    for request in requests(made, FORMS).await? {
        ids.push(made.desk.register(request).await?.id);
    }
    let sql = "SELECT avg(length(c.bytes) + length(c.link) + octet_length(r.body)) FROM \
               (SELECT place, record, link, bytes FROM changes ORDER BY place DESC LIMIT 400) c JOIN records r ON r.row = c.record";
    let bytes: f64 = sqlx::query_scalar(sql).fetch_one(&mut bare).await?;
    let mut blobs = Blobs::ready(&made.folder.join("act-floor.db"), &made.key, made.forms, bytes as usize).await?;
    let written = vec![0x5a; bytes as usize];
    let (mut ours, mut shown, mut floor) = (Samples::default(), Samples::default(), Samples::default());
    for turn in ids.chunks(TURN) {
        for id in turn {
            let passed = ActRequest { id: *id, act: "pass_on".into(), ..ActRequest::default() };
            let values = [("dispatch.department".to_string(), json!("技术支持部"))].into();
            let dispatched = ActRequest { id: *id, act: "dispatch".into(), values, ..ActRequest::default() };
            for request in [passed, dispatched] {
                timed(&mut ours, made.desk.commit(request)).await?;
                timed(&mut shown, made.desk.show(*id)).await?;
            }
        }
        for _ in 0..2 * turn.len() {
            timed(&mut floor, blobs.append(&written)).await?;
        }
    }
    blobs.close().await?;
    report.row("act committed, over writing as many bytes", &ours, Some(&floor), Some(Bound::TimesFloor(3.0)));
    report.row("the form as it is then", &shown, None, Some(Bound::AtMost(5.0)));
    report.note(format!(
        "act: {:.0}/s; a bare transaction of {bytes:.0} bytes {:.0}/s",
        ours.per_second(),
        floor.per_second()
    ));
    Ok(())
}
