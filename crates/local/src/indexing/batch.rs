//! Forms entered into the indexes many at a time: what is kept of each is made on two threads, then written table by table.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use kefu_domain::{Record, Template, Values};

use super::Progress;
use crate::rules::{self, Ruled};
use crate::sight::{self, Masking};
use crate::store::{ROWS, StoreError, marks};
use crate::{board, forms, parties, search};

/// Fewer than this are made where they are asked for: a thread takes as long to be woken.
const WORTH: usize = 16;

/// What entries are made by, beside the record.
pub(super) struct By {
    rules: Arc<Ruled>,
    template: Arc<Template>,
    /// As [`Masking::key`].
    masking: i64,
}

impl By {
    /// As the log has it now.
    pub(super) async fn now(
        connection: &mut SqliteConnection,
        shared: &rules::Shared,
        progress: &Progress,
    ) -> Result<Arc<Self>, StoreError> {
        let rules = super::current(connection, shared, progress).await?;
        let template = Arc::new(sight::template(connection).await?);
        let masking = Masking::by(&template).key;
        Ok(Arc::new(By { rules, template, masking }))
    }
}

/// A form to be entered, as it is kept.
pub(super) struct Kept {
    pub(super) row: i64,
    pub(super) id: Uuid,
    /// The record.
    pub(super) body: String,
    /// What the search index holds of it; none: it is in no index yet.
    pub(super) sum: Option<i64>,
    /// What people entered, where the record does not show all of it.
    pub(super) entered: Vec<Values>,
}

/// A form to be entered, with all that is kept of it.
struct Made {
    form: forms::Indexed,
    /// Words that the search index does not hold yet: most acts leave them as they are.
    words: Option<search::Entry>,
    on_board: Option<board::Entry>,
    party: parties::Entry,
    /// It was in the indexes before.
    held: bool,
    /// Nothing is left of it: refused, erased, or taken off this device.
    gone: bool,
}

impl Made {
    /// None where there is nothing to enter nor to take out.
    fn of(kept: Kept, by: &By) -> Result<Option<Self>, StoreError> {
        let Kept { row, id, body, sum: held, entered } = kept;
        let record: Record = serde_json::from_str(&body)?;
        let gone = record.changes == 0;
        if gone && held.is_none() {
            return Ok(None);
        }
        let words = search::Entry::of(&record);
        let sum = words.sum();
        let seen = Masking { template: &by.template, key: by.masking }.row(&record, &entered);
        Ok(Some(Made {
            form: forms::Indexed { row, id, entry: forms::Entry::of(&record), sum, seen },
            words: Some(words).filter(|_| held != Some(sum)),
            on_board: board::Entry::of(&record, &by.rules.sets),
            party: parties::Entry::of(row, &record),
            held: held.is_some(),
            gone,
        }))
    }
}

/// Enters forms, and takes out those of which nothing is left. Part of the transaction that `connection` is in.
pub(super) async fn enter(connection: &mut SqliteConnection, kept: Vec<Kept>, by: &Arc<By>) -> Result<(), StoreError> {
    let made = made(kept, by).await?;
    let rows = |which: &dyn Fn(&Made) -> bool| -> Vec<i64> {
        made.iter().filter(|one| which(one)).map(|one| one.form.row).collect()
    };
    let (held, gone) = (rows(&|one| one.held), rows(&|one| one.gone));
    let reworded = rows(&|one| one.held && one.words.is_some());
    let (mut all, mut words) = (Vec::with_capacity(made.len()), Vec::with_capacity(made.len()));
    let (mut on_board, mut of_parties) = (Vec::with_capacity(made.len()), Vec::with_capacity(made.len()));
    for one in made {
        let row = one.form.row;
        all.push(one.form);
        words.extend(one.words.map(|words| (row, words)));
        on_board.push((row, one.on_board));
        of_parties.push(one.party);
    }
    forms::index(connection, &all, by.masking).await?;
    board::index(connection, on_board).await?;
    parties::index(connection, of_parties, &held).await?;
    search::index(connection, &words, &reworded).await?;
    for some in gone.chunks(ROWS) {
        let list = marks(some.len());
        let sql = format!(
            "DELETE FROM forms WHERE row IN ({list}); DELETE FROM board WHERE row IN ({list}); \
             DELETE FROM parties WHERE row IN ({list}); DELETE FROM search WHERE rowid IN ({list})"
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = (0..4).flat_map(|_| some).fold(query, |query, row| query.bind(*row));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn made(mut kept: Vec<Kept>, by: &Arc<By>) -> Result<Vec<Made>, StoreError> {
    fn all(kept: Vec<Kept>, by: &By) -> Result<Vec<Made>, StoreError> {
        kept.into_iter().filter_map(|one| Made::of(one, by).transpose()).collect()
    }
    if kept.len() < WORTH {
        return all(kept, by);
    }
    let second = kept.split_off(kept.len() / 2);
    let part = |kept| {
        let by = by.clone();
        tokio::task::spawn_blocking(move || all(kept, &by))
    };
    let (first, second) = tokio::join!(part(kept), part(second));
    let mut made = first.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??;
    made.extend(second.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??);
    Ok(made)
}
