//! The board (工作台): a narrow row for each form that still asks for something, what counts the queues and pages them.
//!
//! Due times are kept, not what follows from the clock on the wall: how many are overdue, due today or waiting too long
//! is counted when somebody asks.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use uuid::Uuid;

use chrono::{DateTime, FixedOffset, TimeDelta};
use kefu_domain::calendar::NoData;
use kefu_domain::clocks::{Facts, NoDue, Running, event};
use kefu_domain::process::condition::{chase_open, measure_done, measure_open, query_open};
use kefu_domain::process::state;
use kefu_domain::rules::RuleSets;
use kefu_domain::{Line, Record};

use crate::forms::{COLUMNS, FormRow, WIDTH};
use crate::store::{ROWS, Statement, Store, StoreError, execute_all, marks, rows_of_marks};

/// States in which nothing is left to be done on the path.
const FINISHED: [&str; 3] = [state::ARCHIVED, state::VOIDED, state::MERGED];

/// Columns of the board that hold text.
const TEXTS: usize = 11;

/// What the board keeps of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// state, department, handler, holder, first, offered_to, followers, delegates, owners, co_handlers, asked
    texts: [String; TEXTS],
    /// chases, measures, out_of_place
    counts: [i64; 3],
    due: Option<i64>,
    marked: Option<i64>,
}

impl Entry {
    /// The entry of a form; none where it asks for nothing any more. A state of a newer version is taken for open.
    pub(crate) fn of(record: &Record, rules: &RuleSets) -> Option<Entry> {
        let standing = |list: &str| record.lists.get(list).into_iter().flatten().filter(|line| !line.struck);
        let measures: Vec<&Line> =
            standing("measures").filter(|line| measure_open(line) || measure_done(line)).collect();
        let chases = standing("chases").filter(|line| chase_open(line)).count();
        let out_of_place = record.out_of_place.len();
        let finished = FINISHED.contains(&record.state.as_str());
        if record.state.is_empty() || (finished && measures.is_empty() && out_of_place == 0) {
            return None;
        }
        let text = |key: &str| record.text(key).unwrap_or_default().to_string();
        let one = |seat: Option<Uuid>| seat.map(|seat| seat.to_string()).unwrap_or_default();
        let many = |seats: &[Uuid]| seats.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ");
        let owner = |line: &&Line| {
            let owner = line.values.get("owner_seat").filter(|_| measure_open(line))?;
            Some(owner.as_str()?.to_string())
        };
        // Of a form that is merged or filed nobody is asked any more.
        let queries = standing("queries").filter(|line| !finished && query_open(line));
        let asked: Vec<String> = queries.map(asked).collect();
        let course = &record.course;
        let (mut due, mut marked) = (None, None);
        if !finished {
            let facts = Facts::of(record);
            (due, marked) = (strictest(record, &facts, rules), waiting_from(record, &facts, rules));
        }
        Some(Entry {
            texts: [
                record.state.clone(),
                text("dispatch.department"),
                text("dispatch.handler"),
                one(course.holder),
                one(course.first),
                one(course.offered_to),
                many(&course.followers),
                many(&course.delegates),
                measures.iter().filter_map(owner).collect::<Vec<_>>().join(" "),
                text("dispatch.co_handlers"),
                asked.concat(),
            ],
            counts: [chases as i64 * i64::from(!finished), measures.len() as i64, out_of_place as i64],
            due,
            marked,
        })
    }

    pub(crate) fn read(row: &SqliteRow, at: usize) -> Result<Self, sqlx::Error> {
        let texts = (0..TEXTS).map(|nth| row.try_get::<String, _>(at + nth)).collect::<Result<Vec<_>, _>>()?;
        let counts = (TEXTS..TEXTS + 3).map(|nth| row.try_get::<i64, _>(at + nth)).collect::<Result<Vec<_>, _>>()?;
        let mut entry = Entry { texts: Default::default(), counts: [0; 3], due: None, marked: None };
        entry.texts.iter_mut().zip(texts).for_each(|(to, text)| *to = text);
        entry.counts.iter_mut().zip(counts).for_each(|(to, count)| *to = count);
        (entry.due, entry.marked) = (row.try_get(at + TEXTS + 3)?, row.try_get(at + TEXTS + 4)?);
        Ok(entry)
    }
}

