//! The search box, beside the bare query of its index.

use std::collections::BTreeMap;

use kefu_app::wire::FindRequest;
use kefu_local::match_expression;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::queries::{self, Query};
use crate::table::{Bound, Report};

/// Rows that a window of 1280 × 800 asks for first, a screen of them.
pub(crate) const DESK: u32 = 15;
/// The same of one of 1024 × 640.
pub(crate) const FIELD: u32 = 11;
/// Rows that it asks for after that, where there are more.
const ALL: u32 = 50;
/// How often the whole list is gone through.
const PASSES: usize = 5;

pub(crate) async fn measure(made: &MadeDesk, screen: u32, report: &mut Report) -> Outcome {
    let queries = queries::drawn(made).await?;
    let mut bare = connect(&made.database(), &made.key).await?;
    let by_sort = ask(made, &mut bare, &queries, screen).await?;
    let (ours, floor) = together(&by_sort);
    let most = if made.forms > 200_000 { 15.0 } else { 5.0 };
    report.row("find", &ours, Some(&floor), Some(Bound::AtMost(most)));
    report.row("find, over the bare index query", &ours, Some(&floor), Some(Bound::SlowTimesFloor(2.0)));
    for (sort, (ours, floor)) in &by_sort {
        report.row(&format!("  by {sort}"), ours, Some(floor), None);
    }
    if let Some((sort, (slowest, _))) = by_sort.iter().max_by(|a, b| a.1.0.p95().total_cmp(&b.1.0.p95())) {
        report.note(format!(
            "find: {} different queries, {screen} rows each; the slowest sort is {sort}, at most {:.1} ms",
            queries.len(),
            slowest.worst()
        ));
    }
    let (ours, floor) = together(&ask(made, &mut bare, &queries, ALL).await?);
    report.row(&format!("find, {ALL} rows"), &ours, Some(&floor), Some(Bound::AtMost(most)));
    Ok(())
}

/// By the sort of query: ours, and the bare query of the index.
type BySort<'a> = BTreeMap<&'a str, (Samples, Samples)>;

fn together(by_sort: &BySort) -> (Samples, Samples) {
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for (one, bare) in by_sort.values() {
        ours.extend(one);
        floor.extend(bare);
    }
    (ours, floor)
}

/// Goes through the queries, each for so many rows.
async fn ask<'a>(
    made: &MadeDesk,
    bare: &mut SqliteConnection,
    queries: &'a [Query],
    limit: u32,
) -> Outcome<BySort<'a>> {
    let sql = format!("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT {}", limit + 1);
    let mut by_sort = BySort::new();
    let mut found_nothing = 0;
    for pass in 0..PASSES {
        for (nth, query) in queries.iter().enumerate() {
            let (ours, floor) = by_sort.entry(query.sort).or_default();
            let Some(expression) = match_expression(&query.typed) else { continue };
            let request = FindRequest { query: query.typed.clone(), limit };
            // By turns, from the first pass on: who comes second finds the file's pages warm.
            let first = (pass + nth) % 2 == 0;
            if first {
                found_nothing += usize::from(timed(ours, made.desk.find(request)).await?.rows.is_empty());
            }
            let rows = sqlx::query_scalar::<_, i64>(AssertSqlSafe(&*sql)).bind(&expression).fetch_all(&mut *bare);
            timed(floor, rows).await?;
            if !first {
                let request = FindRequest { query: query.typed.clone(), limit };
                found_nothing += usize::from(timed(ours, made.desk.find(request)).await?.rows.is_empty());
            }
        }
    }
    if found_nothing > 0 {
        return Err(format!("{found_nothing} queries drawn from the forms found none").into());
    }
    Ok(by_sort)
}
