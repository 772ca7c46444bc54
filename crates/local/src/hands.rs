//! A return visit is folded with the form that it asks after: what who had handled it by then did to its rating has no
//! effect (R94), whichever of the two came here first.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::visits::{self, Hand, Origin};
use kefu_domain::{Change, Record};

use crate::store::{StoreError, marks};

/// Rounds of one form whose visits are looked for: more often than that none is reopened.
const ROUNDS: u32 = 100;

/// Folds changes of one record; of a visit with those who had handled its form.
pub(crate) async fn fold(connection: &mut SqliteConnection, changes: &[Change]) -> Result<Record, StoreError> {
    let alone = Record::fold(changes);
    let rates = |change: &&Change| visits::by_others(&change.act);
    let authors: BTreeSet<Uuid> = changes.iter().filter(rates).map(|change| change.seat).collect();
    let hands = of(connection, &alone, &authors).await?;
    Ok(if hands.is_empty() { alone } else { Record::fold_among(changes, &hands) })
}

/// Those of `authors` who handled the form that a visit asks after. Most forms say at once that there are none.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    visit: &Record,
    authors: &BTreeSet<Uuid>,
) -> Result<Vec<Hand>, StoreError> {
    // A survey asks after no form: its hands are those of the day it was drawn, which it says itself.
    let form = visit.text(visits::FORM).and_then(|text| Uuid::try_parse(text).ok());
    let Some(form) = form.filter(|_| visit.kind == kind::VISIT && !authors.is_empty()) else { return Ok(Vec::new()) };
    let sql = "SELECT row, body FROM records WHERE id = ? AND kind = ?";
    let found = sqlx::query(sql).bind(form).bind(kind::FORM).fetch_optional(&mut *connection).await?;
    let Some(found) = found else { return Ok(Vec::new()) };
    let form: Option<Record> = serde_json::from_str(found.try_get(1)?).ok();
    let Some(form) = form else { return Ok(Vec::new()) };
    if !form.course.hands.iter().chain(&form.released).any(|seat| authors.contains(seat)) {
        return Ok(Vec::new());
    }
    let sql = "SELECT bytes FROM changes WHERE record = ? AND standing = 1";
    let rows = sqlx::query(sql).bind(found.try_get::<i64, _>(0)?).fetch_all(&mut *connection).await?;
    let mut changes = Vec::with_capacity(rows.len());
    for row in &rows {
        changes.extend(Change::decode(row.try_get(0)?).ok());
    }
    Ok(visits::hands_of(&changes).into_iter().filter(|hand| authors.contains(&hand.seat)).collect())
}

/// Rows of the visits that ask after these forms, each with how often it was reopened.
pub(crate) async fn visits_of(
    connection: &mut SqliteConnection,
    forms: impl Iterator<Item = (Uuid, u32)>,
) -> Result<Vec<i64>, StoreError> {
    let rounds =
        |(form, last): (Uuid, u32)| (0..=last.min(ROUNDS)).map(move |round| Origin::Closing { form, round }.id());
    let ids: Vec<Uuid> = forms.flat_map(rounds).collect();
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let sql = format!("SELECT row FROM records WHERE id IN ({})", marks(some.len()));
        let query = some.iter().fold(sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)), |query, id| query.bind(*id));
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}
