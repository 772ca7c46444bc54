//! Checks of the channels (渠道检查, R23): how each one is checked, what is due for whom, logging what was found.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::channels::{self, CHECKERS, Channel, Check, Found, LIST, Next, RULERS, Routine};
use kefu_domain::decide::moment;
use kefu_domain::process::Actor;

use crate::actor::{actor, door_for, of_member, only};
use crate::desk::{Desk, Open};
use crate::list::PAGE;
use crate::seat::members;
use crate::wire::{
    ChannelCheck, ChannelLog, ChannelLogRequest, ChannelRow, Channels, CheckChannelRequest, Failure, SaveChannelRequest,
};

/// Code list of the roles, by whose names somebody can be asked, too.
const ROLES: &str = "role";

impl Desk {
    /// Every channel: how it is checked, the last check, when the next is due, the fault that stands.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn channels(&self) -> Result<Channels, Failure> {
        let open = self.open()?;
        let (actor, now) = (actor(&open).await?, self.now());
        let known = known(&open, now).await?;
        let untouched = known.iter().filter(|one| !one.touched && Routine::suggested(&one.code).is_some());
        let suggested = u32::try_from(untouched.count()).unwrap_or(u32::MAX);
        let mut rows = Vec::with_capacity(known.len());
        for one in known {
            rows.push(row(&open, one, &actor, now.date_naive()).await?);
        }
        Ok(Channels { rows, may_set: actor.holds(RULERS), may_check: actor.holds(CHECKERS), suggested })
    }

    /// Lays down how a channel is checked. Who is asked may be named by a role's name, too.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied), [`Code::InvalidFields`](crate::wire::Code::InvalidFields),
    /// [`Code::NothingChanged`](crate::wire::Code::NothingChanged).
    pub async fn save_channel(&self, request: SaveChannelRequest) -> Result<Channels, Failure> {
        let open = self.open()?;
        let code = code_of(&open, LIST, &request.code);
        let asked = Routine { who: code_of(&open, ROLES, &request.routine.who), ..request.routine };
        let staff = staff(&open).await?;
        let (mut door, actor) = door_for(&open, self.now()).await?;
        let record = door.record(channels::record_id(&code)).await?.unwrap_or_default();
        let draft = channels::set(&actor, &open.form().codes, &staff, &code, &record, &asked)?;
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.channels().await
    }

    /// Sets up every channel that nobody has laid anything down for, as we suggest it (S0). Where there is nobody whom that
    /// would ask, whoever may check is asked.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied).
    pub async fn suggest_channels(&self) -> Result<Channels, Failure> {
        let open = self.open()?;
        let staff = staff(&open).await?;
        let form = open.form();
        let (mut door, actor) = door_for(&open, self.now()).await?;
        only(&actor, RULERS)?;
        for item in form.codes.list(LIST).into_iter().flat_map(|list| &list.items).filter(|item| !item.retired) {
            let Some(mut routine) = Routine::suggested(&item.code) else { continue };
            if !staff.iter().any(|member| routine.asks(member)) {
                routine.who.clear();
            }
            let record = door.record(channels::record_id(&item.code)).await?.unwrap_or_default();
            if !touched(&record) {
                let draft = channels::set(&actor, &form.codes, &staff, &item.code, &record, &routine)?;
                door.write(draft, actor.seat).await?;
            }
        }
        door.commit().await?;
        self.channels().await
    }

    /// Logs a check that was made just now, by who sits at the desk.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied), [`Code::InvalidFields`](crate::wire::Code::InvalidFields).
    pub async fn check_channel(&self, request: CheckChannelRequest) -> Result<Channels, Failure> {
        let open = self.open()?;
        let (code, result) = (code_of(&open, LIST, &request.code), request.result.trim());
        let (mut door, actor) = door_for(&open, self.now()).await?;
        let record = door.record(channels::record_id(&code)).await?.unwrap_or_default();
        let found = Found { result, note: &request.note, follow_up: &request.follow_up };
        let codes = &open.form().codes;
        let draft = channels::log(&actor, self.now(), codes, (&code, &record), Uuid::now_v7(), &found)?;
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.channels().await
    }

    /// A part of the log of a channel, the latest first. Of a channel that was never checked it is empty.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn channel_log(&self, request: ChannelLogRequest) -> Result<ChannelLog, Failure> {
        let open = self.open()?;
        let id = channels::record_id(&code_of(&open, LIST, &request.code));
        let checks = Channel::read(&open.store.record(id).await?.unwrap_or_default()).checks;
        let end = request.before.and_then(|line| checks.iter().position(|check| check.line == line));
        let before = checks.get(..end.unwrap_or(checks.len())).unwrap_or_default();
        let wanted = request.limit.clamp(1, PAGE) as usize;
        let mut shown = Vec::new();
        for check in before.iter().rev().take(wanted) {
            shown.push(told(&open, check).await?);
        }
        Ok(ChannelLog { more: before.len() > wanted, checks: shown })
    }
}

/// A channel as it stands now.
struct Known {
    code: String,
    label: String,
    channel: Channel,
    next: Option<Next>,
    /// Something was laid down for it once.
    touched: bool,
}

