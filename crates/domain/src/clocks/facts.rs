//! What the clocks need to know of a form: plain data, so that a draft, a form of an import and a line of the terminal
//! are timed by the same rules as a record.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

/// Name of something that happened to a form once. Text, so that events of a newer version survive.
pub type Event = String;

/// Names of the events that the shipped rule sets use.
pub mod event {
    /// The customer's call or letter came in (来电时间).
    pub const RECEIVED: &str = "received";
    /// The form was registered (登记).
    pub const REGISTERED: &str = "registered";
    /// The customer got a first answer of a person (首次响应).
    pub const RESPONDED: &str = "responded";
    /// Settled at first contact (当场解决, path A).
    pub const SETTLED: &str = "settled";
    /// The customer was told that it is passed on (转办告知, path B).
    pub const PASSED_ON: &str = "passed_on";
    /// Dispatched to a department (分发).
    pub const DISPATCHED: &str = "dispatched";
    /// The department took it over (接收).
    pub const ACCEPTED: &str = "accepted";
    /// Work on it began (开始处理).
    pub const STARTED: &str = "started";
    /// A solution was offered to the customer (方案答复).
    pub const ANSWERED: &str = "answered";
    /// Carried out and handed back (处理完毕).
    pub const DONE: &str = "done";
    /// The customer was told the result (告知客户).
    pub const INFORMED: &str = "informed";
    /// Closed (关闭).
    pub const CLOSED: &str = "closed";
    /// Declared void (作废).
    pub const VOIDED: &str = "voided";
    /// Merged into another form, whose clocks go on (合并).
    pub const MERGED: &str = "merged";
    /// Goods that the customer sends back have arrived (退货收到).
    pub const GOODS_RETURNED: &str = "goods_returned";
    /// The price was paid back (已退款).
    pub const REFUNDED: &str = "refunded";
}

/// Events after which no clock of the form runs on.
pub const ENDINGS: [&str; 3] = [event::CLOSED, event::VOIDED, event::MERGED];

/// A time during which the form was suspended (挂起).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Beginning.
    pub from: DateTime<FixedOffset>,
    /// End; none while it lasts.
    pub to: Option<DateTime<FixedOffset>>,
    /// Why: `waiting_customer`, `waiting_parts` or a code of the company's.
    pub reason: String,
}

/// Names of the shipped reasons of a pause.
pub mod pause {
    /// 待客户.
    pub const WAITING_CUSTOMER: &str = "waiting_customer";
    /// 待备件.
    pub const WAITING_PARTS: &str = "waiting_parts";
}

/// A form as its clocks see it. Codes are those of the form; an empty one is not filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// 类别 (code list `kind`).
    pub kind: String,
    /// 业务类别 (code list `category`).
    pub category: String,
    /// 严重度 (code list `severity`).
    pub severity: String,
    /// 受理渠道 (code list `channel`).
    pub channel: String,
    /// 客户要求 (code list `demand`).
    pub demands: Vec<String>,
    /// 责任部门 that has it now; its calendar counts. Empty before dispatch.
    pub department: String,
    /// What has happened, and when. Of a form that was reopened: the events of the present round.
    pub events: BTreeMap<Event, DateTime<FixedOffset>>,
    /// Suspensions, in any order; they may overlap.
    pub pauses: Vec<Pause>,
    /// Moments that fields of the form name, by field key: `handling.promised_at`, `reply_by`.
    pub promised: BTreeMap<String, DateTime<FixedOffset>>,
}
