//! `kefu channels`: how the channels are checked, what is due, and the log of what was found.

use kefu_app::Desk;
use kefu_app::wire::{
    ChannelCheck, ChannelLogRequest, ChannelRow, Channels, CheckChannelRequest, Code, Failure, SaveChannelRequest,
};
use serde_json::{Value, json};

use crate::arguments::Words;
use crate::line;

/// Options that take a value and belong to no other command.
pub(crate) const VALUED: [&str; 6] = ["--every", "--who", "--how", "--result", "--note", "--follow-up"];

/// What is asked. A channel goes by its code or its name.
#[derive(Debug, PartialEq)]
pub(crate) enum ChannelsCommand {
    List,
    /// What is not named stays as it is; `every` 0: it is not checked any more.
    Set {
        channel: String,
        every: Option<u32>,
        who: Option<String>,
        how: Option<String>,
    },
    Suggest,
    Check {
        channel: String,
        result: String,
        note: String,
        follow_up: String,
    },
    Log {
        channel: String,
        limit: u32,
    },
}

impl ChannelsCommand {
    /// Reads what follows `kefu channels`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub(crate) fn read(words: &mut Words) -> Result<Self, String> {
        let what = words.one("what").ok().map(|word| word.to_string_lossy().into_owned());
        let channel = |words: &mut Words| words.one_text("the code or the name of a channel");
        Ok(match what.as_deref() {
            None | Some("list") => ChannelsCommand::List,
            Some("set") => ChannelsCommand::Set {
                channel: channel(words)?,
                every: words.number("--every")?,
                who: words.text("--who")?,
                how: words.text("--how")?,
            },
            Some("suggest") => ChannelsCommand::Suggest,
            Some("check") => ChannelsCommand::Check {
                channel: channel(words)?,
                result: words.text("--result")?.ok_or("kefu channels check: --result normal|fault is needed")?,
                note: words.text("--note")?.unwrap_or_default(),
                follow_up: words.text("--follow-up")?.unwrap_or_default(),
            },
            Some("log") => {
                ChannelsCommand::Log { channel: channel(words)?, limit: words.number("--limit")?.unwrap_or(50) }
            }
            Some(other) => return Err(format!("kefu channels: unknown {other}")),
        })
    }
}

/// Runs it on an open desk.
pub(crate) async fn run(desk: &Desk, command: ChannelsCommand) -> Result<(), Failure> {
    match command {
        ChannelsCommand::List => tell(&desk.channels().await?, |_| true),
        ChannelsCommand::Set { channel, every, who, how } => {
            let before = desk.channels().await?.rows.into_iter().find(|row| names(row, &channel));
            let mut routine = before.map(|row| row.routine).unwrap_or_default();
            routine.every = every.map_or(routine.every, |days| Some(days).filter(|days| *days > 0));
            routine.who = who.unwrap_or(routine.who);
            routine.how = how.unwrap_or(routine.how);
            let request = SaveChannelRequest { code: channel.clone(), routine };
            tell(&desk.save_channel(request).await?, |row| names(row, &channel));
        }
        ChannelsCommand::Suggest => tell(&desk.suggest_channels().await?, |row| row.routine.every.is_some()),
        ChannelsCommand::Check { channel, result, note, follow_up } => {
            let request = CheckChannelRequest { code: channel.clone(), result, note, follow_up };
            tell(&desk.check_channel(request).await?, |row| names(row, &channel));
        }
        ChannelsCommand::Log { channel, limit } => {
            if !desk.channels().await?.rows.iter().any(|row| names(row, &channel)) {
                return Err(Failure::new(Code::NotFound));
            }
            let (mut before, mut left) = (None, limit);
            while left > 0 {
                let request = ChannelLogRequest { code: channel.clone(), before, limit: left };
                let part = desk.channel_log(request).await?;
                part.checks.iter().for_each(|check| line(&found(check)));
                left = left.saturating_sub(u32::try_from(part.checks.len()).unwrap_or(left));
                before = part.checks.last().map(|check| check.id);
                if !part.more {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn names(row: &ChannelRow, channel: &str) -> bool {
    [&row.code, &row.label].contains(&&channel.trim().to_string())
}

/// A line for each channel that is meant.
fn tell(channels: &Channels, meant: impl Fn(&ChannelRow) -> bool) {
    for row in channels.rows.iter().filter(|row| meant(row)) {
        line(&json!({
            "channel": row.code, "name": row.label, "every": row.routine.every, "who": row.routine.who,
            "how": row.routine.how, "due": row.due, "missing_year": row.missing_year, "is_due": row.is_due,
            "overdue": row.overdue, "last": row.last.as_ref().map(found), "fault": row.fault.as_ref().map(found),
        }));
    }
}

fn found(check: &ChannelCheck) -> Value {
    json!({"at": check.at, "by": check.by, "result": check.result, "note": check.note, "follow_up": check.follow_up})
}
