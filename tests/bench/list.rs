//! A page of the list with its count, for each filter, order and place, beside the bare walk along its index.

use std::time::Instant;

use kefu_app::wire::{Filter, ListRequest, SortKey};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::table::{Bound, Report};

const ROWS: u32 = 50;
const PASSES: usize = 12;

/// A filter as the desk takes it and as SQL has it.
struct Narrowed {
    name: &'static str,
    filter: Filter,
    condition: &'static str,
}

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let month = "WHERE received >= unixepoch('2026-03-01T00:00:00+08:00') AND received < unixepoch('2026-04-01T00:00:00+08:00')";
    let narrowed = [
        Narrowed { name: "all", filter: Filter::default(), condition: "" },
        Narrowed {
            name: "of a kind",
            filter: Filter { kinds: vec!["complaint".into()], ..Filter::default() },
            condition: "WHERE kind = 'complaint'",
        },
        Narrowed {
            name: "of a month",
            filter: Filter { from: Some("2026-03-01".into()), to: Some("2026-03-31".into()), ..Filter::default() },
            condition: month,
        },
    ];
    for narrowed in narrowed {
        one_filter(made, &mut bare, &narrowed, report).await?;
    }
    Ok(())
}

async fn one_filter(made: &MadeDesk, bare: &mut SqliteConnection, narrowed: &Narrowed, report: &mut Report) -> Outcome {
    let Narrowed { name, filter, condition } = narrowed;
    let count = AssertSqlSafe(format!("SELECT count(*) FROM forms {condition}"));
    let count: i64 = sqlx::query_scalar(count).fetch_one(&mut *bare).await?;
    let (mut all, mut floor) = (Samples::default(), Samples::default());
    let (mut slowest, mut cold) = ((f64::MIN, String::new()), 0.0_f64);
    for (sort, column) in
        [(SortKey::ReceivedAt, "received"), (SortKey::Number, "number"), (SortKey::Customer, "customer_key")]
    {
        for (place, offset) in [("first", 0), ("middle", count / 2)] {
            for (descending, way) in [(true, "DESC"), (false, "ASC")] {
                let filter = filter.clone();
                let request = ListRequest { filter, sort, descending, offset: offset as u64, limit: ROWS };
                let walk = format!(
                    "SELECT row FROM forms {condition} ORDER BY {column} {way}, row {way} LIMIT {ROWS} OFFSET {offset}"
                );
                let mut ours = Samples::default();
                // The first reads the index from the disk, as the first of a day does; it is told apart.
                let started = Instant::now();
                made.desk.list(request.clone()).await?;
                cold = cold.max(started.elapsed().as_secs_f64() * 1000.0);
                for _ in 0..PASSES {
                    let page = timed(&mut ours, made.desk.list(request.clone())).await?;
                    if page.rows.len() < ROWS as usize || page.total != count as u64 {
                        return Err(format!("list {name}: {} rows of {}", page.rows.len(), page.total).into());
                    }
                    let rows = sqlx::query_scalar::<_, i64>(AssertSqlSafe(walk.as_str())).fetch_all(&mut *bare);
                    timed(&mut floor, rows).await?;
                }
                if ours.p95() > slowest.0 {
                    slowest = (ours.p95(), format!("by {sort:?} {way}, {place} page"));
                }
                all.extend(&ours);
            }
        }
    }
    let bound = (made.forms <= 200_000).then_some(Bound::AtMost(15.0));
    report.row(&format!("list {name}, over the bare index walk"), &all, Some(&floor), bound);
    report.note(format!(
        "list {name}: slowest {}, p95 {:.1} ms; the first time anywhere at most {cold:.0} ms",
        slowest.1, slowest.0
    ));
    Ok(())
}
