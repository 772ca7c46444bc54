//! The search box, beside the bare query of its index.

use std::collections::BTreeMap;

use kefu_app::wire::FindRequest;
use kefu_local::match_expression;
use sqlx::AssertSqlSafe;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::queries;
use crate::table::{Bound, Report};

/// Rows that the window asks for.
const LIMIT: u32 = 50;
/// How often the whole list is gone through.
const PASSES: usize = 5;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let queries = queries::drawn(made).await?;
    let mut bare = connect(&made.database(), &made.key).await?;
    let sql = format!("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT {}", LIMIT + 1);
    let mut by_sort: BTreeMap<&str, (Samples, Samples)> = BTreeMap::new();
    let mut found_nothing = 0;
    for pass in 0..PASSES {
        for query in &queries {
            let (ours, floor) = by_sort.entry(query.sort).or_default();
            let Some(expression) = match_expression(&query.typed) else { continue };
            let request = FindRequest { query: query.typed.clone(), limit: LIMIT };
            // By turns: who comes second finds the file's pages warm.
            if pass % 2 == 0 {
                found_nothing += usize::from(timed(ours, made.desk.find(request)).await?.rows.is_empty());
            }
            let rows = sqlx::query_scalar::<_, i64>(AssertSqlSafe(&*sql)).bind(&expression).fetch_all(&mut bare);
            timed(floor, rows).await?;
            if pass % 2 == 1 {
                let request = FindRequest { query: query.typed.clone(), limit: LIMIT };
                found_nothing += usize::from(timed(ours, made.desk.find(request)).await?.rows.is_empty());
            }
        }
    }
    if found_nothing > 0 {
        return Err(format!("{found_nothing} queries drawn from the forms found none").into());
    }
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for (one, bare) in by_sort.values() {
        ours.extend(one);
        floor.extend(bare);
    }
    let most = if made.forms > 200_000 { 15.0 } else { 5.0 };
    report.row("find", &ours, Some(&floor), Some(Bound::AtMost(most)));
    report.row("find, over the bare index query", &ours, Some(&floor), Some(Bound::SlowTimesFloor(2.0)));
    for (sort, (ours, floor)) in &by_sort {
        report.row(&format!("  by {sort}"), ours, Some(floor), None);
    }
    if let Some((sort, (slowest, _))) = by_sort.iter().max_by(|a, b| a.1.0.p95().total_cmp(&b.1.0.p95())) {
        report.note(format!(
            "find: {} different queries; the slowest sort is {sort}, at most {:.1} ms",
            queries.len(),
            slowest.worst()
        ));
    }
    Ok(())
}
