//! The board (工作台): which queues a person gets by his roles and his seat, and how many forms wait in each.

use chrono::{DateTime, Days, FixedOffset, NaiveTime};

use kefu_domain::decide::moment;
use kefu_domain::process::{Actor, role, state};
use kefu_local::Among;

use crate::actor::actor;
use crate::book::waiting_counts;
use crate::channels;
use crate::desk::Desk;
use crate::visits::due_counts;
use crate::wire::{Board, Failure, QueueCount};

/// Roles that dispatch and chase (R5).
const DISPATCHING: &[&str] = &[role::RECORDS, role::DISPATCHER];
/// Roles that handle (R6).
const HANDLING: &[&str] = &[role::HANDLER, role::TECHNICIAN];

/// A queue of one person.
pub(crate) struct Queue {
    /// Its code; see [`QueueCount::key`].
    pub(crate) key: &'static str,
    /// What waits in it.
    pub(crate) among: Among,
    /// Shown also while nothing waits in it.
    always: bool,
}

impl Desk {
    /// The queues of who sits at the desk, with what waits in them now.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn board(&self) -> Result<Board, Failure> {
        let open = self.open()?;
        let now = self.now();
        let actor = actor(&open).await?;
        let queues = queues(&actor, now);
        let some: Vec<Among> = queues.iter().map(|queue| queue.among.clone()).collect();
        let counts = open.store.board(&some, now.timestamp_millis()).await?;
        let shown = queues.iter().zip(counts).filter(|(queue, count)| queue.always || count.forms > 0);
        let shown = shown.map(|(queue, count)| QueueCount {
            key: queue.key.into(),
            count: count.forms,
            overdue: count.overdue,
            marked: count.marked,
        });
        let mut queues: Vec<QueueCount> = shown.collect();
        // Visits are no forms: their work list has a page of its own, the board says how many wait there.
        if let Some((count, overdue)) = due_counts(&open, &actor, now).await? {
            queues.push(QueueCount { key: "visits".into(), count, overdue, marked: 0 });
        }
        // Nor are blank forms on paper, until they are registered (R24).
        if let Some((count, overdue)) = waiting_counts(&open, &actor, now).await?.filter(|(count, _)| *count > 0) {
            queues.push(QueueCount { key: "paper".into(), count, overdue, marked: 0 });
        }
        // Nor are checks of the channels.
        if let Some((count, overdue)) = channels::due_counts(&open, &actor, now).await? {
            queues.push(QueueCount { key: "channels".into(), count, overdue, marked: 0 });
        }
        Ok(Board { queues, at: moment(now) })
    }
}

/// The queues of a person in the order of the process.
pub(crate) fn queues(actor: &Actor, now: DateTime<FixedOffset>) -> Vec<Queue> {
    let me = actor.seat;
    let reception = actor.holds(&[role::RECEPTION]);
    let dispatching = actor.holds(DISPATCHING);
    let handling = actor.holds(HANDLING);
    let supervising = actor.holds(&[role::SUPERVISOR]);
    let filing = actor.holds(&[role::RECORDS, role::FILER]);
    let checking = actor.holds(&[role::SUPERVISOR, role::INSPECTOR]);
    let among = |parts: &[(bool, Among)]| {
        let mine = parts.iter().filter(|(his, _)| *his).map(|(_, part)| part.clone());
        mine.reduce(Among::or)
    };
    let in_any = |states: &[&str]| states.iter().map(|state| Among::state(state)).fold(Among::none(), Among::or);
    let by_department = || Among::department(&actor.department).or(Among::held_by(me));
    let everything = supervising || dispatching;
    // What a late form has to do with him.
    let concern = among(&[
        (everything, Among::unfinished()),
        (reception, Among::followed_by(me).or(in_any(&[state::TO_INFORM, state::INFORMED]))),
        (handling, by_department().or(Among::offered_to(me)).or(Among::co_handled_by(&actor.department))),
    ]);
    let concern = concern.map(|concern| concern.and(Among::unfinished()));
    let ms = now.timestamp_millis();
    let late = concern.clone().map(|concern| concern.and(Among::overdue(ms)));
    let today = concern.map(|concern| concern.and(Among::due_within(ms, end_of_day(now))));
    let accept = Among::held_by(me).or(Among::department(&actor.department).and(Among::free_for(&actor.name)));
    let working = in_any(&[state::HANDLING, state::ANSWERED, state::CARRYING_OUT]);
    let suspended =
        among(&[(everything, Among::all()), (reception, Among::followed_by(me)), (handling, Among::held_by(me))]);
    // What he is asked himself is his whatever he does here.
    let asked = Among::asked_of(&me.to_string()).or(Among::asked_of(&actor.name));
    let queried = among(&[
        (everything, Among::all()),
        (reception, Among::followed_by(me)),
        (handling, by_department()),
        (true, asked.or(Among::asked_of(&actor.department))),
    ]);
    let queried = queried.unwrap_or_else(Among::none);
    let always = |key, among: Option<Among>| among.map(|among| Queue { key, among, always: true });
    let some = |key, among| Some(Queue { key, among, always: false });
    [
        always("to_dispatch", (everything).then(|| Among::state(state::TO_DISPATCH))),
        always(
            "to_accept",
            among(&[(everything, Among::all()), (handling, accept)]).map(|a| Among::state(state::DISPATCHED).and(a)),
        ),
        always(
            "mine",
            among(&[
                (reception, Among::state(state::REGISTERED).and(Among::followed_by(me))),
                (handling, working.and(Among::held_by(me))),
            ]),
        ),
        always("due_today", today),
        always("overdue", late),
        always("to_inform", reception.then(|| Among::state(state::TO_INFORM))),
        match reception {
            true => always("to_close", Some(Among::state(state::INFORMED))),
            false => some("to_close", Among::state(state::INFORMED).and(Among::delegated_to(me))),
        },
        always("to_file", filing.then(|| Among::state(state::CLOSED))),
        always("suspended", suspended.map(|a| Among::state(state::SUSPENDED).and(a))),
        always(
            "chased",
            among(&[(everything, Among::all()), (handling, by_department())]).map(|a| Among::chased().and(a)),
        ),
        some("queried", Among::queried().and(queried)),
        some("offered", Among::offered_to(me)),
        always("following", reception.then(|| Among::followed_by(me).and(Among::unfinished()))),
        match checking {
            true => always("measures", Some(Among::with_measures())),
            false => some("measures", Among::owned_by(me)),
        },
        always("out_of_place", supervising.then(Among::out_of_place)),
        always("open", supervising.then(Among::unfinished)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// 24:00 of the day of `now`, in milliseconds since 1970 UTC: a limit in days ends then.
fn end_of_day(now: DateTime<FixedOffset>) -> i64 {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1)).unwrap_or(now.date_naive());
    let midnight = tomorrow.and_time(NaiveTime::MIN).and_local_timezone(now.timezone()).single();
    midnight.unwrap_or(now).timestamp_millis()
}