/// The channels that the company has; one that it gave up only as long as its log is of use.
async fn known(open: &Open, now: DateTime<FixedOffset>) -> Result<Vec<Known>, Failure> {
    let mut records: HashMap<Uuid, Record> = open.store.records_of(kind::CHANNEL).await?.into_iter().collect();
    let rules = open.store.rules().await?;
    let calendar = rules.sets.in_force(now.date_naive()).map(|rules| rules.calendar(""));
    let form = open.form();
    let mut all = Vec::new();
    for item in form.codes.list(LIST).into_iter().flat_map(|list| &list.items) {
        let record = records.remove(&channels::record_id(&item.code)).unwrap_or_default();
        let channel = Channel::read(&record);
        if item.retired && channel.checks.is_empty() {
            continue;
        }
        let next = calendar.filter(|_| !item.retired).and_then(|calendar| channel.next(calendar));
        all.push(Known {
            code: item.code.clone(),
            label: item.label.clone(),
            channel,
            next,
            touched: touched(&record),
        });
    }
    Ok(all)
}

fn touched(record: &Record) -> bool {
    ["every", "who", "how"].iter().any(|key| record.fields.contains_key(*key))
}

async fn row(open: &Open, known: Known, actor: &Actor, today: NaiveDate) -> Result<ChannelRow, Failure> {
    let Known { code, label, channel, next, .. } = known;
    let (due, missing_year) = match next {
        Some(Next::On(day)) => (Some(day.to_string()), None),
        Some(Next::Unknown { year, .. }) => (None, Some(year)),
        None => (None, None),
    };
    let last = match channel.last() {
        Some(check) => Some(told(open, check).await?),
        None => None,
    };
    let fault = match channel.fault() {
        Some(check) => Some(told(open, check).await?),
        None => None,
    };
    Ok(ChannelRow {
        code,
        label,
        mine: channel.routine.concerns(actor),
        last,
        fault,
        due,
        missing_year,
        is_due: next.is_some_and(|next| next.is_due(today)),
        overdue: next.is_some_and(|next| next.is_overdue(today)),
        routine: channel.routine,
    })
}

async fn told(open: &Open, check: &Check) -> Result<ChannelCheck, Failure> {
    let number = kefu_domain::text::to_half_width(&check.follow_up).to_uppercase();
    let form = match number.starts_with("KF-") {
        true => open.store.form_by_number(&number).await?,
        false => None,
    };
    let Check { line, at, by, result, note, follow_up } = check.clone();
    Ok(ChannelCheck { id: line, at: moment(at), by, result, note, follow_up, form })
}

/// The code that `text` stands for, be it a code or its name; else the text itself.
fn code_of(open: &Open, list: &str, text: &str) -> String {
    let text = text.trim();
    let form = open.form();
    form.codes.list(list).and_then(|list| list.code_of(text)).unwrap_or(text).to_string()
}

/// Everybody who works here.
async fn staff(open: &Open) -> Result<Vec<Actor>, Failure> {
    let members = members(&open.store).await?;
    Ok(members.iter().filter(|(_, member)| member.active).map(|(id, member)| of_member(*id, member)).collect())
}

/// How many checks are due and how many of them overdue, for the board of those who are asked and of the supervisors; none
/// for others, and where no channel is checked.
pub(crate) async fn due_counts(
    open: &Open,
    actor: &Actor,
    now: DateTime<FixedOffset>,
) -> Result<Option<(u32, u32)>, Failure> {
    if !actor.holds(CHECKERS) {
        return Ok(None);
    }
    let known = known(open, now).await?;
    let mine: Vec<Next> =
        known.iter().filter(|one| one.channel.routine.concerns(actor)).filter_map(|one| one.next).collect();
    let today = now.date_naive();
    let count = |of: fn(Next, NaiveDate) -> bool| {
        u32::try_from(mine.iter().filter(|next| of(**next, today)).count()).unwrap_or(u32::MAX)
    };
    Ok((!mine.is_empty()).then(|| (count(Next::is_due), count(Next::is_overdue))))
}

/// A check that is due, for an alert.
pub(crate) struct DueCheck {
    /// The same until the channel was checked.
    pub(crate) key: String,
    /// Name of the channel.
    pub(crate) label: String,
}

/// The checks that are due for whom they are asked of.
pub(crate) async fn due_checks(
    open: &Open,
    actor: &Actor,
    now: DateTime<FixedOffset>,
) -> Result<Vec<DueCheck>, Failure> {
    if !actor.holds(CHECKERS) {
        return Ok(Vec::new());
    }
    let today = now.date_naive();
    let due = known(open, now).await?.into_iter().filter(|one| one.channel.routine.asks(actor));
    let due = due.filter_map(|one| {
        let next = one.next.filter(|next| next.is_due(today))?;
        let (Next::On(day) | Next::Unknown { earliest: day, .. }) = next;
        Some(DueCheck { key: format!("channel {} {day}", one.code), label: one.label })
    });
    Ok(due.collect())
}
