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

/// So few are made where they are asked for: a thread takes as long to be woken.
const WORTH: usize = 16;
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
    let (mut kept, mut ahead, mut rest) = (kept.into_iter(), VecDeque::with_capacity(AHEAD), Rest::default());
    if kept.len() <= WORTH {
        rest.forms(connection, make(kept.by_ref().collect(), by)?, by.masking).await?;
    }
    loop {
        while ahead.len() < AHEAD && kept.len() > 0 {
            let (part, by): (Vec<Kept>, _) = (kept.by_ref().take(ROWS).collect(), by.clone());
            ahead.push_back(tokio::task::spawn_blocking(move || make(part, &by)));
        }
        let Some(part) = ahead.pop_front() else { break };
        let made = part.await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??;
        rest.forms(connection, made, by.masking).await?;
    }
    rest.write(connection).await
}

fn make(kept: Vec<Kept>, by: &By) -> Result<Vec<Made>, StoreError> {
    kept.into_iter().filter_map(|one| Made::of(one, by).transpose()).collect()
}

/// What is written once the forms themselves are, each of it in as few statements as there can be.
#[derive(Default)]
struct Rest {
    on_board: Vec<(i64, Option<board::Entry>)>,
    of_parties: Vec<parties::Entry>,
    words: Vec<(i64, search::Entry)>,
    /// Rows that were in the indexes before.
    held: Vec<i64>,
    /// Those of them whose words are others now.
    reworded: Vec<i64>,
    gone: Vec<i64>,
}

impl Rest {
    /// Writes the forms, and takes up the rest.
    async fn forms(
        &mut self,
        connection: &mut SqliteConnection,
        made: Vec<Made>,
        masking: i64,
    ) -> Result<(), StoreError> {
        let mut forms = Vec::with_capacity(made.len());
        for Made { form, words, on_board, party, held, gone } in made {
            let row = form.row;
            self.held.extend(Some(row).filter(|_| held));
            self.gone.extend(Some(row).filter(|_| gone));
            self.reworded.extend(Some(row).filter(|_| held && words.is_some()));
            self.words.extend(words.filter(|_| !gone).map(|words| (row, words)));
            self.on_board.push((row, on_board));
            self.of_parties.push(party);
            forms.push(form);
        }
        forms::index(connection, &forms, masking).await
    }

    /// The words last of all: a statement that writes several rows has FTS5 write out all that was put in before it, as a
    /// segment of its own.
    async fn write(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        board::index(connection, self.on_board).await?;
        parties::index(connection, self.of_parties, &self.held).await?;
        for some in self.gone.chunks(ROWS) {
            let list = marks(some.len());
            let sql = format!(
                "DELETE FROM forms WHERE row IN ({list}); DELETE FROM board WHERE row IN ({list}); \
                 DELETE FROM parties WHERE row IN ({list})"
            );
            let query = (0..3).flat_map(|_| some).fold(sqlx::query(AssertSqlSafe(sql)), |query, row| query.bind(*row));
            query.execute(&mut *connection).await?;
        }
        search::index(connection, &self.words, &self.reworded).await
    }
}
