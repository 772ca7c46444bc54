//! The index of visits and parts: who goes where on which day, and what lies in which van.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::customer::Party;
use kefu_domain::field::dispatch::Slot;
use kefu_domain::field::stock::{Move, moves};
use kefu_domain::field::{FORM, State, engineer, sheet, state};

use crate::door::Door;
use crate::store::{Store, StoreError};

/// Kinds of record that this index holds.
pub(crate) const KINDS: [&str; 2] = [kind::SERVICE, kind::STOCK];

/// A sheet as this index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    number: String,
    engineer: Option<Uuid>,
    /// Appointment, seconds since 1970 UTC; 0 where there is none.
    starts: i64,
    ends: i64,
    state: State,
    form: Option<Uuid>,
    product: Option<Uuid>,
    customer: Option<Uuid>,
}

impl Entry {
    /// None of what is no sheet, or of which nothing is held here.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        if record.kind != kind::SERVICE || record.changes == 0 {
            return None;
        }
        let (starts, ends) = sheet::slot(record).map_or((0, 0), |(from, to)| (from.timestamp(), to.timestamp()));
        let party = Party::of(&record.values());
        Some(Entry {
            number: record.text("number").unwrap_or_default().into(),
            engineer: engineer(record),
            starts,
            ends,
            state: state(record),
            form: record.text(FORM).and_then(|text| Uuid::try_parse(text).ok()),
            product: party.product,
            customer: party.customer,
        })
    }
}

/// Enters a sheet together with its change: few are written, and each answer shows what lies beside it. `before` is what
/// is entered already.
pub(crate) async fn follow(
    connection: &mut SqliteConnection,
    row: i64,
    before: Option<Entry>,
    entry: Option<Entry>,
) -> Result<(), StoreError> {
    let Some(entry) = entry.filter(|entry| before.as_ref() != Some(entry)) else { return Ok(()) };
    if before.is_some_and(|before| Entry { state: entry.state, ..before } == entry) {
        let query = sqlx::query("UPDATE services SET state = ? WHERE row = ?").bind(entry.state.code()).bind(row);
        query.execute(connection).await?;
        return Ok(());
    }
    let bytes = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let sql = "INSERT OR REPLACE INTO services (row, number, engineer, starts, ends, state, form, product, customer, id) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM records WHERE row = ?))";
    let query = sqlx::query(sql).bind(row).bind(entry.number).bind(bytes(entry.engineer)).bind(entry.starts);
    let query = query.bind(entry.ends).bind(entry.state.code()).bind(bytes(entry.form)).bind(bytes(entry.product));
    query.bind(bytes(entry.customer)).bind(row).execute(connection).await?;
    Ok(())
}

/// Enters a sheet or a stock, with the parts that moved.
pub(crate) async fn index(connection: &mut SqliteConnection, row: i64, record: &Record) -> Result<(), StoreError> {
    follow(connection, row, None, Entry::of(record)).await?;
    sqlx::query("DELETE FROM stock_moves WHERE row = ?").bind(row).execute(&mut *connection).await?;
    for one in moves(record) {
        let sql = "INSERT OR REPLACE INTO stock_moves (row, line, part, name, serial, source, target, count) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let Move { line, part, name, serial, count, from, to } = one;
        let query = sqlx::query(sql).bind(row).bind(line).bind(part).bind(name).bind(serial);
        query.bind(from).bind(to).bind(count).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Takes out a sheet or a stock of which nothing is held here any more.
pub(crate) async fn take_out(connection: &mut SqliteConnection, row: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM services WHERE row = ?; DELETE FROM stock_moves WHERE row = ?";
    sqlx::query(sql).bind(row).bind(row).execute(connection).await?;
    Ok(())
}

/// Which visits are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Appointments that begin at or after this moment.
    pub from: Option<DateTime<FixedOffset>>,
    /// Appointments that begin before this moment.
    pub until: Option<DateTime<FixedOffset>>,
    /// Appointments that end after this moment, cancelled ones left out.
    pub busy_after: Option<DateTime<FixedOffset>>,
    /// Of this technician.
    pub engineer: Option<Uuid>,
    /// Dispatched from this form.
    pub form: Option<Uuid>,
    /// Of this product.
    pub product: Option<Uuid>,
    /// Of this customer.
    pub customer: Option<Uuid>,
    /// All but this one.
    pub besides: Option<Uuid>,
    /// Those that are neither done nor cancelled, and those without an appointment among them.
    pub open: bool,
}

/// What lies in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Place.
    pub place: String,
    /// 编号 of the part.
    pub part: String,
    /// Its name as last moved.
    pub name: String,
    /// How many; below nought where a move is missing.
    pub count: i64,
}

