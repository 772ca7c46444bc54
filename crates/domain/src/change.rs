//! A change: the only thing that is ever written. Who, when, which record, which fields, which act.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::Stamp;

/// What kind of record a change belongs to. A string, so that kinds of a newer version survive here.
pub type Kind = String;

/// Names of the record kinds this version knows.
pub mod kind {
    /// A 《客服登记表》.
    pub const FORM: &str = "form";
    /// The company that owns the desk, one record.
    pub const COMPANY: &str = "company";
    /// A member of the staff.
    pub const MEMBER: &str = "member";
    /// What the company added to the form template, one record.
    pub const TEMPLATE: &str = "template";
    /// One version of a rule set: field `set`. A version is never edited; a later one takes over.
    pub const RULES: &str = "rules";
    /// Years of public holidays that were imported, one record: a field for each year.
    pub const YEARS: &str = "years";
    /// A script (话术) that the company edited: field `script`.
    pub const SCRIPT: &str = "script";
    /// What is known of a customer beyond his forms: corrections, and into whom he was merged.
    pub const CUSTOMER: &str = "customer";
    /// What was agreed for a product beyond its forms: days, warranty, contract (R32); where it was installed.
    pub const PRODUCT: &str = "product";
    /// A 《售后服务单》: one visit of a technician (派工, R42, R43, R140).
    pub const SERVICE: &str = "service";
    /// An after-sales plan: what is done for a customer, when and by whom (R138, R139).
    pub const PLAN: &str = "service_plan";
    /// Moves of parts in and out of one place, a van or the store: list `moves`.
    pub const STOCK: &str = "stock";
    /// What a technician can do and where he drives: skills and districts.
    pub const CREW: &str = "crew";
    /// A 《客户回访记录表》: one return visit, planned, tried, recorded (R74, R90–R94).
    pub const VISIT: &str = "visit";
    /// A plan that gives a customer periodic return visits (R90).
    pub const VISIT_PLAN: &str = "visit_plan";
    /// A quarterly satisfaction survey: whom it drew, and how (R104).
    pub const VISIT_ROUND: &str = "visit_round";
    /// 纸质登记本: blank forms that one device printed on one day with numbers set aside for them (R24).
    pub const BOOK: &str = "book";
    /// One version of the questionnaire of return visits: field `set`. A version is never edited.
    pub const QUESTIONNAIRE: &str = "questionnaire";
    /// A channel by which customers reach the company: how it is checked, list `checks` of what was found (R23).
    pub const CHANNEL: &str = "channel";
    /// A question with its checked answer (知识库, R71): field `entry`.
    pub const KNOWLEDGE: &str = "knowledge";

    /// Kinds that every device needs, whoever sits there: the company, its people, its form, its rules, its words.
    pub const SHARED: [&str; 8] = [COMPANY, TEMPLATE, RULES, YEARS, SCRIPT, KNOWLEDGE, MEMBER, CREW];
}

/// What was done. A string on the wire, so that acts of a newer version survive here.
pub type Act = String;

