//! Calls that a softphone announces (`kefu://call?from=…&rings=…`): read strictly, kept while the desk is locked, and
//! made into drafts of their own, so that a call never writes over the sheet on screen.
//!
//! Nothing here is logged: the address names the caller.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use kefu_domain::decide::moment;
use kefu_domain::phone::Phone;
use kefu_domain::{Line, Values};

use crate::desk::Desk;
use crate::wire::{Call, CallsWaiting, Draft, DraftSaveRequest, Failure, FieldError, Problem};

/// Scheme of the addresses that softphones call up.
pub const SCHEME: &str = "kefu";

/// Longest address that is looked at.
const LONGEST: usize = 512;
/// More rings than anybody lets it ring: the program that says so counts something else.
const MOST_RINGS: u32 = 60;
/// Calls that may wait. Any web page can call up the address; it must not fill the memory.
const MOST_WAITING: usize = 20;
/// How far the clocks of softphone and desk may differ.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// A call picked up longer ago is no call to register now.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// What telephone systems write where the caller withholds the number.
const WITHHELD: [&str; 6] = ["anonymous", "unknown", "private", "withheld", "unavailable", "restricted"];

/// Why an address is no call. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCall {
    /// Not `kefu://call?…`, or longer than 512 bytes.
    #[error("not an address of a call")]
    NotACall,
    /// `from` is missing, although the number may be empty.
    #[error("from is missing")]
    NoFrom,
    /// The same part stands twice.
    #[error("a part stands twice")]
    Twice,
    /// `from` or `to` is no telephone number.
    #[error("not a telephone number")]
    Number,
    /// `rings` is no whole number from 0 to 60.
    #[error("not a count of rings")]
    Rings,
    /// `at` is no moment within the last day.
    #[error("not a moment of the last day")]
    Time,
    /// Too many calls wait already.
    #[error("too many calls wait")]
    TooMany,
}

/// Reads the address of a call: `from` is needed, `rings`, `to` and `at` (RFC 3339, or local time without a zone) are
/// not, others are left alone. A `+` is a plus, as numbers have it, and no space.
///
/// # Errors
/// What is wrong with it; nothing is guessed.
pub fn read_call(address: &str, now: DateTime<FixedOffset>) -> Result<Call, BadCall> {
    let parts = Some(address.trim()).filter(|text| text.len() <= LONGEST).and_then(query).ok_or(BadCall::NotACall)?;
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    for part in parts.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let Some(name) = ["from", "rings", "to", "at"].into_iter().find(|known| *known == name) else { continue };
        let value = unescaped(value).ok_or(BadCall::NotACall)?;
        if known.insert(name, value.trim().to_string()).is_some() {
            return Err(BadCall::Twice);
        }
    }
    let given = |name: &str| known.get(name).filter(|value| !value.is_empty());
    let at = match given("at") {
        Some(text) => moment_of(text, now).filter(|at| *at <= now + AHEAD).ok_or(BadCall::Time)?,
        None => now,
    };
    let call = Call {
        from: number(known.get("from").ok_or(BadCall::NoFrom)?),
        rings: given("rings").map(|text| text.parse().map_err(|_| BadCall::Rings)).transpose()?,
        to: number(given("to").map_or("", String::as_str)),
        // Clocks differ a little; a form is never received in the future.
        at: moment(at.min(now)),
    };
    checked(&call, now).map(|()| call)
}

/// The address of `call`, which [`read_call`] reads back.
pub fn call_address(call: &Call) -> String {
    let rings = call.rings.map(|n| n.to_string()).unwrap_or_default();
    let parts = [("from", &call.from), ("rings", &rings), ("to", &call.to), ("at", &call.at)];
    let parts = parts.into_iter().filter(|(name, value)| *name == "from" || !value.is_empty());
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("{SCHEME}://call?{}", parts.join("&"))
}

/// What stands behind `kefu://call?`.
fn query(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let (place, parts) = rest.split_once('?').unwrap_or((rest, ""));
    // Browsers write a slash behind the place, and some systems change the case.
    let place = place.trim_end_matches('/');
    (scheme.eq_ignore_ascii_case(SCHEME) && place.eq_ignore_ascii_case("call"))
        .then(|| parts.split('#').next().unwrap_or_default())
}

/// A number without what telephone systems put around it: `sip:138…@10.0.0.2`, `tel:+86…`, `anonymous`.
fn number(text: &str) -> String {
    let bare = ["sip:", "sips:", "tel:"].into_iter().find_map(|prefix| {
        let head = text.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| text[prefix.len()..].split(['@', ';']).next().unwrap_or_default())
    });
    let bare = bare.unwrap_or(text).trim();
    if WITHHELD.iter().any(|word| bare.eq_ignore_ascii_case(word)) { String::new() } else { bare.to_string() }
}

