//! The exchange with the shared database from a terminal: once for scheduled jobs, or for as long as it is left running.

use kefu_app::Desk;
use kefu_app::wire::{Code, Failure, Standing};
use serde_json::json;

use crate::{complain, line, words};

/// Exchanges and says where the desk stands. False where an exchange did not come to its end; why is on standard error.
pub(crate) async fn sync(desk: &Desk, watch: bool) -> Result<bool, Failure> {
    if !desk.standing().await?.joined {
        return Err(Failure::new(Code::NoWorkspace));
    }
    if watch {
        desk.keep_exchanging(|standing| {
            say(standing);
        })
        .await;
        return Ok(true);
    }
    Ok(say(&desk.exchange().await?))
}

fn say(standing: &Standing) -> bool {
    line(&serde_json::to_value(standing).unwrap_or_default());
    if let Some(trouble) = &standing.trouble {
        complain(&words::failure(trouble).to_string());
    }
    standing.trouble.is_none()
}

/// A line for each value that stands against another.
pub(crate) async fn conflicts(desk: &Desk) -> Result<(), Failure> {
    for conflict in desk.conflicts().await? {
        for value in &conflict.values {
            line(&json!({
                "title": conflict.title, "kind": conflict.kind, "field": conflict.field, "value": value.value,
                "member": value.member, "device": value.device, "at": value.at, "counts": value.counts,
            }));
        }
    }
    Ok(())
}
