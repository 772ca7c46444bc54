//! Forms that are likely the same as what is being told, beside the bare query of the index.

use kefu_app::wire::SimilarRequest;
use kefu_local::alike_expression;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::table::{Bound, Report};

/// Sheets that are typed; each is a form of the desk told once more.
const SHEETS: u32 = 60;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for (_, form) in made.sample(SHEETS).await? {
        let values = form.values();
        let Some(expression) = alike_expression(&values) else { continue };
        let rows =
            sqlx::query_scalar::<_, i64>("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 200")
                .bind(&expression)
                .fetch_all(&mut bare);
        timed(&mut floor, rows).await?;
        timed(&mut ours, made.desk.similar(SimilarRequest { values })).await?;
    }
    report.row("similar", &ours, Some(&floor), Some(Bound::AtMost(100.0)));
    Ok(())
}