/// Names of the acts this version knows.
pub mod act {
    /// The company starts its desk.
    pub const FOUND: &str = "found";
    /// A member takes a seat.
    pub const ENROL: &str = "enrol";
    /// A form is registered and gets its number (登记).
    pub const REGISTER: &str = "register";
    /// Fields are corrected or completed afterwards, with a reason (更正).
    pub const CORRECT: &str = "correct";
    /// A form is declared void, with a reason (作废).
    pub const VOID: &str = "void";
    /// A copy went to the printer or into a file.
    pub const PRINT: &str = "print";
    /// Path A: explained, apologised, accepted by the customer at first contact (当场解决, R63).
    pub const SETTLE: &str = "settle";
    /// Path B: the customer was told that the matter is passed on (转办告知, R46).
    pub const PASS_ON: &str = "pass_on";
    /// Sent to a department or person, or to another one (分发, R40–R44).
    pub const DISPATCH: &str = "dispatch";
    /// The department, or the person a transfer goes to, sends it back (退回).
    pub const DECLINE: &str = "decline";
    /// The department, or the person a transfer goes to, takes it over (接收).
    pub const ACCEPT: &str = "accept";
    /// Offered to another person, who has to accept (转交, R47–R50).
    pub const TRANSFER: &str = "transfer";
    /// A solution and a date were offered to the customer (方案答复, R55–R59).
    pub const ANSWER: &str = "answer";
    /// The solution is being carried out (实施).
    pub const CARRY_OUT: &str = "carry_out";
    /// Done; the result goes back to the desk (处理完毕, R66).
    pub const HAND_BACK: &str = "hand_back";
    /// The customer was told the result (回告, R66–R69).
    pub const INFORM: &str = "inform";
    /// Closed by the desk (关闭, R67).
    pub const CLOSE: &str = "close";
    /// A supervisor names who else may close this form (R67).
    pub const DELEGATE_CLOSE: &str = "delegate_close";
    /// Put into the archive (归档, R5, R95).
    pub const FILE: &str = "file";
    /// Waits for the customer or for parts (挂起).
    pub const SUSPEND: &str = "suspend";
    /// Goes on where it was suspended (恢复).
    pub const RESUME: &str = "resume";
    /// Not solved after all (重开, R70).
    pub const REOPEN: &str = "reopen";
    /// The same matter is handled on another form (合并).
    pub const MERGE: &str = "merge";
    /// The merge was a mistake (取消合并).
    pub const UNMERGE: &str = "unmerge";
    /// Brought to a higher level, with a reason (升级).
    pub const ESCALATE: &str = "escalate";
    /// Progress is asked after (督办, R65).
    pub const CHASE: &str = "chase";
    /// A 督办 line gets its reply.
    pub const ANSWER_CHASE: &str = "answer_chase";
    /// Something has to be checked before the customer gets an answer (提请核实, R71).
    pub const QUERY: &str = "query";
    /// What the check brought, and on what it rests (核实结果, R71).
    pub const QUERY_ANSWER: &str = "query_answer";
    /// A line of the course of handling (过程).
    pub const NOTE: &str = "note";
    /// A telephone call about the form (R30).
    pub const LOG_CALL: &str = "log_call";
    /// A corrective, preventive or improvement measure is laid down (R10).
    pub const MEASURE_ADD: &str = "measure_add";
    /// The owner reports a measure as done.
    pub const MEASURE_DONE: &str = "measure_done";
    /// Somebody other than the owner verifies it (R10).
    pub const MEASURE_VERIFY: &str = "measure_verify";
    /// The way in which the customer's identity was verified (R33, R79).
    pub const VERIFY_IDENTITY: &str = "verify_identity";
    /// The customer agrees to something (R121).
    pub const CONSENT: &str = "consent";
    /// The customer no longer agrees.
    pub const WITHDRAW_CONSENT: &str = "withdraw_consent";
    /// Something was given to a third party (R121).
    pub const DISCLOSE: &str = "disclose";
    /// Somebody looked at fields that are masked for him (R120).
    pub const REVEAL: &str = "reveal";
    /// The customer was given what is held about him (个人信息保护法 45).
    pub const HAND_OUT: &str = "hand_out";
    /// What tells of the customer is destroyed on his demand (个人信息保护法 47).
    pub const ERASE: &str = "erase";
    /// The last act is taken back.
    pub const UNDO: &str = "undo";
    /// Follows the form until the customer was told (跟进, R49).
    pub const FOLLOW: &str = "follow";
    /// Follows it no longer (R50).
    pub const UNFOLLOW: &str = "unfollow";
    /// A rule set that ships with the program becomes the company's (R15).
    pub const ADOPT: &str = "adopt";
    /// A return visit is due (回访): written by the program with the closing that it follows from (R91, R92).
    pub const VISIT_PLAN: &str = "visit_plan";
    /// The customer wants no visits: the one that was due is left out, with the reason.
    pub const VISIT_SKIP: &str = "visit_skip";
    /// What it asks after came up again, so that it waits for the next closing; written by the program.
    pub const VISIT_DROP: &str = "visit_drop";
    /// A visitor takes it on himself (领取).
    pub const VISIT_TAKE: &str = "visit_take";
    /// A supervisor gives it to a visitor (指派).
    pub const VISIT_GIVE: &str = "visit_give";
    /// Nobody answered (无人接听、空号关机).
    pub const VISIT_TRY: &str = "visit_try";
    /// Another time was agreed (改约).
    pub const VISIT_AGREE: &str = "visit_agree";
    /// The customer refuses (拒访), with the reason.
    pub const VISIT_REFUSE: &str = "visit_refuse";
    /// A customer who had refused agrees to visits again.
    pub const VISIT_ALLOW: &str = "visit_allow";
    /// Reached: the answers are recorded (R93, R94).
    pub const VISIT_RECORD: &str = "visit_record";
    /// Answers are corrected, with a reason; the old ones stay in the log with their author.
    pub const VISIT_CORRECT: &str = "visit_correct";
    /// Not solved: the form that goes on with it, reopened or new.
    pub const VISIT_FOLLOW: &str = "visit_follow";
    /// Dissatisfied, and no improvement follows: why, signed.
    pub const VISIT_EXCUSE: &str = "visit_excuse";
    /// An improvement task, or a suggestion that goes to a department (R94).
    pub const VISIT_TASK: &str = "visit_task";
    /// The department answers.
    pub const VISIT_TASK_DONE: &str = "visit_task_done";
    /// Somebody else verifies what was done.
    pub const VISIT_TASK_VERIFY: &str = "visit_task_verify";
    /// Not needed after all, with a reason.
    pub const VISIT_CANCEL: &str = "visit_cancel";
    /// Numbers are set aside for blank forms that are printed (留号, R24).
    pub const RESERVE: &str = "reserve";
    /// What was written on one of them is registered under its number (补录, R24).
    pub const TAKE_IN: &str = "take_in";
    /// One of them will not be registered any more: spoiled, lost, with the reason (R24).
    pub const SPOIL: &str = "spoil";
    /// A channel was tried: what was found (渠道检查, R23).
    pub const CHECK_CHANNEL: &str = "check_channel";
    /// Settings of the company are changed.
    pub const CONFIGURE: &str = "configure";
    /// Says nothing new: a record of [`super::kind::SHARED`] is given to whoever needs it now.
    pub const SHARE: &str = "share";
}

