//! Field service: the sheet and what is asked and told of visits, plans, vans.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::field::dispatch::{Crew, Warning};
use kefu_domain::field::plan::Plan;
use kefu_domain::field::signature::Standing;
use kefu_domain::field::{Costs, State};
use kefu_domain::warranty::Windows;
use kefu_domain::{CodeLists, Line, Template, Values};

use super::Warranty;

/// A technician as the calendar shows him.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Technician {
    /// Seat.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Skills and districts.
    pub crew: Crew,
}

/// What the pages of the field service need to draw themselves.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FieldDesk {
    /// 《售后服务单》.
    pub template: Template,
    /// Options of its choices.
    pub codes: CodeLists,
    /// Who goes out.
    pub technicians: Vec<Technician>,
    /// Who sits here dispatches.
    pub dispatches: bool,
    /// Who sits here goes out.
    pub goes_out: bool,
}

/// Asks for visits.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct ServicesRequest {
    /// First day of the appointments, `2026-11-09`; empty: any.
    pub from: String,
    /// Last day, included; empty: any.
    pub until: String,
    /// Of this technician.
    #[ts(type = "string | null")]
    pub engineer: Option<Uuid>,
    /// Dispatched from this form.
    #[ts(type = "string | null")]
    pub form: Option<Uuid>,
    /// Only those neither done nor cancelled.
    pub open: bool,
}

/// A visit in a list or in the calendar.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ServiceRow {
    /// Sheet.
    pub id: Uuid,
    /// 服务单号.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// Code of the list `service_type`.
    #[serde(rename = "type")]
    pub service: String,
    /// Code of the list `service_urgency`.
    pub urgency: String,
    /// Beginning of the appointment, RFC 3339; empty if none.
    pub from: String,
    /// Its end; empty if none.
    pub until: String,
    /// Technician.
    #[ts(type = "string | null")]
    pub engineer_seat: Option<Uuid>,
    /// His name.
    pub engineer: String,
    /// Customer.
    pub customer: String,
    /// Telephone.
    pub phone: String,
    /// Address, region first.
    pub address: String,
    /// Device.
    pub product: String,
    /// 登记编号; empty if none.
    pub form: String,
    /// What speaks against it as planned; of visits still to be done.
    pub warnings: Vec<Warning>,
    /// Signatures that were voided by a change.
    pub void: u32,
    /// Data of the customer are masked for who sits here.
    pub masked: bool,
}

/// Dispatches a visit.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct DispatchRequest {
    /// From this form, whose customer, device and fault go onto the sheet.
    #[ts(type = "string | null")]
    pub form: Option<Uuid>,
    /// Fields of the sheet, over what the form says.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
}

/// Does an act to a sheet.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct ServiceActRequest {
    /// Sheet.
    pub id: Uuid,
    /// Act: `move`, `correct`, `void`, `accept`, `decline`, `set_out`, `arrive`, `leave`, `fill`, `photo`, `rate`,
    /// `sign`, `return_part`.
    pub act: String,
    /// Fields; null empties one.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Lines that the act adds to its list.
    #[ts(type = "Record<string, unknown>[]")]
    pub add: Vec<Values>,
    /// Lines to strike out.
    pub strike: Vec<Uuid>,
    /// Why; empty for none.
    pub reason: String,
}

/// A signature as it stands.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignatureView {
    /// `technician` or `customer`.
    pub party: String,
    /// Whether it counts.
    pub standing: Standing,
    /// Who signed.
    pub name: String,
    /// When, RFC 3339.
    pub at: String,
    /// SVG path in a field of 600 × 200; empty where it was declined.
    pub path: String,
    /// `refused` or `absent`; empty where it was given.
    pub declined: String,
    /// Why.
    pub reason: String,
    /// Times this party signed, or declined to.
    pub given: u32,
}

/// A photo of a visit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PhotoView {
    /// Its line; nil before it stands on a sheet.
    pub id: Uuid,
    /// `before` or `after`.
    pub when: String,
    /// File name.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Content hash, as `attachment` takes it.
    pub sha256: String,
    /// Its bytes are on this machine.
    pub here: bool,
}

/// One visit with all there is to it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ServiceView {
    /// Sheet.
    pub id: Uuid,
    /// 服务单号.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// Fields, sums among them.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Parts with what became of the old ones.
    pub parts: Vec<Line>,
    /// Photos; as many as there are lines were taken, those that are `here` have arrived.
    pub photos: Vec<PhotoView>,
    /// Sums in fen.
    pub costs: Costs,
    /// Technician's and customer's.
    pub signatures: Vec<SignatureView>,
    /// Acts that who sits here may do now.
    pub acts: Vec<String>,
    /// What speaks against it as planned.
    pub warnings: Vec<Warning>,
    /// Fields that two wrote without seeing each other.
    pub conflicts: Vec<String>,
    /// Form it was dispatched from.
    #[ts(type = "string | null")]
    pub form: Option<Uuid>,
    /// Visit that does what was left over.
    #[ts(type = "string | null")]
    pub follow_up: Option<Uuid>,
    /// Earlier and later visits to the same device.
    pub history: Vec<ServiceRow>,
    /// Where the device's warranty stands on the day of the visit.
    pub warranty: Warranty,
    /// Windows of the law, where the day of delivery is known.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Windows>,
    /// Where the device stood, the earliest first.
    pub installations: Vec<Line>,
    /// Copies printed.
    pub copies: u32,
    /// Data of the customer are masked for who sits here.
    pub masked: bool,
}

/// Asks for what lies where.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct StockRequest {
    /// `store`, `van:SEAT`, …; empty: all that who sits here may see.
    pub place: String,
}

/// A part in a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StockRow {
    /// Place.
    pub place: String,
    /// Its name for people.
    pub place_name: String,
    /// 编号.
    pub part: String,
    /// Name.
    pub name: String,
    /// How many; below nought where a move is missing.
    #[ts(type = "number")]
    pub count: i64,
}

/// Moves a part.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct MoveStockRequest {
    /// 编号.
    pub part: String,
    /// Name.
    pub name: String,
    /// Serial of the piece; empty if none.
    pub serial: String,
    /// How many.
    #[ts(type = "number")]
    pub count: i64,
    /// `store`, `van` for one's own, `van:SEAT`, `supplier`, `scrap`, `count`.
    pub from: String,
    /// The same.
    pub to: String,
    /// Why; required for a count.
    pub reason: String,
}

/// Where the piece with a serial was.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PieceMove {
    /// 编号.
    pub part: String,
    /// Name.
    pub name: String,
    /// From, for people.
    pub from: String,
    /// To, for people.
    pub to: String,
    /// 服务单号 of the sheet on which it was used; empty if none.
    pub sheet: String,
}

/// A plan with its id.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PlanView {
    /// Plan.
    pub id: Uuid,
    /// What it says.
    pub plan: Plan,
}

/// Makes or changes a plan.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SavePlanRequest {
    /// Which; none for a new one.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub id: Option<Uuid>,
    /// What it says.
    pub plan: Plan,
}

/// Makes the visits that plans ask for.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct MakeVisitsRequest {
    /// Up to this day, included.
    pub until: String,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct MadeVisits {
    /// Numbers of the new sheets.
    pub made: Vec<String>,
    /// Contents of plans whose days lie in a year of which nothing is known, with that year: their visits wait.
    pub unknown: BTreeMap<String, i32>,
}

/// Notes what a technician can do and where he drives.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SaveCrewRequest {
    /// His seat.
    pub id: Uuid,
    /// Skills and districts.
    pub crew: Crew,
}
