//! A page of the list with its count, for each filter, order and place, beside the bare count.

use kefu_app::wire::{Filter, ListRequest, SortKey};
use sqlx::AssertSqlSafe;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::table::{Bound, Report};

const ROWS: u32 = 50;
const PASSES: usize = 12;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let month = Filter { from: Some("2026-03-01".into()), to: Some("2026-03-31".into()), ..Filter::default() };
    let kind = Filter { kinds: vec!["complaint".into()], ..Filter::default() };
    let month_seconds =
        "received >= unixepoch('2026-03-01T00:00:00+08:00') AND received < unixepoch('2026-04-01T00:00:00+08:00')";
    let filters = [
        ("all", Filter::default(), "1"),
        ("of a kind", kind, "kind IN ('complaint')"),
        ("of a month", month, month_seconds),
    ];
    let bound = (made.forms <= 200_000).then_some(Bound::AtMost(15.0));
    for (name, filter, condition) in filters {
        let (mut all, mut floor) = (Samples::default(), Samples::default());
        let mut slowest = (f64::MIN, String::new());
        for sort in [SortKey::ReceivedAt, SortKey::Number, SortKey::Customer] {
            for deep in [false, true] {
                for descending in [true, false] {
                    let mut request = ListRequest { filter: filter.clone(), sort, descending, offset: 0, limit: ROWS };
                    let total = made.desk.list(request.clone()).await?.total;
                    request.offset = if deep { total / 2 } else { 0 };
                    let mut ours = Samples::default();
                    for _ in 0..PASSES {
                        let page = timed(&mut ours, made.desk.list(request.clone())).await?;
                        if page.rows.len() < ROWS as usize {
                            return Err(format!("a page of the list {name} has only {} rows", page.rows.len()).into());
                        }
                        let count = AssertSqlSafe(format!("SELECT count(*) FROM forms WHERE {condition}"));
                        let count = sqlx::query_scalar::<_, i64>(count).fetch_one(&mut bare);
                        if timed(&mut floor, count).await? as u64 != page.total {
                            return Err(format!("the list {name} counts {}, which is wrong", page.total).into());
                        }
                    }
                    if ours.p95() > slowest.0 {
                        let (way, place) =
                            (if descending { "falling" } else { "rising" }, if deep { "middle" } else { "first" });
                        slowest = (ours.p95(), format!("by {sort:?}, {way}, {place} page"));
                    }
                    all.extend(&ours);
                }
            }
        }
        report.row(&format!("list {name}, over the bare count"), &all, Some(&floor), bound);
        report.note(format!("list {name}: slowest {}, p95 {:.1} ms", slowest.1, slowest.0));
    }
    Ok(())
}