/// Columns of [`Entry::read`].
pub(crate) const ENTRY: &str = "state, department, handler, holder, first, offered_to, followers, delegates, owners, \
                                co_handlers, asked, chases, measures, out_of_place, due, marked";

/// Whom a 待核实 line asks, as one entry of the column `asked`.
fn asked(line: &Line) -> String {
    let text =
        |key: &str| line.values.get(key).and_then(|value| value.as_str()).map(str::trim).filter(|t| !t.is_empty());
    enclosed(text("whom_seat").or(text("whom")).unwrap_or_default())
}

/// Between line breaks, so that one name is not found inside another.
fn enclosed(name: &str) -> String {
    format!("\n{name}\n")
}

/// When the strictest clock of a form falls due, as its entry has it, milliseconds since 1970 UTC; none where nothing is
/// left to be done.
pub(crate) fn due(record: &Record, rules: &RuleSets) -> Option<i64> {
    let finished = record.state.is_empty() || FINISHED.contains(&record.state.as_str());
    if finished { None } else { strictest(record, &Facts::of(record), rules) }
}

/// When the strictest clock falls due that no pause holds.
fn strictest(record: &Record, facts: &Facts, rules: &RuleSets) -> Option<i64> {
    // Asked for a time after all that is written. Suspended: as things will stand when the pause has lasted for long. A clock that is overdue even then was due
    // before the pause was of any worth to it; any other is held, and falls due only after somebody resumes.
    let pause = facts.pauses.iter().filter(|pause| pause.to.is_none()).map(|pause| pause.from).max();
    let last = record.last.and_then(|at| DateTime::from_timestamp_millis(i64::try_from(at.ms).ok()?));
    let asked = last.unwrap_or_default().fixed_offset() + LONG;
    let at_pause = pause.map(|from| rules.running(facts, from)).unwrap_or_default();
    let running = rules.running(facts, asked);
    let due = running.iter().filter(|clock| clock.stopped.is_none()).filter_map(|clock| {
        let due = clock.due.ok();
        match pause {
            Some(_) if clock.paused => due.filter(|_| clock.overdue).or_else(|| due_before(clock, &at_pause)),
            _ => due,
        }
    });
    due.map(|at| at.timestamp_millis()).min()
}

/// From when on a form is marked as waiting too long.
fn waiting_from(record: &Record, facts: &Facts, rules: &RuleSets) -> Option<i64> {
    let received = facts.events.get(event::RECEIVED).copied().unwrap_or_default();
    let from = rules.in_force(received.date_naive())?.waiting(&Facts::waiting(record)?)?.from.ok()?;
    Some(from.timestamp_millis())
}

/// Longer than any holiday.
const LONG: TimeDelta = TimeDelta::days(60);

/// Where the calendar does not reach as far as [`LONG`]: the due time of a clock that had passed when the pause began.
fn due_before(clock: &Running<'_>, at_pause: &[Running<'_>]) -> Option<DateTime<FixedOffset>> {
    let Err(NoDue::NoData(NoData(_))) = clock.due else { return None };
    let same = |other: &&Running<'_>| {
        other.clock.id == clock.clock.id
            && other.terms.rules == clock.terms.rules
            && other.terms.version == clock.terms.version
    };
    at_pause.iter().find(same).filter(|then| then.overdue).and_then(|then| then.due.ok())
}

