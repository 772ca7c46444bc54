//! The work list of visits: what is due, overdue, agreed, one's own, and what still follows from those that were made.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::act;
use kefu_domain::privacy::{Mask, Sight};
use kefu_domain::process::{Actor, permit, role};
use kefu_domain::visits::{self, pending, state};
use kefu_local::VisitsAmong;

use super::named;
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::list::PAGE;
use crate::privacy::Eyes;
use crate::wire::{Failure, VisitFilter, VisitRow, VisitsPage, VisitsRequest};

impl Desk {
    /// A page of the work list, and how many there are of each filter.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn visits(&self, request: VisitsRequest) -> Result<VisitsPage, Failure> {
        let open = self.open()?;
        let (actor, now) = (actor(&open).await?, self.now());
        let page = (request.offset, request.limit.min(PAGE));
        let (found, total) = open.store.visits(&among(request.filter, &actor, now), request.visitor, page).await?;
        let all: Vec<VisitsAmong> = VisitFilter::ALL.iter().map(|filter| among(*filter, &actor, now)).collect();
        let counts = VisitFilter::ALL.iter().zip(open.store.count_visits(&all).await?);
        let code = |filter: &VisitFilter| json!(filter).as_str().unwrap_or_default().to_string();
        Ok(VisitsPage {
            rows: rows(&open, &found, now).await?,
            total,
            counts: counts.map(|(filter, count)| (code(filter), count)).collect::<BTreeMap<_, _>>(),
            may_plan: actor.holds(&[role::RECEPTION, role::RECORDS, role::SUPERVISOR]),
            may_draw: actor.holds(super::rounds::DRAWERS),
        })
    }

    /// Id of the visit with this number (回访编号).
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::wire::Code::NotFound).
    pub async fn visit_of_number(&self, number: &str) -> Result<Uuid, Failure> {
        let number = kefu_domain::text::to_half_width(number.trim()).to_uppercase();
        let found = self.open()?.store.visit_by_number(&number).await?;
        found.ok_or_else(|| Failure::new(crate::wire::Code::NotFound))
    }
}

fn among(filter: VisitFilter, actor: &Actor, now: DateTime<FixedOffset>) -> VisitsAmong {
    let today = now.date_naive();
    match filter {
        VisitFilter::Due => VisitsAmong::DueBy(today),
        VisitFilter::Overdue => VisitsAmong::Before(today),
        VisitFilter::Agreed => VisitsAmong::Agreed,
        VisitFilter::Mine => VisitsAmong::Of(actor.seat),
        VisitFilter::Open => VisitsAmong::Open,
        VisitFilter::Pending => VisitsAmong::Pending,
        VisitFilter::Tasks if actor.holds(&[role::SUPERVISOR, role::INSPECTOR]) => VisitsAmong::AllTasks,
        VisitFilter::Tasks => VisitsAmong::Tasks { department: actor.department.clone(), seat: actor.seat },
        VisitFilter::Over => VisitsAmong::Over,
        VisitFilter::OutOfPlace => VisitsAmong::OutOfPlace,
    }
}

/// How many visits are due and how many of them overdue, for the board of who makes them; none for others.
pub(crate) async fn due_counts(
    open: &Open,
    actor: &Actor,
    now: DateTime<FixedOffset>,
) -> Result<Option<(u32, u32)>, Failure> {
    if !actor.holds(visits::table::VISITORS) {
        return Ok(None);
    }
    let today = now.date_naive();
    let counts = open.store.count_visits(&[VisitsAmong::DueBy(today), VisitsAmong::Before(today)]).await?;
    Ok(Some((counts.first().copied().unwrap_or(0), counts.get(1).copied().unwrap_or(0))))
}

/// Form whose sight decides, and which tells who the customer is: the one asked after, else his latest.
pub(super) async fn known_by(open: &Open, visit: &Record) -> Result<Option<Uuid>, Failure> {
    if let Some(form) = named(visit, "form") {
        return Ok(Some(form));
    }
    let Some(customer) = named(visit, "customer") else { return Ok(None) };
    Ok(open.store.customer(customer).await?.map(|entry| entry.latest))
}

/// Whether the person at the desk sees in clear who is visited: as on the form, and besides who has taken the visit. That
/// he took it stands in the log, as a look does.
pub(super) fn in_clear(open: &Open, eyes: &Eyes, visit: &Record, form: Option<(Uuid, &Record)>) -> bool {
    let seat = eyes.actor().seat;
    let taken = named(visit, "visitor_seat") == Some(seat) && !visits::handled_by(visit, seat);
    taken || form.is_none_or(|(id, form)| eyes.sight(open, id, form) == Sight::Clear)
}

/// Visits as rows, each as the person at the desk sees it.
pub(super) async fn rows(
    open: &Open,
    found: &[(Uuid, Record)],
    now: DateTime<FixedOffset>,
) -> Result<Vec<VisitRow>, Failure> {
    let eyes = Eyes::of(open).await?;
    let mut of_visit = Vec::with_capacity(found.len());
    for (_, visit) in found {
        of_visit.push(known_by(open, visit).await?);
    }
    let ids: Vec<Uuid> = of_visit.iter().flatten().copied().collect();
    let forms: HashMap<Uuid, Record> = open.store.records_with(&ids).await?.into_iter().collect();
    let template = open.form();
    let mask = Mask::of(std::iter::empty(), &template.template);
    let row = |((id, visit), known): (&(Uuid, Record), Option<Uuid>)| {
        let form = known.and_then(|id| Some((id, forms.get(&id)?)));
        let visit = visits::seen_with(visit, form.map(|(_, form)| form).filter(|_| visit.get("form").is_some()));
        let clear = in_clear(open, &eyes, &visit, form);
        let told = |key: &str| {
            let text = form.and_then(|(_, form)| form.text(key)).unwrap_or_default();
            match clear {
                true => text.to_string(),
                false => mask.value(key, &json!(text)).as_str().unwrap_or_default().to_string(),
            }
        };
        let (name, phone) = (told("customer.name"), told("customer.phone"));
        row_of(*id, &visit, (name, phone), eyes.actor(), now)
    };
    Ok(found.iter().zip(of_visit).map(row).collect())
}

fn row_of(
    id: Uuid,
    visit: &Record,
    (customer, phone): (String, String),
    actor: &Actor,
    now: DateTime<FixedOffset>,
) -> VisitRow {
    let text = |key: &str| visit.text(key).unwrap_or_default().to_string();
    let agreed = visit.text("agreed_at").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let due: Option<NaiveDate> = visit.text("due").and_then(|day| day.parse().ok());
    let day = agreed.map(|at| at.date_naive()).or(due);
    let may_take = permit(actor, visit, act::VISIT_TAKE).is_ok();
    VisitRow {
        id,
        number: text("number"),
        occasion: text("occasion"),
        state: visit.state.clone(),
        due: due.map(|day| day.to_string()),
        missing_year: visit.get("due_missing_year").and_then(Value::as_i64).and_then(|year| i32::try_from(year).ok()),
        agreed_at: visit.text("agreed_at").map(str::to_string),
        overdue: visit.state == state::PLANNED && day.is_some_and(|day| day < now.date_naive()),
        form: named(visit, "form"),
        form_number: text("form_number"),
        customer,
        phone,
        visitor: text("visitor"),
        tries: u32::try_from(visits::counted(visit)).unwrap_or(u32::MAX),
        own_matter: visits::handled_by(visit, actor.seat),
        free: may_take && named(visit, "visitor_seat").is_none(),
        pending: pending(visit),
    }
}
