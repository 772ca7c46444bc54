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

/// What entries of the indexes are made by, beside the record: the company's rules and form at a moment.
#[derive(Debug)]
pub struct By {
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
        Self::with(super::current(connection, shared, progress).await?, connection).await
    }

    /// By these rules.
    pub(super) async fn with(rules: Arc<Ruled>, connection: &mut SqliteConnection) -> Result<Arc<Self>, StoreError> {
        let template = Arc::new(sight::template(connection).await?);
        let masking = Masking::by(&template).key;
        Ok(Arc::new(By { rules, template, masking }))
    }

    /// Changes whenever entries would be others.
    pub(super) fn key(&self) -> (i64, i64) {
        (self.rules.key, self.masking)
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
#[derive(Debug)]
pub(super) struct Made {
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
    /// Of a form that is in no index yet; `entered` as [`Kept::entered`].
    pub(super) fn of(id: Uuid, record: &Record, entered: &[Values], by: &By) -> Result<Self, StoreError> {
        let words = search::Entry::of(record);
        let [gate, seen] = Masking { template: &by.template, key: by.masking }.row(record, entered).kept()?;
        Ok(Made {
            form: forms::Indexed { row: 0, id, entry: forms::Entry::of(record), sum: words.sum(), gate, seen },
            words: Some(words),
            on_board: board::Entry::of(record, &by.rules.sets),
            party: parties::Entry::of(record),
            held: false,
            gone: record.changes == 0,
        })
    }

    pub(super) fn id(&self) -> Uuid {
        self.form.id
    }

    /// Its place in the file; `held` as [`Kept::sum`]. None where there is nothing to enter nor to take out.
    pub(super) fn at(mut self, row: i64, held: Option<i64>) -> Option<Self> {
        (self.form.row, self.held) = (row, held.is_some());
        self.words = self.words.filter(|_| held != Some(self.form.sum));
        Some(self).filter(|made| made.held || !made.gone)
    }
}

/// Enters forms, those whose entries are made and those `kept`, and takes out those of which nothing is left. Part of the
/// transaction that `connection` is in.
pub(super) async fn enter(
    connection: &mut SqliteConnection,
    mut made: Vec<Made>,
    kept: Vec<Kept>,
    by: &Arc<By>,
) -> Result<(), StoreError> {
    let (mut kept, mut ahead, mut rest) = (kept.into_iter(), VecDeque::with_capacity(AHEAD), Rest::default());
    if kept.len() <= WORTH {
        made.extend(make(kept.by_ref().collect(), by)?);
    }
    loop {
        while ahead.len() < AHEAD && kept.len() > 0 {
            let (part, by): (Vec<Kept>, _) = (kept.by_ref().take(ROWS).collect(), by.clone());
            ahead.push_back(tokio::task::spawn_blocking(move || make(part, &by)));
        }
        rest.forms(connection, made, by.masking).await?;
        let Some(part) = ahead.pop_front() else { break };
        made = part.await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??;
    }
    rest.write(connection).await
}

fn make(kept: Vec<Kept>, by: &By) -> Result<Vec<Made>, StoreError> {
    let mut made = Vec::with_capacity(kept.len());
    for Kept { row, id, body, sum, entered } in kept {
        made.extend(Made::of(id, &serde_json::from_str(&body)?, &entered, by)?.at(row, sum));
    }
    Ok(made)
}

/// What is written once the forms themselves are, each of it in as few statements as there can be.
#[derive(Default)]
struct Rest {
    on_board: Vec<(i64, Option<board::Entry>)>,
    of_parties: Vec<(i64, parties::Entry)>,
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
            self.of_parties.push((row, party));
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