/// Visits looked at.
const MOST: u32 = 2_000;
/// No appointment lasts longer.
const LONGEST: TimeDelta = TimeDelta::days(31);

impl Wanted {
    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        if let Some(from) = self.from {
            query.push(" AND starts >= ").push_bind(from.timestamp());
        }
        if let Some(until) = self.until {
            query.push(" AND starts < ").push_bind(until.timestamp());
        }
        if let Some(at) = self.busy_after {
            // The index has them by their beginning: what is looked through need not reach back to the first.
            query.push(" AND state <> 'cancelled' AND ends > ").push_bind(at.timestamp());
            query.push(" AND starts > ").push_bind((at - LONGEST).timestamp());
        }
        let few = [("product", self.product), ("customer", self.customer), ("form", self.form)];
        // Of one product or customer there are few, of a technician many: his index is then of no help.
        let engineer = if few.iter().any(|(_, id)| id.is_some()) { "+engineer" } else { "engineer" };
        for (column, id) in few.into_iter().chain([(engineer, self.engineer)]) {
            if let Some(id) = id {
                // The indexes leave out what is empty, and must be told that this is not.
                query.push(format!(" AND {column} <> x'' AND {column} = ")).push_bind(id);
            }
        }
        if let Some(id) = self.besides {
            query.push(" AND id <> ").push_bind(id);
        }
        if self.open {
            query.push(" AND state NOT IN ('done', 'cancelled')");
        }
    }
}

impl Store {
    /// Visits in the order of their appointments, those without one first; the times are nought there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn services(&self, wanted: &Wanted) -> Result<Vec<Slot>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT id, number, starts, ends FROM services WHERE 1");
        wanted.push(&mut query);
        // Where there are more, the latest count.
        query.push(format!(" ORDER BY starts DESC, number DESC LIMIT {MOST}"));
        let rows = query.build().fetch_all(self.near().await?.connection()?).await?;
        let moment = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default().fixed_offset();
        let slot = |row: &SqliteRow| {
            let (starts, ends): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
            Ok(Slot { id: row.try_get(0)?, number: row.try_get(1)?, from: moment(starts), until: moment(ends) })
        };
        rows.iter().rev().map(slot).collect()
    }

    /// The visit with this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn service_by_number(&self, number: &str) -> Result<Option<Uuid>, StoreError> {
        let sql = "SELECT id FROM services WHERE number = ? ORDER BY row LIMIT 1";
        Ok(sqlx::query_scalar(sql).bind(number).fetch_optional(&self.readers).await?)
    }

    /// What lies where: sums of all moves, nought left out, less than nought included; of one place, or of all.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn stock(&self, place: Option<&str>) -> Result<Vec<Holding>, StoreError> {
        let of = if place.is_some() { "WHERE place = ?" } else { "" };
        let sql = format!(
            "SELECT place, part, max(name), sum(count) FROM (SELECT source AS place, part, name, -count AS count \
             FROM stock_moves UNION ALL SELECT target, part, name, count FROM stock_moves) {of} \
             GROUP BY place, part HAVING sum(count) <> 0 ORDER BY place, part"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(place) = place {
            query = query.bind(place.to_string());
        }
        let rows = query.fetch_all(self.indexed().await).await?;
        let holding = |row: &SqliteRow| {
            Ok(Holding { place: row.try_get(0)?, part: row.try_get(1)?, name: row.try_get(2)?, count: row.try_get(3)? })
        };
        rows.iter().map(holding).collect()
    }

    /// Moves of the piece with this serial, oldest first: where it came from, and where it was built in. With each the
    /// record that tells of it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn moves_of(&self, serial: &str) -> Result<Vec<(Uuid, Move)>, StoreError> {
        let sql = "SELECT r.id, m.line, m.part, m.name, m.serial, m.count, m.source, m.target FROM stock_moves m \
                   JOIN records r ON r.row = m.row WHERE m.serial = ? AND m.serial <> '' ORDER BY m.line LIMIT 200";
        let rows = sqlx::query(sql).bind(serial.trim()).fetch_all(self.indexed().await).await?;
        let read = |row: &SqliteRow| {
            let one = Move {
                line: row.try_get(1)?,
                part: row.try_get(2)?,
                name: row.try_get(3)?,
                serial: row.try_get(4)?,
                count: row.try_get(5)?,
                from: row.try_get(6)?,
                to: row.try_get(7)?,
            };
            Ok((row.try_get(0)?, one))
        };
        rows.iter().map(read).collect()
    }

    /// Which of these files are here whole enough to be shown.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn files_here(&self, hashes: &[String]) -> Result<Vec<String>, StoreError> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new("SELECT DISTINCT hash FROM files WHERE hash IN (");
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(hash);
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }
}