/// Puts forms onto the board, each by its row, or takes them off.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    entries: Vec<(i64, Option<Entry>)>,
) -> Result<(), StoreError> {
    let (put, off): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, entry)| entry.is_some());
    let off = off.chunks(ROWS).map(|some| {
        let sql = format!("DELETE FROM board WHERE row IN ({})", marks(some.len()));
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (row, _)| query.bind(*row))
    });
    let put: Vec<(i64, Entry)> = put.into_iter().filter_map(|(row, entry)| Some((row, entry?))).collect();
    let put = put.chunks(ROWS).map(|some| {
        let sql =
            format!("INSERT OR REPLACE INTO board (row, {ENTRY}) VALUES {}", rows_of_marks(TEXTS + 6, some.len()));
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (row, entry)| {
            let query = entry.texts.iter().fold(query.bind(*row), |query, text| query.bind(text.as_str()));
            let query = entry.counts.into_iter().fold(query, |query, count| query.bind(count));
            query.bind(entry.due).bind(entry.marked)
        })
    });
    execute_all(connection, off.chain(put)).await
}

/// Some of the forms of the board: a condition over its columns with `?` for each value, in order. Conditions are the
/// program's own words; what comes from outside is bound.
#[derive(Debug, Clone, Default)]
pub struct Among {
    condition: String,
    values: Vec<Bound>,
}

#[derive(Debug, Clone)]
enum Bound {
    Text(String),
    Number(i64),
}

impl Among {
    fn of(condition: &str) -> Self {
        Among { condition: condition.into(), values: Vec::new() }
    }

    fn text(condition: &str, value: impl Into<String>) -> Self {
        Among { condition: condition.into(), values: vec![Bound::Text(value.into())] }
    }

    /// All of them.
    pub fn all() -> Self {
        Self::of("1")
    }

    /// None of them.
    pub fn none() -> Self {
        Self::of("0")
    }

    /// In a state.
    pub fn state(state: &str) -> Self {
        Self::text("state = ?", state)
    }

    /// In none of the states in which the path has ended.
    pub fn unfinished() -> Self {
        Self::of("state NOT IN ('archived', 'voided', 'merged')")
    }

    /// In the hands of a seat.
    pub fn held_by(seat: Uuid) -> Self {
        Self::text("holder = ?", seat.to_string())
    }

    /// In nobody's hands, and nobody else of that name was asked for.
    pub fn free_for(name: &str) -> Self {
        Self::text("(holder = '' AND handler IN ('', ?))", name)
    }

    /// With a department; none where it is empty.
    pub fn department(department: &str) -> Self {
        Self::text("(department <> '' AND department = ?)", department)
    }

    /// A person or department is named as 协办.
    pub fn co_handled_by(name: &str) -> Self {
        if name.is_empty() { Self::none() } else { Self::text("instr(co_handlers, ?) > 0", name) }
    }

    /// Registered by a seat.
    pub fn registered_by(seat: Uuid) -> Self {
        Self::text("first = ?", seat.to_string())
    }

    /// Followed by a seat.
    pub fn followed_by(seat: Uuid) -> Self {
        Self::text("instr(followers, ?) > 0", seat.to_string())
    }

    /// A seat may close it for the desk.
    pub fn delegated_to(seat: Uuid) -> Self {
        Self::text("instr(delegates, ?) > 0", seat.to_string())
    }

    /// Offered to a seat for taking over.
    pub fn offered_to(seat: Uuid) -> Self {
        Self::text("(offered_to <> '' AND offered_to = ?)", seat.to_string())
    }

    /// A measure waits for a seat.
    pub fn owned_by(seat: Uuid) -> Self {
        Self::text("(measures > 0 AND instr(owners, ?) > 0)", seat.to_string())
    }

    /// With 督办 lines that wait for a reply.
    pub fn chased() -> Self {
        Self::of("chases > 0")
    }

    /// With 待核实 lines that wait for an answer.
    pub fn queried() -> Self {
        Self::of("asked <> ''")
    }

    /// A 待核实 line asks a seat, or the person or department of that name; none where it is empty.
    pub fn asked_of(name: &str) -> Self {
        if name.is_empty() { Self::none() } else { Self::text("instr(asked, ?) > 0", enclosed(name)) }
    }

    /// With measures that are not verified.
    pub fn with_measures() -> Self {
        Self::of("measures > 0")
    }

