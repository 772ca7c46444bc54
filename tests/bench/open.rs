//! Opening a form, and the customers offered while a telephone or a name is typed.

use kefu_app::wire::HintRequest;
use kefu_local::Caller;
use sqlx::sqlite::SqliteConnection;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::connect;
use crate::table::{Bound, Report};

/// Forms opened, and callers typed.
const FORMS: u32 = 300;
const CALLERS: u32 = 60;
/// Forms that a hint looks at.
const LOOKED_AT: u32 = 200;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    forms(made, report).await?;
    callers(made, report).await
}

/// Opening a form, beside reading its changes.
pub(crate) async fn forms(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for (id, _) in made.sample(FORMS).await? {
        timed(&mut ours, made.desk.show(id)).await?;
        let changes = sqlx::query_scalar::<_, Vec<u8>>(
            "SELECT bytes FROM changes WHERE record = (SELECT row FROM records WHERE id = ?)",
        )
        .bind(id)
        .fetch_all(&mut bare);
        timed(&mut floor, changes).await?;
    }
    report.row("open a form, over reading its changes", &ours, Some(&floor), Some(Bound::AtMost(5.0)));
    Ok(())
}

async fn callers(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let callers = made.sample(CALLERS).await?;
    let starts = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let of = |key: &'static str| callers.iter().map(move |(_, form)| form.text(key).unwrap_or_default());
    let phones =
        of("customer.phone").flat_map(|phone| [4, 7, 13].map(|length| HintRequest::Phone(starts(phone, length))));
    hints(made, &mut bare, report, "known customers by telephone", phones.collect()).await?;
    let names = of("customer.name").flat_map(|name| [2, 3].map(|length| HintRequest::Name(starts(name, length))));
    hints(made, &mut bare, report, "known customers by name", names.collect()).await
}

async fn hints(
    made: &MadeDesk,
    bare: &mut SqliteConnection,
    report: &mut Report,
    measure: &str,
    typed: Vec<HintRequest>,
) -> Outcome {
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for request in typed {
        let caller = match &request {
            HintRequest::Phone(typed) => Caller::Phone(typed),
            HintRequest::Name(typed) => Caller::Name(typed),
        };
        let Some(expression) = caller.match_expression() else { continue };
        let known = timed(&mut ours, made.desk.hints(request)).await?;
        if known.is_empty() {
            return Err(format!("{measure}: somebody whose form is here is not known").into());
        }
        let rows =
            sqlx::query_scalar::<_, i64>("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?")
                .bind(expression)
                .bind(LOOKED_AT)
                .fetch_all(&mut *bare);
        timed(&mut floor, rows).await?;
    }
    let bound = (made.forms <= 200_000).then_some(Bound::AtMost(50.0));
    report.row(measure, &ours, Some(&floor), bound);
    Ok(())
}
