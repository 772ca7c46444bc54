//! The work list of return visits: which are due, for whom, what they still ask for.

use chrono::{DateTime, NaiveDate};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::process::condition::{column, measure_done, measure_open, standing};
use kefu_domain::visits::{Pending, TASKS, pending, state};

use crate::store::{Statement, Store, StoreError};

/// Some of the visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitsAmong {
    /// Waiting, and to be made by this day; those whose day is not known among them.
    DueBy(NaiveDate),
    /// Waiting, and to be made before this day.
    Before(NaiveDate),
    /// Waiting at an agreed time.
    Agreed,
    /// Waiting, whatever the day.
    Open,
    /// Waiting for this visitor.
    Of(Uuid),
    /// Made, and something that follows from them nobody has seen to.
    Pending,
    /// With tasks for this department or this seat.
    Tasks {
        /// Empty: of no department.
        department: String,
        /// Seat.
        seat: Uuid,
    },
    /// With tasks that are not done or not verified, whoever's.
    AllTasks,
    /// Over: made, refused, out of reach, cancelled, left out.
    Over,
    /// Where a change had no effect, as that of who handled the matter.
    OutOfPlace,
}

/// Days since 1970-01-01.
fn number(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}

impl VisitsAmong {
    fn condition(&self) -> &'static str {
        match self {
            VisitsAmong::DueBy(_) => "state = 'planned' AND (day <= ? OR day IS NULL)",
            VisitsAmong::Before(_) => "state = 'planned' AND day < ?",
            VisitsAmong::Agreed => "state = 'planned' AND agreed IS NOT NULL",
            VisitsAmong::Open => "state = 'planned'",
            VisitsAmong::Of(_) => "state = 'planned' AND visitor = ?",
            VisitsAmong::Pending => "pending > 0",
            VisitsAmong::Tasks { .. } => "tasks > 0 AND (instr(departments, ?) > 0 OR instr(owners, ?) > 0)",
            VisitsAmong::AllTasks => "tasks > 0",
            VisitsAmong::Over => "state <> 'planned'",
            VisitsAmong::OutOfPlace => "out_of_place > 0",
        }
    }

    fn bind<'q>(&self, query: Statement<'q>) -> Statement<'q> {
        match self {
            VisitsAmong::DueBy(day) | VisitsAmong::Before(day) => query.bind(number(*day)),
            VisitsAmong::Of(seat) => query.bind(seat.to_string()),
            // A department stands between line ends, so that none is found in the name of another.
            VisitsAmong::Tasks { department, seat } => query.bind(format!("\n{department}\n")).bind(seat.to_string()),
            _ => query,
        }
    }
}

const PUT: &str = "INSERT INTO visits (row, id, number, occasion, state, day, agreed, visitor, form, customer, round, plan, \
     pending, tasks, departments, owners, done, out_of_place) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (row) DO UPDATE SET number = excluded.number, state = excluded.state, day = excluded.day, agreed = excluded.agreed, \
     visitor = excluded.visitor, form = excluded.form, customer = excluded.customer, round = excluded.round, \
     plan = excluded.plan, pending = excluded.pending, tasks = excluded.tasks, departments = excluded.departments, \
     owners = excluded.owners, done = excluded.done, out_of_place = excluded.out_of_place";

/// Enters a visit as it stands.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    row: i64,
    id: Uuid,
    record: &Record,
) -> Result<(), StoreError> {
    let moment = |key: &str| record.text(key).and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let named = |key: &str| {
        let id = record.text(key).and_then(|text| Uuid::try_parse(text).ok());
        id.map(|id| id.as_bytes().to_vec()).unwrap_or_default()
    };
    let agreed = moment("agreed_at");
    let due = record.text("due").and_then(|text| text.parse::<NaiveDate>().ok());
    let asks = pending(record);
    let waits = |what: &[Pending]| asks.iter().filter(|one| what.contains(one)).count() as i64;
    let texts = |key: &str| {
        let open = standing(record, TASKS).filter(|line| measure_open(line) || measure_done(line));
        let all = open.filter_map(|line| column(line, key)?.as_str());
        all.fold(String::from("\n"), |all, one| all + one + "\n")
    };
    sqlx::query(PUT)
        .bind(row)
        .bind(id)
        .bind(record.text("number").unwrap_or_default())
        .bind(record.text("occasion").unwrap_or_default())
        .bind(record.state.clone())
        .bind(agreed.map(|at| at.date_naive()).or(due).map(number))
        .bind(agreed.map(|at| at.timestamp_millis()))
        .bind(record.text("visitor_seat").unwrap_or_default())
        .bind(named("form"))
        .bind(named("customer"))
        .bind(named("round"))
        .bind(named("plan"))
        .bind(waits(&[Pending::Unsolved, Pending::Dissatisfied, Pending::Suggestion]))
        .bind(waits(&[Pending::Task, Pending::Verify]))
        .bind(texts("department"))
        .bind(texts("owner_seat"))
        .bind(moment("actual_at").filter(|_| record.state == state::DONE).map(|at| at.timestamp_millis()))
        .bind(record.out_of_place.len() as i64)
        .execute(connection)
        .await?;
    Ok(())
}

