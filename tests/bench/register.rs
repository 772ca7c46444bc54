//! Registering, beside bare transactions into a file as large: one that writes as many bytes as a form has, and one that
//! writes as many as registering puts on the disk, which is whole pages of every table and index that it touches.

use std::time::{Duration, Instant};

use kefu_app::wire::RegisterRequest;
use kefu_domain::Values;
use serde_json::json;
use sqlx::sqlite::SqliteConnection;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::{Blobs, connect, logged_pages};
use crate::table::{Bound, Report};

/// Transactions of each, in turns of [`TURN`], so that a noisy disk meets all alike.
const ROUNDS: usize = 2_000;
const TURN: usize = 50;
/// Bytes of a page.
const PAGE: usize = 4096;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut bare = connect(&made.database(), &made.key).await?;
    let bytes = bytes_of_a_form(&mut bare).await?;
    let mut blobs = Blobs::ready(&made.folder.join("floor.db"), &made.key, made.forms, bytes).await?;
    let mut requests = requests(made, ROUNDS + TURN).await?.into_iter();

    logged_pages(&mut bare, true).await?;
    for request in requests.by_ref().take(TURN) {
        made.desk.register(request).await?;
    }
    let pages = logged_pages(&mut bare, false).await? as usize / TURN;
    let (form, written) = (vec![0x5a; bytes], vec![0x5a; pages * PAGE]);

    let (mut ours, mut floor, mut same_pages) = (Samples::default(), Samples::default(), Samples::default());
    let mut whole = Duration::ZERO;
    for _ in 0..ROUNDS / TURN {
        let begun = Instant::now();
        for request in requests.by_ref().take(TURN) {
            timed(&mut ours, made.desk.register(request)).await?;
        }
        // What follows the acknowledgement is no part of the floor's time, but of what a desk does in a second.
        made.desk.settle().await?;
        whole += begun.elapsed();
        for _ in 0..TURN {
            timed(&mut floor, blobs.append(&form)).await?;
        }
        for _ in 0..TURN {
            timed(&mut same_pages, blobs.append(&written)).await?;
        }
    }
    blobs.close().await?;
    // As on a desk between two calls: the segments of the search index are merged by then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    report.row("register, over writing a form's bytes", &ours, Some(&floor), Some(Bound::TimesFloor(2.0)));
    report.row("register, over writing as many pages", &ours, Some(&same_pages), Some(Bound::TimesFloor(2.0)));
    report.note(format!(
        "register: {:.0}/s, {:.0}/s with the indexes and the look for repeated faults that follow; a bare transaction of {bytes} bytes {:.0}/s, ratio {:.1}; of {pages} pages {:.0}/s, ratio {:.1}; \
         slowest {:.0}, {:.0} and {:.0} ms",
        ours.per_second(),
        ROUNDS as f64 / whole.as_secs_f64(),
        floor.per_second(),
        floor.per_second() / ours.per_second(),
        same_pages.per_second(),
        same_pages.per_second() / ours.per_second(),
        ours.worst(),
        floor.worst(),
        same_pages.worst(),
    ));
    Ok(())
}

/// What one form adds to the database: its change, its record, its row of the list and its part of the search index.
async fn bytes_of_a_form(connection: &mut SqliteConnection) -> Outcome<usize> {
    let rows = "SELECT avg(length(c.bytes) + length(c.link) + octet_length(r.body) + octet_length(f.number) \
                + octet_length(f.received_at) + octet_length(f.customer) + octet_length(f.customer_key) \
                + octet_length(f.phone) + octet_length(f.product) + octet_length(f.description)) \
                FROM (SELECT row AS at FROM forms ORDER BY row DESC LIMIT 2000) \
                JOIN forms f ON f.row = at JOIN records r ON r.row = at JOIN changes c ON c.record = at";
    let rows: f64 = sqlx::query_scalar(rows).fetch_one(&mut *connection).await?;
    let index = "SELECT 1.0 * (SELECT sum(length(block)) FROM search_data) / (SELECT count(*) FROM forms)";
    let index: f64 = sqlx::query_scalar(index).fetch_one(connection).await?;
    Ok((rows + index) as usize)
}

/// Requests as callers bring them: the values of registered forms, without what registering fills in.
pub(crate) async fn requests(made: &MadeDesk, count: usize) -> Outcome<Vec<RegisterRequest>> {
    let mut forms: Vec<Values> = Vec::new();
    for (_, form) in made.sample(100).await? {
        let mut values = form.values();
        let given =
            |key: &str| matches!(key, "number" | "registered_at" | "picked_in_three") || key.starts_with("receiver.");
        values.retain(|key, _| !given(key) && made_at_registration(key));
        forms.push(values);
    }
    let request = |nth: usize| {
        let mut values = forms[nth % forms.len()].clone();
        values.insert("product.order_number".into(), json!(format!("2026{nth:012}")));
        // Each caller another: on no desk does a hundred people's fault come back twenty times within a minute.
        values.insert("customer.phone".into(), json!(format!("139{nth:08}")));
        values.insert("product.serial".into(), json!(format!("BN{nth:08}")));
        RegisterRequest { draft: None, values, attachments: Vec::new(), call: None }
    };
    Ok((0..count).map(request).collect())
}

/// Whether the receptionist fills the field in.
fn made_at_registration(key: &str) -> bool {
    let later = ["dispatch.", "handling.", "outcome.", "closing.", "filing.", "transfer.", "escalation."];
    let single = ["settled_on_spot", "passed_on_at", "suspension"];
    !later.iter().any(|block| key.starts_with(block)) && !single.contains(&key)
}