/// A moment with its zone, or of the desk's where none is written.
fn moment_of(text: &str, now: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok()?;
        local.and_local_timezone(now.timezone()).single()
    })
}

/// Whether a call may become part of a form: it may come back from the interface, too.
pub(crate) fn checked(call: &Call, now: DateTime<FixedOffset>) -> Result<(), BadCall> {
    let telephone = |text: &str| text.is_empty() || Phone::parse(text).is_some();
    if !telephone(&call.from) || !telephone(&call.to) {
        return Err(BadCall::Number);
    }
    if call.rings.is_some_and(|rings| rings > MOST_RINGS) {
        return Err(BadCall::Rings);
    }
    let at = DateTime::parse_from_rfc3339(&call.at).map_err(|_| BadCall::Time)?;
    if at > now || at < now - OLDEST { Err(BadCall::Time) } else { Ok(()) }
}

/// The line of the call log (通话记录) that a call which opened the intake becomes at registration.
pub(crate) fn line(call: &Call, who: &str, now: DateTime<FixedOffset>) -> Result<Line, Failure> {
    // The draft of a call may lie for days before it is registered; only the numbers have to be sound still.
    let at = DateTime::parse_from_rfc3339(&call.at).unwrap_or(now);
    checked(&Call { at: moment(now), ..call.clone() }, now)
        .map_err(|_| Failure::fields(vec![FieldError::new("calls.number", Problem::NotAPhone)]))?;
    let mut values = Values::from([
        ("at".to_string(), json!(moment(at.min(now)))),
        ("direction".to_string(), json!("in")),
        ("outcome".to_string(), json!("reached")),
    ]);
    if !call.from.is_empty() {
        values.insert("number".into(), json!(call.from));
    }
    if let Some(rings) = call.rings {
        values.insert("rings".into(), json!(rings));
    }
    if !who.is_empty() {
        values.insert("who".into(), json!(who));
    }
    Ok(Line { id: Uuid::now_v7(), values, struck: false })
}

impl Desk {
    /// Reads the address of a call by the desk's clock; nothing waits for it.
    ///
    /// # Errors
    /// As [`read_call`].
    pub fn read_call(&self, address: &str) -> Result<Call, BadCall> {
        read_call(address, self.now())
    }

    /// Takes in the address of a call. It waits until [`Desk::take_calls`], locked or not. A number that waits already
    /// is the same call announced again: the later word counts.
    ///
    /// # Errors
    /// It is no call, or too many wait.
    pub fn announce(&self, address: &str) -> Result<(), BadCall> {
        let call = read_call(address, self.now())?;
        let mut waiting = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = waiting.iter_mut().find(|known| known.from == call.from && !call.from.is_empty()) {
            *same = call;
        } else if waiting.len() < MOST_WAITING {
            waiting.push_back(call);
        } else {
            return Err(BadCall::TooMany);
        }
        Ok(())
    }

    /// How many calls wait.
    pub fn waiting_calls(&self) -> CallsWaiting {
        let waiting = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        CallsWaiting { count: u32::try_from(waiting.len()).unwrap_or(u32::MAX) }
    }

    /// Makes a draft of every call that waits, the longest waiting first: channel, number, rings and time filled in.
    /// Each is on disk before its call stops waiting.
    ///
    /// # Errors
    /// The desk is locked, or the disk is full: the calls that are no drafts yet go on waiting.
    pub async fn take_calls(&self) -> Result<Vec<Draft>, Failure> {
        self.open()?;
        let mut drafts = Vec::new();
        loop {
            let next = self.calls.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(call) = next else { return Ok(drafts) };
            let mut values =
                Values::from([("channel".to_string(), json!("hotline")), ("received_at".to_string(), json!(call.at))]);
            if !call.from.is_empty() {
                values.insert("customer.phone".into(), json!(call.from));
            }
            if let Some(rings) = call.rings {
                values.insert("ring_count".into(), json!(rings));
            }
            let request =
                DraftSaveRequest { id: Uuid::now_v7(), values, attachments: Vec::new(), call: Some(call.clone()) };
            match self.save_draft(request).await {
                Ok(draft) => drafts.push(draft),
                Err(failure) => {
                    self.calls.lock().unwrap_or_else(PoisonError::into_inner).push_front(call);
                    return if drafts.is_empty() { Err(failure) } else { Ok(drafts) };
                }
            }
        }
    }
}

/// A value with what is not plain in an address as `%XX`.
fn escaped(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b':' | b'+' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// A value as [`escaped`] or `encodeURIComponent` made it; None where it is no UTF-8 or cut short.
fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests;
