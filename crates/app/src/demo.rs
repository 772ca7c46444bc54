//! Demonstration data in volume: realistic, and the same for the same seed on an empty desk. Everything goes through the
//! rules and the door, as if a staff had done it.

mod course;
mod words;

use chrono::{DateTime, Duration, FixedOffset, TimeDelta};
use serde_json::json;

use kefu_domain::Values;
use kefu_domain::change::act;
use kefu_domain::decide::moment;
use kefu_domain::rules::{RuleSet, line};
use kefu_local::{FormFilter, FormSort};

use crate::actor::actor;
use crate::desk::Desk;
use crate::failure::logged;
use crate::register::register;
use crate::repeats::pass_over;
use crate::rules::{founding, version};
use crate::wire::{Code, Failure, RegisterRequest, Registered};

/// Forms written in one transaction.
const BATCH: u32 = 500;
/// First call of the demonstration.
const START: &str = "2025-11-03T08:00:00+08:00";
/// Days over which the calls are spread.
const DAYS: i64 = 360;
/// The last of these days, of which some forms have not come far yet.
const RECENT: i64 = 45;

/// Registers `forms` made-up forms; `progress` hears how many are done.
///
/// # Errors
/// The desk is locked or holds forms already, which made-up ones must never mix with; nothing is written then. The disk
/// fails; whole batches are kept.
pub async fn demo(
    desk: &Desk,
    forms: u32,
    seed: u64,
    mut progress: impl FnMut(u32),
) -> Result<Vec<Registered>, Failure> {
    let open = desk.open()?;
    let actor = actor(&open).await?;
    if open.store.list(&FormFilter::default(), FormSort::Received, true, 0, 1).await?.total > 0 {
        return Err(Failure::new(Code::NotEmpty));
    }
    let start = DateTime::parse_from_rfc3339(START).unwrap_or_default();
    let mut dice = Dice(seed ^ 0x9e37_79b9_7f4a_7c15);
    // A company has fewer customers than calls.
    let customers = (forms / 3).max(1);
    let mut door = open.store.door(start).await?;
    door.bring_in();
    let staff = course::enrol(&mut door, actor.seat).await?;
    // The made-up company has had its rules since its first call.
    for set in founding(start.date_naive(), &actor.name).into_iter().filter(|set| set.line == line::HOUSE) {
        let set = RuleSet { version: set.version + 1, ..set };
        let draft = version(&set, act::ADOPT).map_err(|error| logged(Code::Internal, &error))?;
        door.write(draft, actor.seat).await?;
    }
    door.commit().await?;
    let mut agenda = course::Agenda::default();
    let mut registered = Vec::new();
    let mut done = 0;
    while done < forms {
        let now = called_at(start, done, forms);
        let mut door = open.store.door(now).await?;
        door.bring_in();
        for _ in 0..BATCH.min(forms - done) {
            let called = called_at(start, done, forms);
            let registering = called + Duration::minutes(3);
            agenda.work(&open, &mut door, &staff, &mut dice, registering).await?;
            door.set_now(registering);
            let customer = dice.below(u64::from(customers));
            let values = values(&mut dice, customer ^ seed.rotate_left(17), called);
            let request = RegisterRequest { draft: None, values, attachments: Vec::new(), call: None };
            let form = register(&open, &mut door, &actor, request).await?;
            let recent = start + TimeDelta::days(DAYS - RECENT) < called;
            agenda.send(done, form.id, door.now(), recent, &mut dice);
            registered.push(form);
            done += 1;
        }
        door.commit().await?;
        progress(done);
    }
    // What is made up has come as far as it was made to: nothing of it is escalated afterwards.
    pass_over(&open.store).await?;
    Ok(registered)
}

fn called_at(start: DateTime<FixedOffset>, nth: u32, forms: u32) -> DateTime<FixedOffset> {
    let seconds = DAYS * 86_400 * i64::from(nth) / i64::from(forms.max(1));
    start + TimeDelta::seconds(seconds)
}

/// A small generator of our own (SplitMix64), so that the data never changes with a library.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// Whether it falls among `of` in a hundred.
    fn chance(&mut self, of: u64) -> bool {
        self.below(100) < of
    }
}

fn values(dice: &mut Dice, customer: u64, called: DateTime<FixedOffset>) -> Values {
    // The same customer always has the same name, telephone, address and product.
    let mut own = Dice(customer);
    let company = own.chance(12);
    let name: String = if company {
        format!("{}{}{}有限公司", own.pick(words::CITIES), own.pick(words::FIRMS), own.pick(words::TRADES))
    } else {
        let given: String = (0..1 + own.below(2)).map(|_| *own.pick(words::GIVEN)).collect();
        format!("{}{given}", own.pick(words::SURNAMES))
    };
    let mobile = format!("1{}{:09}", own.pick(&[3, 5, 8, 9]), own.below(1_000_000_000));
    let phone =
        if own.chance(70) { mobile.clone() } else { format!("{} {} {}", &mobile[..3], &mobile[3..7], &mobile[7..]) };
    let (product, model) = *own.pick(words::PRODUCTS);
    let city = *own.pick(words::CITIES);
    let (kind, category, sentences) = *dice.pick(words::MATTERS);
    let count = 2 + dice.below(4);
    let mut text: String = (0..count).map(|_| *dice.pick(sentences)).collect();
    text.push_str(dice.pick::<&str>(words::WISHES));
    let filled = json!({
        "received_at": moment(called),
        "channel": dice.pick(&["hotline", "hotline", "hotline", "online_chat", "wechat", "app", "email", "visit"]),
        "ring_count": 1 + dice.below(5),
        "kind": kind,
        "category": category,
        "description": {"text": text.replace("{产品}", product), "marks": []},
        "mood": dice.pick(&["calm", "calm", "displeased", "agitated"]),
        "demands": [dice.pick(&["return", "exchange", "repair", "refund", "compensation", "apology", "explanation"])],
        "customer.name": name,
        "customer.type": if company { "organisation" } else { "person" },
        "customer.phone": phone,
        "customer.region": city,
        "customer.address": format!("{}{} 号 {} 室", own.pick(words::STREETS), 1 + own.below(400), 101 + own.below(1800)),
        "product.name": product,
        "product.model": model,
        "product.serial": format!("{}{:08}", &model[..2], own.below(100_000_000)),
        "product.order_number": format!("2025{:012}", dice.below(1_000_000_000_000)),
        "informed": true,
    });
    match filled {
        serde_json::Value::Object(members) => members.into_iter().collect(),
        _ => Values::new(),
    }
}
