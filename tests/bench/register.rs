//! Registering, beside a bare transaction that writes as many bytes into a file as large.

use kefu_app::wire::RegisterRequest;
use kefu_domain::Values;
use serde_json::json;
use sqlx::sqlite::SqliteConnection;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::{Samples, timed};
use crate::floor::{Blobs, connect};
use crate::table::{Bound, Report};

/// Transactions of each, in turns of [`TURN`], so that a noisy disk meets both alike.
const ROUNDS: usize = 2_000;
const TURN: usize = 50;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let bytes = bytes_of_a_form(&mut connect(&made.database(), &made.key).await?).await?;
    let mut blobs = Blobs::ready(&made.folder.join("floor.db"), &made.key, made.forms, bytes).await?;
    let forms = fresh_forms(made).await?;
    let (mut ours, mut floor) = (Samples::default(), Samples::default());
    for turn in 0..ROUNDS / TURN {
        for nth in 0..TURN {
            let mut values = forms[(turn * TURN + nth) % forms.len()].clone();
            values.insert("product.order_number".into(), json!(format!("2026{:012}", turn * TURN + nth)));
            let request = RegisterRequest { draft: None, values, attachments: Vec::new() };
            timed(&mut ours, made.desk.register(request)).await?;
        }
        for _ in 0..TURN {
            timed(&mut floor, blobs.append()).await?;
        }
    }
    blobs.close().await?;
    report.row("register", &ours, Some(&floor), Some(Bound::TimesFloor(2.0)));
    report.note(format!(
        "register: {:.0}/s, bare transaction of {bytes} bytes {:.0}/s, ratio {:.1}; slowest {:.1} and {:.1} ms",
        ours.per_second(),
        floor.per_second(),
        floor.per_second() / ours.per_second(),
        ours.worst(),
        floor.worst(),
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

/// Values as callers bring them: those of registered forms, without what registering fills in.
async fn fresh_forms(made: &MadeDesk) -> Outcome<Vec<Values>> {
    let mut forms = Vec::new();
    for row in made.sample(100).await? {
        let mut values = made.desk.show(row.id).await?.values;
        let given =
            |key: &str| matches!(key, "number" | "registered_at" | "picked_in_three") || key.starts_with("receiver.");
        values.retain(|key, _| !given(key));
        forms.push(values);
    }
    Ok(forms)
}