impl Door {
    /// The next serial of service sheets of `day`, counted apart from that of the forms so that neither has gaps.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_service_serial(&mut self, day: NaiveDate) -> Result<u32, StoreError> {
        // After a log that was cut short, a fresh day leaves out what may have been given.
        let sql = "INSERT INTO serials (day, last) VALUES ('FW ' || ?1, 1 + coalesce((SELECT CAST(value AS INTEGER) \
                   FROM preferences WHERE key = 'serial_skip'), 0)) \
                   ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last";
        let last: i64 = sqlx::query_scalar(sql).bind(day.to_string()).fetch_one(self.connection().await?).await?;
        Ok(last as u32)
    }
}

#[cfg(test)]
mod tests {
    use kefu_vault::DatabaseKey;

    use super::*;
    use crate::DeviceInfo;

    /// Guards that no question looks all sheets through: an index that leaves out the empty is passed over without a word.
    #[tokio::test]
    async fn each_question_has_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let device = DeviceInfo { id: Uuid::now_v7(), code: "T1".into() };
        let store = Store::create(folder.path(), &DatabaseKey::random().unwrap(), device).await.unwrap();
        let check = async |index: &str, wanted: Wanted| {
            let mut query = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN SELECT id FROM services WHERE 1");
            wanted.push(&mut query);
            query.push(" ORDER BY starts DESC, number DESC");
            let rows = query.build().fetch_all(&store.readers).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.try_get("detail").unwrap()).collect();
            assert!(plan.iter().any(|step| step.contains(index)), "{wanted:?}: {plan:?}");
        };
        let id = Some(Uuid::now_v7());
        let now = Some(DateTime::UNIX_EPOCH.fixed_offset());
        let of = Wanted { engineer: id, ..Wanted::default() };
        check("services_by_engineer (engineer=? AND starts>?", Wanted { until: now, busy_after: now, ..of.clone() })
            .await;
        check("services_by_engineer (engineer=? AND starts>?", Wanted { from: now, until: now, ..of.clone() }).await;
        check("services_by_start", Wanted { from: now, until: now, ..Wanted::default() }).await;
        check("services_by_product (product=?", Wanted { product: id, besides: id, ..of.clone() }).await;
        check("services_by_customer (customer=?", Wanted { customer: id, ..Wanted::default() }).await;
        check("services_by_form (form=?", Wanted { form: id, ..of }).await;
        store.close().await;
    }
}
