//! A technician's device: what it does with some thousand records in his hands, which came to it by an exchange as on
//! any device. Half of them are forms given to him, half the sheets of the visits to these customers.

use std::sync::Arc;
use std::time::Instant;

use chrono::{Days, Utc};
use kefu_app::Desk;
use kefu_app::wire::{ActRequest, DispatchRequest, ServiceActRequest, ServicesRequest};
use kefu_testkit::MemoryRing;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::exchange::{founded, join, server, sound};
use crate::figures::{Samples, timed};
use crate::floor::{Blobs, connect};
use crate::register::requests;
use crate::table::{Bound, Report};
use crate::{find, open, start};

/// His name.
const NAME: &str = "周工";
/// Visits on one day.
const A_DAY: u64 = 8;
/// Sheets opened and written to, in turns of [`TURN`], so that a noisy disk meets all alike.
const SHEETS: usize = 300;
const TURN: usize = 20;

pub(crate) async fn measure(assigned: u32, report: &mut Report) -> Outcome {
    let Some(server) = server() else {
        report.note("field: left out, there is no PostgreSQL on this machine");
        return Ok(());
    };
    let (desk, folder) = founded(&server, 0).await?;
    let office = MadeDesk::of(desk, folder, 100)?;
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(|| Utc::now().fixed_offset());
    let phone = Desk::with(folder.path(), Arc::new(MemoryRing::default()), clock);
    sound(&office.desk.exchange().await?)?;
    join(&office.desk, &phone, (NAME, "F1"), &["technician"]).await?;
    for desk in [&office.desk, &phone] {
        sound(&desk.exchange().await?)?;
    }
    let half = assigned / 2;
    let sheets = hand_over(&office, half as usize).await?;
    sound(&office.desk.exchange().await?)?;
    let begun = Instant::now();
    sound(&phone.exchange().await?)?;
    let loaded = begun.elapsed();
    office.desk.lock().await;

    report.of("field: ");
    let made = MadeDesk::of(phone, folder, half)?;
    let mut bare = connect(&made.database(), &made.key).await?;
    let held: i64 = sqlx::query_scalar("SELECT (SELECT count(*) FROM services) + (SELECT count(*) FROM forms)")
        .fetch_one(&mut bare)
        .await?;
    if held != i64::from(2 * half) {
        return Err(format!("{held} of {} records are in his hands", 2 * half).into());
    }
    find::measure(&made, find::FIELD, report).await?;
    open::forms(&made, report).await?;
    visits(&made, &sheets, report).await?;
    fill(&made, &sheets, report).await?;
    made.desk.lock().await;
    start::measure(&made, report).await?;
    report.note(format!("{held} records in his hands, loaded in {:.1} s", loaded.as_secs_f64()));
    report.of("");
    Ok(())
}

/// The visits of the day after so many.
fn day(nth: u64) -> ServicesRequest {
    let day = (Utc::now().date_naive() + Days::new(nth + 1)).to_string();
    ServicesRequest { from: day.clone(), until: day, ..ServicesRequest::default() }
}

/// Registers forms, gives each to the technician, and dispatches him to the customer.
async fn hand_over(office: &MadeDesk, count: usize) -> Outcome<Vec<Uuid>> {
    let mut sheets = Vec::with_capacity(count);
    let values = |values: Value| serde_json::from_value(values);
    for (nth, request) in requests(office, count).await?.into_iter().enumerate() {
        let id = office.desk.register(request).await?.id;
        office.desk.act(ActRequest { id, act: "pass_on".into(), ..ActRequest::default() }).await?;
        let given = values(json!({"dispatch.department": "客服部", "dispatch.handler": NAME}))?;
        office.desk.act(ActRequest { id, act: "dispatch".into(), values: given, ..ActRequest::default() }).await?;
        let from = Utc::now().date_naive() + Days::new(nth as u64 / A_DAY + 1);
        let from = format!("{from}T{:02}:00:00+00:00", 8 + nth as u64 % A_DAY);
        let planned = values(json!({"engineer": NAME, "type": "repair", "planned.from": from}))?;
        let request = DispatchRequest { form: Some(id), values: planned };
        sheets.push(office.desk.dispatch_service(request).await?.id);
        if (nth + 1) % 500 == 0 {
            println!("{} of {count} forms and sheets handed over", nth + 1);
        }
    }
    Ok(sheets)
}

