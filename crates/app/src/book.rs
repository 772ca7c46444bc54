//! 纸质登记表: blank forms printed with numbers set aside, the list of those that wait, and registering them later (R24).

use chrono::{DateTime, FixedOffset};
use serde_json::Value;
use uuid::Uuid;

use kefu_domain::book::{self, KEEPERS, Waiting};
use kefu_domain::change::kind;
use kefu_domain::decide::Draft;
use kefu_domain::number::FormNumber;
use kefu_domain::process::Actor;
use kefu_local::Door;

use crate::actor::{actor, door_for, only};
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::wire::{BlankForm, Code, Failure, ReserveRequest, Reserved, SpoilRequest};

impl Desk {
    /// Sets the next numbers of today aside for blank forms. What is printed of them is [`crate::wire::Sheet::Printing`].
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`] for none or too many; no number is used up then.
    pub async fn reserve_forms(&self, request: ReserveRequest) -> Result<Reserved, Failure> {
        let open = self.open()?;
        let (mut door, actor) = door_for(&open, self.now()).await?;
        let mut numbers = Vec::new();
        for _ in 0..request.sheets.min(book::MOST + 1) {
            numbers.push(next_number(&open, &mut door).await?);
        }
        let printing = Uuid::now_v7();
        door.write(book::reserve(&actor, door.now(), printing, &numbers)?, actor.seat).await?;
        door.commit().await?;
        Ok(Reserved { printing, numbers: numbers.iter().map(FormNumber::to_string).collect() })
    }

    /// The blank forms that wait for being registered, of every device; in the order of their numbers.
    ///
    /// # Errors
    /// [`Code::Denied`].
    pub async fn blank_forms(&self) -> Result<Vec<BlankForm>, Failure> {
        let open = self.open()?;
        only(&actor(&open).await?, KEEPERS)?;
        let code = open.store.device().code;
        let shown = waiting(&open).await?.into_iter().map(|Waiting { number, printed_at, by, printing }| BlankForm {
            own: FormNumber::device_in(&number) == Some(&code),
            number,
            printing,
            printed_at,
            by,
        });
        Ok(shown.collect())
    }

    /// Gives one up, with the reason, and shows those that are left.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::ReasonRequired`], [`Code::InvalidFields`] where it does not wait on this device.
    pub async fn spoil_form(&self, request: SpoilRequest) -> Result<Vec<BlankForm>, Failure> {
        let open = self.open()?;
        let (mut door, actor) = door_for(&open, self.now()).await?;
        let number = own(&open, &request.number)?;
        let record = door.record(book::record_id(&number)).await?.unwrap_or_default();
        let draft = book::spoil(&actor, door.now(), &record, &number, &request.reason)?;
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.blank_forms().await
    }
}

/// The next number of this device.
pub(crate) async fn next_number(open: &Open, door: &mut Door) -> Result<FormNumber, Failure> {
    let day = door.now().date_naive();
    let device = open.store.device().code.parse().map_err(|error| logged(Code::Internal, &error))?;
    Ok(FormNumber { day, device, serial: door.next_serial(day).await? })
}

/// The number that `form` is registered under because it stands on its paper, and the change that says so.
///
/// # Errors
/// [`Code::Denied`], [`Code::InvalidFields`] where it does not wait on this device.
pub(crate) async fn take_in(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    number: &Value,
    form: Uuid,
) -> Result<(FormNumber, Draft), Failure> {
    let number = own(open, number.as_str().unwrap_or_default())?;
    let record = door.record(book::record_id(&number)).await?.unwrap_or_default();
    let draft = book::take_in(actor, door.now(), &record, &number, form)?;
    Ok((number, draft))
}

/// A number of this device: no other one's is registered here, or two could be at once.
fn own(open: &Open, number: &str) -> Result<FormNumber, Failure> {
    let read: Option<FormNumber> = number.parse().ok();
    let read = read.filter(|number| number.device.to_string() == open.store.device().code);
    Ok(read.ok_or_else(|| book::not_reserved(number.trim()))?)
}

async fn waiting(open: &Open) -> Result<Vec<Waiting>, Failure> {
    let books = open.store.records_of(kind::BOOK).await?;
    let mut waiting: Vec<Waiting> = books.iter().flat_map(|(_, record)| book::waiting(record)).collect();
    waiting.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(waiting)
}

/// Numbers of one printing that still wait.
pub(crate) async fn printing(open: &Open, printing: Uuid) -> Result<Vec<String>, Failure> {
    only(&actor(open).await?, KEEPERS)?;
    let waiting = waiting(open).await?.into_iter().filter(|sheet| sheet.printing == printing);
    Ok(waiting.map(|sheet| sheet.number).collect())
}

/// How many blank forms of this device wait, and how many of them since before today; none for who does not keep them.
pub(crate) async fn waiting_counts(
    open: &Open,
    actor: &Actor,
    now: DateTime<FixedOffset>,
) -> Result<Option<(u32, u32)>, Failure> {
    if !actor.holds(KEEPERS) {
        return Ok(None);
    }
    let code = open.store.device().code;
    let waiting = waiting(open).await?;
    let own = waiting.iter().filter(|sheet| FormNumber::device_in(&sheet.number) == Some(&code));
    let days: Vec<_> = own.filter_map(|sheet| Some(sheet.number.parse::<FormNumber>().ok()?.day)).collect();
    let count = |forms: usize| u32::try_from(forms).unwrap_or(u32::MAX);
    let before = days.iter().filter(|day| **day < now.date_naive()).count();
    Ok(Some((count(days.len()), count(before))))
}