/// Enters a visit that was folded otherwise without a new change, or takes it out where nothing is left of it.
pub(crate) async fn anew(
    connection: &mut SqliteConnection,
    row: i64,
    id: Uuid,
    record: &Record,
) -> Result<(), StoreError> {
    if record.changes > 0 {
        return index(connection, row, id, record).await;
    }
    sqlx::query("DELETE FROM visits WHERE row = ?").bind(row).execute(connection).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<(Uuid, Record), StoreError> {
    Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?))
}

impl Store {
    /// How many visits there are among each of `some`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count_visits(&self, some: &[VisitsAmong]) -> Result<Vec<u32>, StoreError> {
        let readers = self.indexed().await;
        let mut counts = Vec::with_capacity(some.len());
        for among in some {
            let sql = format!("SELECT count(*) FROM visits WHERE {}", among.condition());
            let row = among.bind(sqlx::query(AssertSqlSafe(sql))).fetch_one(readers).await?;
            counts.push(row.try_get(0)?);
        }
        Ok(counts)
    }

    /// A page of the visits among `some`, of `visitor` only where one is named, and how many there are in all. Those to be
    /// made first come first, an agreed hour before the rest of its day; what is over, latest first.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn visits(
        &self,
        some: &VisitsAmong,
        visitor: Option<Uuid>,
        (offset, limit): (u32, u32),
    ) -> Result<(Vec<(Uuid, Record)>, u32), StoreError> {
        let readers = self.indexed().await;
        let condition = format!("{} AND (? = '' OR visitor = ?)", some.condition());
        let order = match some {
            VisitsAmong::Over | VisitsAmong::OutOfPlace => "done DESC, row DESC",
            _ => "day IS NULL, day, agreed IS NULL, agreed, row",
        };
        let seat = visitor.map(|seat| seat.to_string()).unwrap_or_default();
        let sql = format!("SELECT count(*) FROM visits WHERE {condition}");
        let count = some.bind(sqlx::query(AssertSqlSafe(sql))).bind(seat.clone()).bind(seat.clone());
        let total = count.fetch_one(readers).await?.try_get(0)?;
        let sql = format!(
            "SELECT v.id, r.body FROM (SELECT *, row_number() OVER (ORDER BY {order}) AS nth FROM visits \
             WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?) v JOIN records r ON r.row = v.row ORDER BY nth"
        );
        let page = some.bind(sqlx::query(AssertSqlSafe(sql))).bind(seat.clone()).bind(seat).bind(limit).bind(offset);
        let rows = page.fetch_all(readers).await?;
        Ok((rows.iter().map(read).collect::<Result<_, _>>()?, total))
    }

    /// Visits to a customer and to those merged into him, the latest first.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn visits_of_customer(&self, id: Uuid, limit: u32) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let sql = "SELECT v.id, r.body FROM visits v JOIN records r ON r.row = v.row WHERE v.customer <> x'' AND \
                   (v.customer = ?1 OR v.customer IN (SELECT id FROM customers WHERE root = ?1 AND root <> id)) \
                   ORDER BY v.day DESC, v.row DESC LIMIT ?2";
        let rows = sqlx::query(sql).bind(id).bind(limit).fetch_all(self.indexed().await).await?;
        rows.iter().map(read).collect()
    }

    /// Id of the visit with this number (回访编号).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn visit_by_number(&self, number: &str) -> Result<Option<Uuid>, StoreError> {
        let sql = "SELECT id FROM visits WHERE number = ? ORDER BY row LIMIT 1";
        Ok(sqlx::query_scalar(sql).bind(number).fetch_optional(self.indexed().await).await?)
    }

    /// Visits that a periodic plan gave, the latest first.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn visits_of_plan(&self, id: Uuid) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let sql = "SELECT v.id, r.body FROM visits v JOIN records r ON r.row = v.row WHERE v.plan = ? AND v.plan <> x'' \
                   ORDER BY v.day DESC, v.row DESC";
        let rows = sqlx::query(sql).bind(id).fetch_all(self.indexed().await).await?;
        rows.iter().map(read).collect()
    }

    /// Visits that a survey drew.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn visits_of_round(&self, id: Uuid) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let sql = "SELECT v.id, r.body FROM visits v JOIN records r ON r.row = v.row WHERE v.round = ? AND v.round <> x'' \
                   ORDER BY v.row";
        let rows = sqlx::query(sql).bind(id).fetch_all(self.indexed().await).await?;
        rows.iter().map(read).collect()
    }

    /// Visits that wait for a year of working days, so that nobody knows when they are due.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn visits_without_day(&self) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let sql = "SELECT v.id, r.body FROM visits v JOIN records r ON r.row = v.row \
                   WHERE v.state = 'planned' AND v.day IS NULL";
        let rows = sqlx::query(sql).fetch_all(self.indexed().await).await?;
        rows.iter().map(read).collect()
    }

    /// Customers who wrote from `from` on and before `before` (seconds since 1970 UTC), each under whom he is found, with
    /// the form by which he wrote last in that time.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn customers_between(&self, from: i64, before: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let sql = "SELECT c.root, f.id, max(p.received) FROM parties p JOIN customers c ON c.id = p.customer \
                   JOIN forms f ON f.row = p.row WHERE p.received >= ? AND p.received < ? \
                   AND f.state NOT IN ('voided', 'merged') GROUP BY c.root";
        let rows = sqlx::query(sql).bind(from).bind(before).fetch_all(self.indexed().await).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