/// The value a change gives to one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// New value; null empties the field.
    pub to: Value,
    /// Stamps of the values this one replaces, as its author saw them. Empty for a field that had none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<Stamp>,
}

/// One line of a list. Lines are added and struck out, never edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Line {
    /// Identity of the line.
    pub id: Uuid,
    /// Column key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: BTreeMap<String, Value>,
    /// Struck out by a later change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub struck: bool,
}

/// An entry of the log. Encoded once by [`Change::encode`]; those bytes are what is hashed, stored and sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Version of this encoding.
    pub v: u32,
    /// Identity.
    pub id: Uuid,
    /// Place in the log of the device that made it: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// When, and on which device.
    pub at: Stamp,
    /// The author's offset from UTC in minutes, so that his local time can be shown everywhere.
    pub zone: i32,
    /// Member who did it.
    pub seat: Uuid,
    /// Record it belongs to.
    pub record: Uuid,
    /// Kind of that record.
    pub kind: Kind,
    /// What was done.
    pub act: Act,
    /// Why, where the act asks for a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Fields set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Setting>,
    /// Lines added, by list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub add: BTreeMap<String, Vec<Line>>,
    /// Lines struck out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strike: Vec<Uuid>,
    /// Of a correction of a form: of each device, its own included, the latest correction of the form that its author had
    /// ([`crate::merged`]). None for all else, and for what was written before programs said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Vec<Stamp>>,
}

/// Version of the encoding written by this program.
pub const ENCODING: u32 = 1;

/// The bytes are not a change this program can read. The cause is not printed: it may quote what a customer said.
#[derive(Debug, thiserror::Error)]
#[error("not a readable change")]
pub struct Unreadable(#[from] serde_json::Error);

impl Change {
    /// The bytes of this change. Called once, when it is made.
    pub fn encode(&self) -> Result<Vec<u8>, Unreadable> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads a change back. Members that this version does not know are skipped here and stay in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(serde_json::from_slice(bytes)?)
    }
}
