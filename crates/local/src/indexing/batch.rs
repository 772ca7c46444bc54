//! Forms entered into the indexes many at a time: what is kept of them is made on other threads while those before are
//! written, table by table.

use std::collections::VecDeque;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use kefu_domain::{Record, Template, Values};

use super::Progress;
use crate::rules::{self, Ruled};
use crate::sight::{self, Masking};
use crate::store::{ROWS, StoreError, marks};
use crate::{board, forms, parties, search};

/// Forms that are made, and written, together. So few are made where they are asked for: a thread takes as long to be woken.
const PART: usize = ROWS / 2;
/// Parts that are being made while one is written.
const AHEAD: usize = 2;

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
    if kept.len() <= PART {
        let mut words = Words::default();
        write(connection, make(kept, by)?, by.masking, &mut words).await?;
        return words.write(connection).await;
    }
    let (mut kept, mut ahead, mut words) = (kept.into_iter(), VecDeque::with_capacity(AHEAD), Words::default());
    loop {
        while ahead.len() < AHEAD && kept.len() > 0 {
            let (part, by): (Vec<Kept>, _) = (kept.by_ref().take(PART).collect(), by.clone());
            ahead.push_back(tokio::task::spawn_blocking(move || make(part, &by)));
        }
        let Some(part) = ahead.pop_front() else { break };
        let made = part.await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??;
        write(connection, made, by.masking, &mut words).await?;
    }
    words.write(connection).await
}

fn make(kept: Vec<Kept>, by: &By) -> Result<Vec<Made>, StoreError> {
    kept.into_iter().filter_map(|one| Made::of(one, by).transpose()).collect()
}

/// Writes all but the words.
async fn write(
    connection: &mut SqliteConnection,
    made: Vec<Made>,
    masking: i64,
    words: &mut Words,
) -> Result<(), StoreError> {
    let (mut all, mut on_board) = (Vec::with_capacity(made.len()), Vec::with_capacity(made.len()));
    let (mut of_parties, mut held, mut gone) = (Vec::with_capacity(made.len()), Vec::new(), Vec::new());
    for one in made {
        let row = one.form.row;
        held.extend(Some(row).filter(|_| one.held));
        gone.extend(Some(row).filter(|_| one.gone));
        words.old.extend(Some(row).filter(|_| one.held && one.words.is_some()));
        words.new.extend(one.words.filter(|_| !one.gone).map(|words| (row, words)));
        all.push(one.form);
        on_board.push((row, one.on_board));
        of_parties.push(one.party);
    }
    forms::index(connection, &all, masking).await?;
    board::index(connection, on_board).await?;
    parties::index(connection, of_parties, &held).await?;
    for some in gone.chunks(ROWS) {
        let list = marks(some.len());
        let sql = format!(
            "DELETE FROM forms WHERE row IN ({list}); DELETE FROM board WHERE row IN ({list}); \
             DELETE FROM parties WHERE row IN ({list})"
        );
        let query = (0..3).flat_map(|_| some).fold(sqlx::query(AssertSqlSafe(sql)), |query, row| query.bind(*row));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// What the search index is to hold of forms, and of which it holds something else until then.
#[derive(Default)]
struct Words {
    new: Vec<(i64, search::Entry)>,
    old: Vec<i64>,
}

impl Words {
    /// Last of all: a statement that writes several rows has FTS5 write out all that was put in before it, as a segment of
    /// its own.
    async fn write(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        search::index(connection, &self.new, &self.old).await
    }
}