    /// With changes that had no effect.
    pub fn out_of_place() -> Self {
        Self::of("out_of_place > 0")
    }

    /// Whose strictest clock fell due before `now`, in milliseconds since 1970 UTC.
    pub fn overdue(now: i64) -> Self {
        Among { condition: "due < ?".into(), values: vec![Bound::Number(now)] }
    }

    /// Whose strictest clock falls due from `now` to `end`, both included.
    pub fn due_within(now: i64, end: i64) -> Self {
        Among { condition: "due BETWEEN ? AND ?".into(), values: vec![Bound::Number(now), Bound::Number(end)] }
    }

    /// Both hold.
    #[must_use]
    pub fn and(mut self, other: Among) -> Self {
        self.condition = format!("({} AND {})", self.condition, other.condition);
        self.values.extend(other.values);
        self
    }

    /// Either holds.
    #[must_use]
    pub fn or(mut self, other: Among) -> Self {
        self.condition = format!("({} OR {})", self.condition, other.condition);
        self.values.extend(other.values);
        self
    }

    fn bind<'q>(&self, query: Statement<'q>) -> Statement<'q> {
        self.values.iter().fold(query, |query, value| match value {
            Bound::Text(text) => query.bind(text.clone()),
            Bound::Number(number) => query.bind(*number),
        })
    }
}

/// How many forms of the board are among some.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Forms.
    pub forms: u32,
    /// Of these, overdue.
    pub overdue: u32,
    /// Of these, waiting too long for being dispatched or accepted.
    pub marked: u32,
}

/// A form of the board as it stands.
#[derive(Debug, Clone)]
pub struct BoardRow {
    /// As lists show it.
    pub form: FormRow,
    /// The record.
    pub record: Record,
    /// From when on it waits too long, milliseconds since 1970 UTC.
    pub marked: Option<i64>,
}

impl Store {
    /// Counts each of `some` as of `now`, milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn board(&self, some: &[Among], now: i64) -> Result<Vec<Count>, StoreError> {
        if some.is_empty() {
            return Ok(Vec::new());
        }
        let one = |(nth, among): (usize, &Among)| {
            let condition = &among.condition;
            format!(
                "SELECT {nth}, count(*), coalesce(sum(due < ?), 0), coalesce(sum(marked <= ?), 0) FROM board WHERE {condition}"
            )
        };
        let sql = some.iter().enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = some.iter().fold(query, |query, among| among.bind(query.bind(now).bind(now)));
        let rows = query.fetch_all(self.timed().await?).await?;
        let mut counts = vec![Count::default(); some.len()];
        for row in rows {
            let number = |at: usize| row.try_get::<i64, _>(at).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
            if let Some(count) = counts.get_mut(row.try_get::<i64, _>(0)? as usize) {
                *count = Count { forms: number(1)?, overdue: number(2)?, marked: number(3)? };
            }
        }
        Ok(counts)
    }

    /// A page of the forms among some, the strictest clock first, those without one last; ties by registration.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn board_page(&self, some: &Among, offset: u32, limit: u32) -> Result<Vec<BoardRow>, StoreError> {
        let condition = &some.condition;
        let sql = format!(
            "SELECT {COLUMNS}, r.body, b.marked FROM (SELECT row, due, marked FROM board WHERE {condition} \
             ORDER BY due IS NULL, due, row LIMIT ? OFFSET ?) b JOIN forms f ON f.row = b.row \
             JOIN records r ON r.row = b.row ORDER BY b.due IS NULL, b.due, b.row"
        );
        let query = some.bind(sqlx::query(AssertSqlSafe(sql))).bind(limit).bind(offset);
        let rows = query.fetch_all(self.timed().await?).await?;
        let read = |row: &SqliteRow| {
            let record = serde_json::from_str(row.try_get(WIDTH)?)?;
            Ok(BoardRow { form: FormRow::read(row)?, record, marked: row.try_get(WIDTH + 1)? })
        };
        rows.iter().map(read).collect()
    }
}