/// So many of the sheets, spread evenly.
fn sample(sheets: &[Uuid]) -> impl Iterator<Item = Uuid> + '_ {
    (0..SHEETS).filter_map(|nth| sheets.get(sheets.len() * nth / SHEETS).copied())
}

/// His day, and one of its sheets, beside the bare reading of the same.
async fn visits(made: &MadeDesk, sheets: &[Uuid], report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let (mut days, mut floor) = (Samples::default(), Samples::default());
    let last = sheets.len() as u64 / A_DAY;
    for nth in 0..SHEETS as u64 {
        timed(&mut days, made.desk.services(day(nth % last.max(1)))).await?;
        let bodies = sqlx::query_scalar::<_, String>(
            "SELECT r.body FROM services s JOIN records r ON r.row = s.row WHERE s.engineer = (SELECT engineer FROM services \
             LIMIT 1) ORDER BY s.starts LIMIT 8 OFFSET ?",
        );
        timed(&mut floor, bodies.bind((nth % last.max(1) * A_DAY) as i64).fetch_all(&mut bare)).await?;
    }
    report.row("his day, over reading its records", &days, Some(&floor), Some(Bound::AtMost(15.0)));
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for id in sample(sheets) {
        timed(&mut ours, made.desk.service(id)).await?;
        let changes = sqlx::query_scalar::<_, Vec<u8>>(
            "SELECT bytes FROM changes WHERE record = (SELECT row FROM records WHERE id = ?)",
        );
        timed(&mut floor, changes.bind(id).fetch_all(&mut bare)).await?;
    }
    report.row("open a sheet, over reading its changes", &ours, Some(&floor), Some(Bound::AtMost(5.0)));
    Ok(())
}

/// Accepting a visit and filling in what was found, beside a bare transaction of as many bytes as change and record have.
async fn fill(made: &MadeDesk, sheets: &[Uuid], report: &mut Report) -> Outcome {
    let act = |id: Uuid, act: &str, values: Value| -> Outcome<ServiceActRequest> {
        let values = serde_json::from_value(values)?;
        Ok(ServiceActRequest { id, act: act.into(), values, ..ServiceActRequest::default() })
    };
    let found =
        json!({"findings": "点火针积碳，火焰不稳", "measures": "清理并更换点火针，试机三次正常", "result": "ok"});
    let (warm, measured): (Vec<Uuid>, Vec<Uuid>) =
        (sample(sheets).take(TURN).collect(), sample(sheets).skip(TURN).collect());
    for id in warm {
        made.desk.service_act(act(id, "accept", json!({}))?).await?;
        made.desk.service_act(act(id, "fill", found.clone())?).await?;
    }
    let mut bare = connect(&made.database(), &made.key).await?;
    let sql = "SELECT avg(length(c.bytes) + length(c.link) + octet_length(r.body)) FROM \
               (SELECT place, record, link, bytes FROM changes ORDER BY place DESC LIMIT 40) c JOIN records r ON r.row = c.record";
    let bytes: f64 = sqlx::query_scalar(sql).fetch_one(&mut bare).await?;
    let mut blobs =
        Blobs::ready(&made.folder.join("field-floor.db"), &made.key, 2 * made.forms, bytes as usize).await?;
    let written = vec![0x5a; bytes as usize];
    let (mut ours, mut shown, mut floor) = (Samples::default(), Samples::default(), Samples::default());
    for turn in measured.chunks(TURN) {
        for id in turn {
            for request in [act(*id, "accept", json!({}))?, act(*id, "fill", found.clone())?] {
                timed(&mut ours, made.desk.commit_service(request)).await?;
                timed(&mut shown, made.desk.service(*id)).await?;
            }
        }
        for _ in 0..2 * turn.len() {
            timed(&mut floor, blobs.append(&written)).await?;
        }
    }
    blobs.close().await?;
    report.row("save a sheet, over writing as many bytes", &ours, Some(&floor), Some(Bound::TimesFloor(3.0)));
    report.row("the sheet as it is then", &shown, None, Some(Bound::AtMost(5.0)));
    Ok(())
}
