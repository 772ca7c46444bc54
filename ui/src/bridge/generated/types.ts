// Made from crates/app/src/wire by `UPDATE_WIRE=1 cargo test -p kefu-app --test typescript`. Do not edit.

export type ActRequest = { 
/**
 * Form.
 */
id: string, 
/**
 * Which act.
 */
act: string, 
/**
 * Field values that it asks for. A person (`dispatch.handler`, `transfer.to`, `close.delegate`) by his name, with
 * his id as the field of the same key and `_seat`.
 */
values: Record<string, unknown>, 
/**
 * The line that it writes, by list; its id is made by the backend.
 */
add: Record<string, Record<string, unknown>[]>, 
/**
 * The line that the new one takes the place of.
 */
strike: Array<string>, 
/**
 * Why; may be empty where the act asks for none.
 */
reason: string, };

export type AdmitRequest = { 
/**
 * As [`PendingJoin`] names the invite.
 */
id: string, };

export type AdoptRequest = { 
/**
 * Preset.
 */
preset: string, 
/**
 * First day on which it holds, `2026-11-02`.
 */
effective_from: string, 
/**
 * Who approved it.
 */
approver: string, };

export type AllowVisitsRequest = { 
/**
 * Customer.
 */
customer: string, 
/**
 * Why.
 */
reason: string, };

export type AnswerChange = { 
/**
 * Key of the answer, `answer.speed`.
 */
field: string, 
/**
 * What stood there.
 */
from: unknown, 
/**
 * Who had written it.
 */
from_member: string, 
/**
 * What stands there now.
 */
to: unknown, 
/**
 * Who put it there.
 */
to_member: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Why.
 */
reason: string, };

export type Arise = { 
/**
 * Which forms are meant.
 */
when: Condition, 
/**
 * Code of the list `visit_type`.
 */
occasion: string, 
/**
 * The visit is due on this working day after the day of closing.
 */
working_days: number, };

export type AskAgainRequest = { 
/**
 * The invite's text, for the member whom this device was first invited for.
 */
invite: string, };

export type Attachment = { 
/**
 * Identity of the attachment (of its line, once registered).
 */
id: string, 
/**
 * File name as given.
 */
name: string, 
/**
 * MIME type.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * SHA-256 of the bytes, lower-case hexadecimal.
 */
sha256: string, 
/**
 * When it was added, RFC 3339.
 */
added_at: string, };

export type AttachmentRequest = { 
/**
 * Its hash, as the [`Attachment`] has it.
 */
sha256: string, };

export type Author = "intake" | "process" | "system" | "sign";

export type Block = { 
/**
 * Stable key.
 */
key: string, 
/**
 * Title at the left edge.
 */
label: string, 
/**
 * Rows of fields; the widths of each row add up to [`Template::columns`].
 */
rows: Array<Array<Field>>, };

export type Board = { 
/**
 * Its queues; those that are nobody's business here are left out.
 */
queues: Array<QueueCount>, 
/**
 * As of when, RFC 3339.
 */
at: string, };

export type ById = { 
/**
 * Record id.
 */
id: string, };

export type CalendarData = { 
/**
 * Stable name.
 */
id: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * Offset from UTC in minutes, 480 for Beijing time. A fixed one: rules of summer time are not available offline,
 * and China has none; a desk elsewhere keeps one calendar for each offset.
 */
zone: number, 
/**
 * The weekly pattern.
 */
week: Week, 
/**
 * Hours of a working weekend (调休上班日). Absent: those of the first weekday that has any.
 */
makeup?: string[], 
/**
 * Whether public holidays and working weekends count. A desk that never closes (R17) sets false, and needs no data
 * of any year.
 */
holidays: boolean, 
/**
 * The company's own days: other hours, or none for closed. They outrank everything else.
 */
days?: Record<string, string[]>, };

export type CalendarSet = { 
/**
 * The company's.
 */
default: CalendarData, 
/**
 * Departments with hours of their own, by name of the department.
 */
departments?: { [key in string]: CalendarData }, };

export type Call = { 
/**
 * Number of the caller as the softphone gave it; empty where it is withheld.
 */
from: string, 
/**
 * Rings before it was picked up, 0–60; none where the softphone does not count them.
 */
rings?: number, 
/**
 * Number that was called; empty where the softphone does not say.
 */
to: string, 
/**
 * When it was picked up, RFC 3339.
 */
at: string, };

export type CallsWaiting = { 
/**
 * Calls.
 */
count: number, };

export type ChangePassphraseRequest = { 
/**
 * Current passphrase.
 */
passphrase: string, 
/**
 * At least eight characters.
 */
new_passphrase: string, };

export type ChannelCheck = { 
/**
 * Line of the log.
 */
id: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Who.
 */
by: string, 
/**
 * `normal` 正常 or `fault` 异常.
 */
result: string, 
/**
 * What was found.
 */
note: string, 
/**
 * What follows: the number of a form, or a measure in words.
 */
follow_up: string, 
/**
 * The form that follows, where its number stands there and it is known here.
 */
form?: string, };

export type ChannelLog = { 
/**
 * The latest first.
 */
checks: Array<ChannelCheck>, 
/**
 * Older ones follow.
 */
more: boolean, };

export type ChannelLogRequest = { 
/**
 * Code of the list `channel`, or its name.
 */
code: string, 
/**
 * Only checks before this one, the last that is shown already.
 */
before?: string, 
/**
 * Checks wanted, at most 100.
 */
limit: number, };

export type ChannelRow = { 
/**
 * Code of the list `channel`.
 */
code: string, 
/**
 * Its name.
 */
label: string, 
/**
 * How it is checked.
 */
routine: Routine, 
/**
 * Who sits here is asked, or sees to it that others are.
 */
mine: boolean, 
/**
 * The last check.
 */
last?: ChannelCheck, 
/**
 * The fault that stands until a check finds the channel in order: the first one of it.
 */
fault?: ChannelCheck, 
/**
 * Day by whose end it is to be checked, `2026-11-09`; none where it is not checked, or nobody can say.
 */
due?: string, 
/**
 * The year whose calendar is missing to say when.
 */
missing_year?: number, 
/**
 * To be checked today, or late, or perhaps so because nobody can say.
 */
is_due: boolean, 
/**
 * To be checked before today.
 */
overdue: boolean, };

export type Channels = { 
/**
 * In the order of the code list.
 */
rows: Array<ChannelRow>, 
/**
 * Who sits here may lay down how channels are checked.
 */
may_set: boolean, 
/**
 * Who sits here may log a check.
 */
may_check: boolean, 
/**
 * Channels that the suggestion would set up: those it knows and nobody has laid anything down for.
 */
suggested: number, };

export type CheckAnswer = { 
/**
 * What stands in the way.
 */
fields: Array<FieldError>, };

export type CheckChannelRequest = { 
/**
 * Code of the list `channel`, or its name.
 */
code: string, 
/**
 * `normal` 正常 or `fault` 异常.
 */
result: string, 
/**
 * What was found; a fault has to be described.
 */
note: string, 
/**
 * What follows: the number of a form, or a measure in words.
 */
follow_up: string, };

export type CheckLine = { 
/**
 * `reach`, `tls`, `login`, `schema`, `rights`, `clock`, `version`, `storage`, `members`.
 */
what: string, 
/**
 * In order.
 */
good: boolean, 
/**
 * What was found.
 */
found: string, 
/**
 * How to mend it; empty where it is in order.
 */
mend: string, };

export type CheckRequest = { 
/**
 * Field key → value.
 */
values: Record<string, unknown>, };

export type Clock = { 
/**
 * Stable name within its rule set.
 */
id: string, 
/**
 * One of [`clock_kind`]; text, so that kinds of a newer version survive.
 */
kind: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * Forms it runs on.
 */
when: Condition, 
/**
 * Event at which it starts.
 */
starts: string, 
/**
 * Events at which it stops, whichever comes first. [`ENDINGS`] stop every clock.
 */
stops: Array<string>, 
/**
 * How long it gives.
 */
limit: unknown, 
/**
 * `midnight` or `closing`, for limits in days; anything else counts as midnight.
 */
day_end: string, 
/**
 * Reasons of a pause that are credited to it.
 */
pauses?: Array<string>, 
/**
 * Law and article of a statutory clock.
 */
article?: string, 
/**
 * Requirement or page from which the rule comes, for the print of the rule set.
 */
source?: string, };

export type ClockView = { 
/**
 * Its id in the rule set.
 */
id: string, 
/**
 * Code: response, answer, start, done, promise, next_contact, statutory.
 */
kind: string, 
/**
 * Name on screen.
 */
name: string, 
/**
 * Name and version of the rule set that set it.
 */
rules: string, 
/**
 * Article of law, for statutory ones.
 */
article?: string, 
/**
 * When it started, RFC 3339.
 */
started: string, 
/**
 * When it is due, RFC 3339; none where the calendar of a year is missing.
 */
due?: string, 
/**
 * The year whose calendar is missing.
 */
missing_year?: number, 
/**
 * When it stopped, RFC 3339.
 */
stopped?: string, 
/**
 * Paused right now.
 */
paused: boolean, 
/**
 * Part of the limit used up, 1 at the due time.
 */
share?: number, 
/**
 * Past its due time, or stopped after it.
 */
overdue: boolean, };

export type Code = "not_set_up" | "already_set_up" | "locked" | "wrong_passphrase" | "wrong_recovery_code" | "too_soon" | "weak_passphrase" | "bad_device_code" | "keys_unreadable" | "database_unreadable" | "database_newer" | "disk_full" | "storage" | "invalid_fields" | "not_empty" | "not_found" | "not_allowed" | "no_seat" | "passphrase_required" | "last_admin" | "several_members" | "not_now" | "denied" | "reason_required" | "masked" | "still_open" | "still_kept" | "nothing_changed" | "attachment_too_large" | "bad_json" | "paper_failed" | "printer_unavailable" | "file_not_read" | "file_not_written" | "shared_unreachable" | "shared_tls" | "shared_login" | "shared_no_seat" | "shared_busy" | "shared_too_old" | "shared_older" | "shared_may_not_install" | "shared_failed" | "no_workspace" | "already_shared" | "invite_unreadable" | "invite_over" | "invite_other" | "kit_wrong" | "kit_other" | "request_false" | "device_code_taken" | "roster_false" | "moved_on" | "own_device" | "internal";

export type CodeItem = { 
/**
 * Stable identifier, ASCII, never reused for another meaning.
 */
code: string, 
/**
 * What is shown and printed.
 */
label: string, 
/**
 * First letters of the label's pinyin: typing them picks the option.
 */
initials: string, 
/**
 * No longer offered, but still shown where it was chosen.
 */
retired?: boolean, };

export type CodeList = { 
/**
 * Raised with every change of the list.
 */
version: number, 
/**
 * Name of the list for people.
 */
label: string, 
/**
 * Options in the order of the paper form.
 */
items: Array<CodeItem>, };

export type CodeLists = { [key in string]: CodeList };

export type Colleague = { 
/**
 * Member's id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * 工号; empty if none.
 */
employee_number: string, 
/**
 * Department; empty if none.
 */
department: string, 
/**
 * Role codes.
 */
roles: Array<string>, };

export type Condition = { 
/**
 * 类别.
 */
kinds?: Array<string>, 
/**
 * 业务类别.
 */
categories?: Array<string>, 
/**
 * 严重度.
 */
severities?: Array<string>, 
/**
 * 受理渠道.
 */
channels?: Array<string>, 
/**
 * 客户要求; one of the form's has to be among them.
 */
demands?: Array<string>, 
/**
 * 责任部门.
 */
departments?: Array<string>, };

export type Conflict = { 
/**
 * Record.
 */
id: string, 
/**
 * Kind of the record.
 */
kind: string, 
/**
 * Number of the form, or the name that the record goes by.
 */
title: string, 
/**
 * Field.
 */
field: string, 
/**
 * The one that counts first, then the others, newest first. Customers' data are masked for who may not see them.
 */
values: Array<ConflictValue>, 
/**
 * Who sits here may decide it.
 */
decidable: boolean, };

export type ConflictValue = { 
/**
 * The value; null: emptied.
 */
value: unknown, 
/**
 * Who wrote it.
 */
member: string, 
/**
 * Code of the device it was written on; empty where it is not known.
 */
device: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Its stamp, to be named when deciding.
 */
stamp: string, 
/**
 * It is the one that counts until somebody decides.
 */
counts: boolean, };

export type Contract = { 
/**
 * First day.
 */
from: string, 
/**
 * Last day.
 */
until: string | null, };

export type CorrectCustomerRequest = { 
/**
 * Customer.
 */
id: string, 
/**
 * New values of `customer.*` and `contact.*`; null: as on the forms again.
 */
values: Record<string, unknown>, 
/**
 * Why.
 */
reason: string, };

export type CorrectRequest = { 
/**
 * Form.
 */
id: string, 
/**
 * New values of the fields that change; null empties a field.
 */
values: Record<string, unknown>, 
/**
 * Lines to add, by list; their ids are made by the backend.
 */
add: Record<string, Record<string, unknown>[]>, 
/**
 * Files to add.
 */
attachments: Array<Attachment>, 
/**
 * Lines to strike out.
 */
strike: Array<string>, 
/**
 * Why.
 */
reason: string, };

export type CourseView = { 
/**
 * Who follows it, the first agent first.
 */
followers: Array<string>, 
/**
 * Who has it in hand.
 */
holder: string, 
/**
 * To whom a transfer is offered.
 */
offered_to: string, 
/**
 * Who may close it besides the desk.
 */
delegates: Array<string>, 
/**
 * Times it was reopened.
 */
reopened: number, 
/**
 * Highest level it was escalated to; 0: none.
 */
level: number, 
/**
 * Suspensions, oldest first.
 */
pauses: Array<PauseView>, 
/**
 * Number of the form it was merged into.
 */
merged_into?: string, 
/**
 * Changes without effect.
 */
out_of_place: Array<OutOfPlaceView>, 
/**
 * The act that may be taken back.
 */
undoable?: string, };

export type CreateWorkspaceRequest = { 
/**
 * Host of the PostgreSQL, as its certificate names it.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * Database, which is there already.
 */
database: string, 
/**
 * Login that may install there: superuser, or owner of the database who may make roles. Used once, never kept.
 */
login: string, 
/**
 * Its password.
 */
password: string, 
/**
 * Certificate (PEM) of the authority that signed the server's; empty where the system knows it.
 */
authority: string, 
/**
 * PgBouncer in transaction mode stands before it.
 */
pooled: boolean, };

export type CustomField = { 
/**
 * Key, always beginning with `x.`, so that it never meets a shipped one.
 */
key: string, 
/**
 * Label on screen and paper.
 */
label: string, 
/**
 * One of text, long, date, integer, flag, choice.
 */
kind: FieldKind, 
/**
 * Block at whose end it stands.
 */
block: string, 
/**
 * Options of a choice, as labels; the label is the code.
 */
options: Array<string>, 
/**
 * The procedure cannot go on without it.
 */
required: boolean, 
/**
 * No longer offered; still shown on forms that have it.
 */
retired: boolean, };

export type CustomFieldRequest = { 
/**
 * The field; an empty key makes a new one.
 */
field: CustomField, };

export type CustomFields = { 
/**
 * All of them, retired ones included.
 */
fields: Array<CustomField>, };

export type CustomerHint = { 
/**
 * Name.
 */
name: string, 
/**
 * Telephone as typed then.
 */
phone: string, 
/**
 * Customer and product fields to fill in on choice, by field key.
 */
values: Record<string, unknown>, 
/**
 * His latest forms, newest first, at most five.
 */
forms: Array<FormRow>, 
/**
 * Number of his forms among the latest looked at (at most 200).
 */
count: number, 
/**
 * Masked for who sits here; `reveal` of the first form clears it.
 */
masked: boolean, };

export type CustomerRow = { 
/**
 * Customer.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Telephone as last typed.
 */
phone: string, 
/**
 * Forms.
 */
forms: number, 
/**
 * 来电时间 of the latest, RFC 3339.
 */
last_at: string, };

export type CustomerView = { 
/**
 * Customer.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Telephone.
 */
phone: string, 
/**
 * `customer.*` and `contact.*` as they now hold: the latest form's, with corrections over them.
 */
values: Record<string, unknown>, 
/**
 * Keys of `values` that were corrected here.
 */
corrected: Array<string>, 
/**
 * His forms, newest first, at most 200.
 */
forms: Array<FormRow>, 
/**
 * His products.
 */
products: Array<ProductView>, 
/**
 * Customers that were merged into him.
 */
merged: Array<CustomerRow>, 
/**
 * Customers that may be the same: the same telephone, or the same name.
 */
perhaps: Array<CustomerRow>, 
/**
 * Masked for who sits here; `reveal` of the first form clears it.
 */
masked: boolean, 
/**
 * He may correct, merge and change products.
 */
may_edit: boolean, 
/**
 * He may hand out what is held.
 */
may_hand_out: boolean, 
/**
 * He may erase.
 */
may_erase: boolean, 
/**
 * Numbers of the forms that are still open: nothing is erased before they are closed.
 */
open: Array<string>, 
/**
 * Until when law or house rules keep forms: number and last day `2029-11-02`, empty for 永久.
 */
kept: Array<[string, string]>, };

export type CustomersPage = { 
/**
 * Rows from `offset` on.
 */
rows: Array<CustomerRow>, 
/**
 * Rows in all; of a search as many as it looked at.
 */
total: number, };

export type CustomersRequest = { 
/**
 * Name, pinyin, telephone or its tail, serial, order or contract number; empty: all, the latest caller first.
 */
query: string, 
/**
 * Rows to skip.
 */
offset: number, 
/**
 * Rows wanted, at most 100.
 */
limit: number, };

export type Department = { 
/**
 * Short code, where the company has one.
 */
code?: string, 
/**
 * Name.
 */
name: string, };

export type Departments = { 
/**
 * Those that are listed, in the company's order.
 */
departments: Array<Department>, 
/**
 * Further ones that active members name as theirs.
 */
named: Array<string>, };

export type DepartmentsRequest = { 
/**
 * In the order in which they are to be shown.
 */
departments: Array<Department>, };

export type DeskInfo = { 
/**
 * Company name.
 */
company: string, 
/**
 * Id of the member who sits at the desk.
 */
seat: string, 
/**
 * The administrator on whose passphrase he sits here, where it is not his own.
 */
via?: string, 
/**
 * Role codes of the member.
 */
roles: Array<string>, 
/**
 * Member at the desk.
 */
member: string, 
/**
 * 工号.
 */
employee_number: string, 
/**
 * Post.
 */
post: string, 
/**
 * Department.
 */
department: string, 
/**
 * Device code.
 */
device_code: string, 
/**
 * The form with the company's own fields.
 */
template: Template, 
/**
 * What the process keeps and the sheet has no cell for: labels and kinds of the fields that acts ask for besides.
 */
process: Template, 
/**
 * Options of all choice fields.
 */
codes: CodeLists, 
/**
 * The recovery code has been confirmed by typing part of it.
 */
recovery_confirmed: boolean, };

export type Diagnosis = { 
/**
 * Text.
 */
text: string, };

export type Draft = { 
/**
 * Identity.
 */
id: string, 
/**
 * When it was last saved, RFC 3339.
 */
saved_at: string, 
/**
 * Field key → value.
 */
values: Record<string, unknown>, 
/**
 * Files added so far.
 */
attachments: Array<Attachment>, 
/**
 * Name of the member who wrote it last; empty where nobody noted it.
 */
author: string, 
/**
 * The call that opened it.
 */
call?: Call, };

export type DraftSaveRequest = { 
/**
 * Made by the interface with `crypto.randomUUID()`.
 */
id: string, 
/**
 * Field key → value.
 */
values: Record<string, unknown>, 
/**
 * Files added so far.
 */
attachments: Array<Attachment>, 
/**
 * The call that opened it.
 */
call?: Call, };

export type DrawRequest = { 
/**
 * `2026Q3`.
 */
quarter: string, 
/**
 * The same seed draws the same customers.
 */
seed: number, 
/**
 * Customers wanted.
 */
size: number, };

export type EraseRequest = { 
/**
 * Customer.
 */
id: string, 
/**
 * Why, and on whose demand.
 */
reason: string, 
/**
 * Confirmed although forms are to be kept longer.
 */
although_kept: boolean, };

export type Erased = { 
/**
 * Forms erased.
 */
forms: number, 
/**
 * Entries of the log whose words were destroyed.
 */
entries: number, 
/**
 * Files destroyed.
 */
files: number, };

export type Escalation = { 
/**
 * Used share in percent from which it holds; none: when overdue.
 */
percent?: number, 
/**
 * Codes of the roles to alert; text, so that roles of a newer version survive.
 */
roles: Array<string>, };

export type Failure = { 
/**
 * Why.
 */
code: Code, 
/**
 * The fields concerned, if any.
 */
fields?: Array<FieldError>, 
/**
 * Words to put into the sentence, by name.
 */
params?: { [key in string]: string }, 
/**
 * Where the log tells more.
 */
detail_id?: string, };

export type Field = { 
/**
 * Key under which the record keeps the value.
 */
key: string, 
/**
 * Label on screen and paper.
 */
label: string, 
/**
 * What it holds.
 */
kind: FieldKind, 
/**
 * Width in grid columns, label included.
 */
w: number, 
/**
 * Width of the label in grid columns.
 */
lw: number, 
/**
 * Who fills it in.
 */
by: Author, 
/**
 * Code list of choice kinds.
 */
list?: string, 
/**
 * The procedure cannot go on without it.
 */
required: boolean, 
/**
 * Printed as a row of tick boxes instead of the chosen words.
 */
boxes: boolean, 
/**
 * Longest text, in Unicode scalar values.
 */
max?: number, 
/**
 * Least height on paper, in text lines; for lines, least number of blank lines.
 */
rows: number, 
/**
 * Short advice inside the empty field.
 */
hint?: string, 
/**
 * Columns of a `lines` field; widths add up to the grid.
 */
columns?: Array<Field>, };

export type FieldChange = { 
/**
 * Field key.
 */
field: string, 
/**
 * Value before; null if it was empty.
 */
from: unknown, 
/**
 * Value after; null if it was emptied.
 */
to: unknown, };

export type FieldError = { 
/**
 * Field key; for imported JSON the place in the input, as `[3].客户.电话`.
 */
field: string, 
/**
 * What is wrong with it.
 */
problem: Problem, 
/**
 * The bound that was passed, or the value that is unknown, where there is one.
 */
detail?: string, };

export type FieldKind = "text" | "long" | "marked" | "phone" | "email" | "date" | "datetime" | "integer" | "money" | "size" | "choice" | "choices" | "flag" | "dated" | "lines" | "number" | "signature";

export type Filter = { 
/**
 * First day of 来电时间, `2026-11-02`, in the machine's zone.
 */
from?: string, 
/**
 * Last day, included.
 */
to?: string, 
/**
 * Codes of 类别一级.
 */
kinds: Array<string>, 
/**
 * Codes of 类别二级.
 */
categories: Array<string>, 
/**
 * Codes of 客户类型.
 */
customer_types: Array<string>, 
/**
 * Codes of states.
 */
states: Array<string>, 
/**
 * Codes of channels.
 */
channels: Array<string>, 
/**
 * Receivers' names.
 */
receivers: Array<string>, };

export type FindPage = { 
/**
 * Forms found.
 */
rows: Array<FormRow>, 
/**
 * There are more than `limit`.
 */
more: boolean, };

export type FindRequest = { 
/**
 * As typed.
 */
query: string, 
/**
 * Rows wanted, at most 100.
 */
limit: number, };

export type FollowVisitRequest = { 
/**
 * Visit.
 */
id: string, 
/**
 * How it goes on.
 */
unsolved: Unsolved, };

export type FormRow = { 
/**
 * Record id.
 */
id: string, 
/**
 * Number.
 */
number: string, 
/**
 * 来电时间, RFC 3339 with the zone it was entered in.
 */
received_at: string, 
/**
 * Customer name.
 */
customer: string, 
/**
 * First telephone, as typed; empty if none.
 */
phone: string, 
/**
 * 类别一级.
 */
kind: string, 
/**
 * 类别二级; empty if none.
 */
category: string, 
/**
 * State.
 */
state: string, 
/**
 * Channel.
 */
channel: string, 
/**
 * Receiver's name.
 */
receiver: string, 
/**
 * Product name; empty if none.
 */
product: string, 
/**
 * Beginning of the description, on one line; for search results around the first hit.
 */
excerpt: string, 
/**
 * It has changes of this device that the shared database has not acknowledged. Left out where it has none.
 */
unsent?: boolean, };

export type FormView = { 
/**
 * Record id.
 */
id: string, 
/**
 * Number.
 */
number: string, 
/**
 * State.
 */
state: string, 
/**
 * Field key → value.
 */
values: Record<string, unknown>, 
/**
 * Lists, struck lines included.
 */
lists: { [key in string]: Array<Line> }, 
/**
 * Files.
 */
attachments: Array<Attachment>, 
/**
 * Copies printed or saved so far.
 */
copies: number, 
/**
 * Newest first.
 */
timeline: Array<TimelineEntry>, 
/**
 * Fields of which two values stand against each other.
 */
conflicts: Array<string>, 
/**
 * Every act, possible or not, for who sits at the desk.
 */
offers: Array<OfferView>, 
/**
 * Clocks, the strictest first.
 */
clocks: Array<ClockView>, 
/**
 * Who has it in hand and what became of it.
 */
course: CourseView, 
/**
 * What the law says to a form like this.
 */
statutory: Array<Hint>, 
/**
 * Sensitive fields are masked; revealing them is an act.
 */
masked: boolean, 
/**
 * It has changes of this device that the shared database has not acknowledged. Left out where it has none.
 */
unsent?: boolean, };

export type HandOutRequest = { 
/**
 * Customer.
 */
id: string, 
/**
 * What he asked for, and how he was identified.
 */
purpose: string, };

export type HandedOut = { 
/**
 * File name it was saved under; none if the person closed the dialog: then nothing was logged.
 */
file?: string, 
/**
 * Forms in it.
 */
forms: number, };

export type Hint = { 
/**
 * Name of the law or regulation.
 */
law: string, 
/**
 * Article or articles, as they are cited.
 */
article: string, 
/**
 * Number of days, where the article names one.
 */
days?: number, 
/**
 * Whether these are working days.
 */
working: boolean, 
/**
 * What it means here, in our own short wording.
 */
text: string, 
/**
 * Last day of the term (included), where it follows from the form. None for working days, which a calendar
 * counts, and where the term starts with something that the form does not know.
 */
until?: string, 
/**
 * The last day has passed.
 */
passed: boolean, };

export type HintRequest = { "phone": string } | { "name": string };

export type ImportYearsRequest = { 
/**
 * JSON as calendar files have it.
 */
text: string, };

export type InviteRequest = { 
/**
 * An active member of this desk.
 */
member: string, 
/**
 * Days that the invite lasts, 1–30.
 */
days: number, };

export type InviteShown = { 
/**
 * As text.
 */
text: string, 
/**
 * As a QR code: path of an SVG in units of one module, dark on light.
 */
qr: string, 
/**
 * Modules of a side, without the quiet zone of four.
 */
side: number, 
/**
 * Member's name.
 */
name: string, 
/**
 * When it runs out, RFC 3339.
 */
expires: string, };

export type JoinRequest = { 
/**
 * The invite's text.
 */
invite: string, 
/**
 * Code of this device in form numbers, one to four of A–Z and 0–9; no other device has it.
 */
device_code: string, 
/**
 * Passphrase of the member on this device.
 */
passphrase: string, };

export type Joining = { 
/**
 * Recovery code of this device's own data, shown this once.
 */
recovery_code: string, 
/**
 * To be compared with the administrator's screen: six groups of digits.
 */
fingerprint: string, 
/**
 * Whether the request lies at the database already; otherwise it is sent as soon as that can be reached.
 */
sent: boolean, 
/**
 * Opened by the system's keyring from now on.
 */
keyring: boolean, };

export type KeyringTrouble = "missing" | "locked" | "no_entry" | "wrong" | "unseated";

export type Knowledge = { 
/**
 * All that are offered, or found.
 */
entries: Array<KnowledgeEntry>, 
/**
 * Ids of those that fit the form, best first.
 */
suggested: Array<string>, 
/**
 * Ids of those past their day: 待复核, not to be taken for checked.
 */
stale: Array<string>, };

export type KnowledgeCheck = { 
/**
 * Fields in which something looks like a customer's telephone, number or address.
 */
personal: Array<string>, };

export type KnowledgeEntry = { 
/**
 * Its record; nil where it is new.
 */
id: string, 
/**
 * Raised with every edit.
 */
version: number, 
/**
 * What is asked.
 */
title: string, 
/**
 * What to say.
 */
answer: string, 
/**
 * 类别 it concerns, a code; empty: any.
 */
kind: string, 
/**
 * 业务类别 it concerns, a code; empty: any.
 */
category: string, 
/**
 * Words of which one stands in the product's name or model; none: any product.
 */
products: Array<string>, 
/**
 * On what it rests (依据): manual, drawing, contract, a department's word.
 */
source: string, 
/**
 * Who verified it; the program fills that in.
 */
verified_by: string, 
/**
 * The day on which he did; the program fills that in.
 */
verified_on: string | null, 
/**
 * Last day on which it counts as verified; none: no end.
 */
valid_until: string | null, 
/**
 * No longer offered (停用).
 */
retired: boolean, };

export type KnowledgeRequest = { 
/**
 * The form as far as it is filled in.
 */
values: Record<string, unknown>, 
/**
 * Looks for these characters, or for their sound; empty: no search.
 */
query: string, 
/**
 * Retired ones included, for editing.
 */
all: boolean, };

export type KnowledgeVersion = { 
/**
 * When it was saved, RFC 3339.
 */
at: string, 
/**
 * By whom.
 */
member: string, 
/**
 * As it was saved.
 */
entry: KnowledgeEntry, };

export type Line = { 
/**
 * Identity of the line.
 */
id: string, 
/**
 * Column key → value.
 */
values: Record<string, unknown>, 
/**
 * Struck out by a later change.
 */
struck?: boolean, };

export type ListPage = { 
/**
 * Rows from `offset` on.
 */
rows: Array<FormRow>, 
/**
 * Rows that the filter lets through in all.
 */
total: number, };

export type ListRequest = { 
/**
 * Which forms.
 */
filter: Filter, 
/**
 * Ordered by.
 */
sort: SortKey, 
/**
 * Greatest first.
 */
descending: boolean, 
/**
 * Rows to skip.
 */
offset: number, 
/**
 * Rows wanted, at most 100.
 */
limit: number, };

export type ReserveRequest = { 
/**
 * How many forms, 1 to 50.
 */
sheets: number, };

export type Reserved = { 
/**
 * Their printing: what is printed, also again.
 */
printing: string, 
/**
 * In order.
 */
numbers: Array<string>, };

export type BlankForm = { 
/**
 * Its number.
 */
number: string, 
/**
 * The printing it came from.
 */
printing: string, 
/**
 * When it was printed, RFC 3339.
 */
printed_at: string, 
/**
 * Who printed it.
 */
by: string, 
/**
 * This device printed it: only here it is registered or given up.
 */
own: boolean, };

export type SpoilRequest = { 
/**
 * Its number.
 */
number: string, 
/**
 * Why.
 */
reason: string, };

export type Loading = { 
/**
 * Changes received in this exchange.
 */
received: number, 
/**
 * Place in the order of the workspace that was reached.
 */
reached: number, 
/**
 * The last place there was when it began.
 */
last: number, };

export type Marks = { 
/**
 * Open minutes after which a form that is to be dispatched is marked 待分发.
 */
undispatched_minutes: number, 
/**
 * Open minutes after which a dispatched form that nobody accepted is marked 待接收.
 */
unaccepted_minutes: number, 
/**
 * Days within which a similar form counts as a likely duplicate.
 */
duplicate_days: number, 
/**
 * Rings within which a call is to be answered (R61).
 */
rings: number, };

export type Member = { 
/**
 * Record id, also the id of his seat.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * 工号, may be empty.
 */
employee_number: string, 
/**
 * Post (岗位), may be empty.
 */
post: string, 
/**
 * Department, may be empty.
 */
department: string, 
/**
 * Telephone extension (分机), may be empty.
 */
phone_extension: string, 
/**
 * Role codes; those of a newer version are among them.
 */
roles: Array<string>, 
/**
 * False once retired.
 */
active: boolean, 
/**
 * Has a passphrase of his own on this machine.
 */
sign_in: boolean, };

export type MemberRequest = { 
/**
 * Whom to change; none: a new member.
 */
id?: string, 
/**
 * Name.
 */
name: string, 
/**
 * 工号, may be empty.
 */
employee_number: string, 
/**
 * Post (岗位), may be empty.
 */
post: string, 
/**
 * Department, may be empty.
 */
department: string, 
/**
 * Telephone extension (分机), may be empty.
 */
phone_extension: string, 
/**
 * Role codes.
 */
roles: Array<string>, 
/**
 * False retires.
 */
active: boolean, };

export type Members = { 
/**
 * All of them, retired ones included.
 */
members: Array<Member>, 
/**
 * Codes of the roles that can be given, in the order in which they are shown.
 */
roles: Array<string>, };

export type MergeCustomersRequest = { 
/**
 * Who was found twice.
 */
id: string, 
/**
 * Under whom everything is found from now on; none takes an earlier merge back.
 */
into?: string, 
/**
 * Why.
 */
reason: string, };

export type NeedView = { 
/**
 * Field key; of a list's column `list.column`; `reason` for the reason; the list's key for the line to be replaced.
 */
field: string, 
/**
 * The act is refused without it.
 */
required: boolean, };

export type OfferView = { 
/**
 * The act.
 */
act: string, 
/**
 * Why it is not possible; none where it is.
 */
why?: Why, 
/**
 * What it asks for, in the order of the sheet.
 */
needs: Array<NeedView>, };

export type OutOfPlaceView = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * What it would have done.
 */
act: string, 
/**
 * By whom.
 */
member: string, };

export type PassphraseRequest = { 
/**
 * Current passphrase.
 */
passphrase: string, };

export type PauseView = { 
/**
 * RFC 3339.
 */
from: string, 
/**
 * The same; none while it lasts.
 */
to?: string, 
/**
 * Code of the list `suspension`.
 */
reason: string, };

export type Pending = "unsolved" | "dissatisfied" | "suggestion" | "task" | "verify";

export type PendingJoin = { 
/**
 * Names the invite.
 */
id: string, 
/**
 * Member's name; empty where another device invited.
 */
name: string, 
/**
 * Code of the new device; empty while nobody asked.
 */
device_code: string, 
/**
 * To be compared with the new device's screen; empty while nobody asked.
 */
fingerprint: string, 
/**
 * When the invite runs out, RFC 3339.
 */
expires: string, 
/**
 * `open`, `asked`, `elsewhere` (only the device that invited can judge it), `false` (made with another invite or altered).
 */
state: string, };

export type Plan = { 
/**
 * Customer.
 */
customer: string, 
/**
 * The product it is about; none: the customer as such.
 */
product?: string, 
/**
 * What is asked after.
 */
content: string, 
/**
 * Its first day.
 */
first?: string, 
/**
 * Months from one visit to the next, 1 to 60.
 */
months: number, 
/**
 * No further visits after this day.
 */
until?: string, 
/**
 * Stopped.
 */
stopped: boolean, };

export type Preferences = { 
/**
 * Colours.
 */
theme: Theme, 
/**
 * Size of the interface in per cent: 100, 110, 125 or 150.
 */
scale: number, 
/**
 * Minutes without input until the desk locks; 0 never.
 */
idle_minutes: number, 
/**
 * Printer for direct printing; empty: the system's default printer.
 */
printer: string, 
/**
 * Filter of the list, remembered.
 */
filter: Filter, 
/**
 * Order of the list, remembered.
 */
sort: SortKey, 
/**
 * Greatest first.
 */
descending: boolean, 
/**
 * Whether whoever signed in last sits down where the keyring opens the desk. Only an administrator changes it.
 */
keyring_seat: boolean, 
/**
 * Notifications of the system: new forms in a queue, clocks that run out.
 */
notifications: boolean, 
/**
 * No notification from this time of day on, `22:00`; empty: no quiet hours.
 */
quiet_from: string, 
/**
 * Until then; before `quiet_from`: over midnight.
 */
quiet_to: string, };

export type Preset = { 
/**
 * Code: s1, s2, s3, s4, statutory.
 */
id: string, 
/**
 * Name.
 */
name: string, };

export type PrintRequest = { 
/**
 * What.
 */
sheet: Sheet, };

export type Printed = { 
/**
 * Which copy it was; none for the empty form.
 */
copy?: number, 
/**
 * File name it was saved under; none if it went to the printer.
 */
file?: string, 
/**
 * The person closed the save dialog; nothing was written.
 */
cancelled: boolean, };

export type Problem = "required" | "wrong_kind" | "too_long" | "unknown_option" | "not_a_phone" | "not_an_email" | "not_a_date" | "out_of_range" | "in_the_future" | "unknown_field" | "repeated" | "not_yours" | "not_reserved";

export type ProductView = { 
/**
 * Product.
 */
id: string, 
/**
 * Name; empty if none.
 */
name: string, 
/**
 * Model; empty if none.
 */
model: string, 
/**
 * Serial; empty if none.
 */
serial: string, 
/**
 * What was agreed, from its record and, where that says nothing, from its latest form.
 */
terms: Terms, 
/**
 * Today.
 */
warranty: Warranty, 
/**
 * Windows that consumer law counts from the day of delivery; none where that is not known.
 */
windows?: Windows, 
/**
 * Forms about it.
 */
forms: number, };

export type Quarantined = { 
/**
 * SHA-256 of its envelope in hexadecimal: its name.
 */
digest: string, 
/**
 * Place in the order of the workspace.
 */
place: number, 
/**
 * Code of the device that sent it; empty where it is not known.
 */
device: string, 
/**
 * Member who wrote it, as the envelope says; empty where he is not known.
 */
member: string, 
/**
 * Kind of the record.
 */
kind: string, 
/**
 * What was done.
 */
act: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Why it does not count: `signature`, `unknown_seat`, `revoked`, `no_key`, `sealed`, `disagrees`, `newer`, `damaged`,
 * `emptied`; of what is not there at all, `withheld` or `reordered`: then only the place is known.
 */
reason: string, };

export type Question = { 
/**
 * Stable key: the record keeps the answer under `answer.KEY`, and where it came from under `source.KEY`.
 */
key: string, 
/**
 * Label on screen and paper.
 */
label: string, 
/**
 * How it is answered.
 */
kind: QuestionKind, 
/**
 * What the visitor says.
 */
ask: string, 
/**
 * A visit is not done without it.
 */
required: boolean, 
/**
 * Occasions (code list `visit_type`) on which it is asked; empty: on all.
 */
occasions?: Array<string>, 
/**
 * Options of a choice.
 */
options?: Array<CodeItem>, };

export type QuestionKind = "score" | "nps" | "choice" | "text";

export type Questionnaire = { 
/**
 * Stable name.
 */
id: string, 
/**
 * Raised with every change.
 */
version: number, 
/**
 * Name for people.
 */
title: string, 
/**
 * Questions in the order of asking.
 */
questions: Array<Question>, };

export type Questionnaires = { 
/**
 * The one in use.
 */
current: Questionnaire, 
/**
 * Every version, the latest first.
 */
versions: Array<Questionnaire>, };

export type QueueCount = { 
/**
 * Code: to_dispatch 待分发, to_accept 待接收, mine 我的处理, due_today 今日到期, overdue 超时, to_inform 待回告, to_close 待关闭,
 * to_file 待归档, suspended 挂起, chased 督办待复, queried 待核实, offered 待我接手, following 我的跟进, measures 措施, out_of_place 异常, open 全部在办. What
 * is no form has a list of its own: visits 回访, paper 待补录的纸质登记表, channels 渠道检查.
 */
key: string, 
/**
 * Forms in it.
 */
count: number, 
/**
 * Of these, past the due time of their strictest clock.
 */
overdue: number, 
/**
 * Of these, marked as waiting too long (undispatched, unaccepted).
 */
marked: number, };

export type QueuePage = { 
/**
 * Rows from `offset` on.
 */
rows: Array<QueueRow>, 
/**
 * Rows in all.
 */
total: number, };

export type QueueRequest = { 
/**
 * Code of the queue.
 */
key: string, 
/**
 * Rows to skip.
 */
offset: number, 
/**
 * Rows wanted, at most 100.
 */
limit: number, };

export type QueueRow = { 
/**
 * The form.
 */
form: FormRow, 
/**
 * Responsible department; empty if none.
 */
department: string, 
/**
 * Who has it in hand; empty if nobody.
 */
handler: string, 
/**
 * Since when it is in its state, RFC 3339.
 */
since: string, 
/**
 * Its strictest clock that still runs.
 */
clock?: ClockView, 
/**
 * Waiting too long: undispatched or unaccepted.
 */
mark?: string, 
/**
 * 督办 lines that wait for a reply.
 */
chases: number, 
/**
 * 待核实 lines that wait for an answer.
 */
queries: number, 
/**
 * Measures that are not verified.
 */
measures: number, 
/**
 * Escalation level.
 */
level: number, 
/**
 * Times reopened.
 */
reopened: number, };

export type Receivers = { 
/**
 * Names, by pinyin.
 */
names: Array<string>, };

export type RecordVisitRequest = { 
/**
 * Visit.
 */
id: string, 
/**
 * Answers (`answer.KEY`), their sources (`source`, `source.KEY`), `means`, `actual_at`, `respondent`, `relation`.
 */
values: Record<string, unknown>, 
/**
 * Where it is not solved: how it goes on. None: somebody else decides.
 */
unsolved?: Unsolved, 
/**
 * Improvements and suggestions: `type`, `content`, `department`, `owner`, `due`.
 */
tasks: Record<string, unknown>[], };

export type RecoveryCode = { 
/**
 * Shown once.
 */
recovery_code: string, };

export type RefusedChange = { 
/**
 * The change.
 */
id: string, 
/**
 * Record it belongs to.
 */
record: string, 
/**
 * Number of the form; empty for other records.
 */
number: string, 
/**
 * Kind of the record.
 */
kind: string, 
/**
 * What was done.
 */
act: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Why: `role`, `unassigned`, `own_matter`, `rated`, `archived`, `seat`, `kind`, `size`, `malformed`, `no_key`, or of a newer
 * server.
 */
code: string, };

export type RegisterRequest = { 
/**
 * Draft that becomes the form; it is gone once the form is on disk.
 */
draft?: string, 
/**
 * Field key → value. `number` only where the form was written on paper under a number set aside for it.
 */
values: Record<string, unknown>, 
/**
 * Files.
 */
attachments: Array<Attachment>, 
/**
 * The call that opened it: becomes the first line of its call log (通话记录).
 */
call?: Call, };

export type Registered = { 
/**
 * Record id.
 */
id: string, 
/**
 * `KF-YYYYMMDD-终端码-流水`.
 */
number: string, };

export type ReplyHit = { 
/**
 * First character.
 */
start: number, 
/**
 * Behind the last.
 */
end: number, 
/**
 * As it stands there.
 */
phrase: string, 
/**
 * Why.
 */
why: string, 
/**
 * A better wording.
 */
instead: string, };

export type ReplyRequest = { 
/**
 * The reply.
 */
text: string, };

export type ResolveRequest = { 
/**
 * Record.
 */
id: string, 
/**
 * Field.
 */
field: string, 
/**
 * Stamp of the value chosen; none where `value` is a new one.
 */
choose?: string, 
/**
 * The new value.
 */
value?: unknown, 
/**
 * Stamps of all values that were shown. A value that came in since stays a conflict.
 */
seen: Array<string>, };

export type RevealRequest = { 
/**
 * Form.
 */
id: string, 
/**
 * What for.
 */
purpose: string, };

export type RevokeRequest = { 
/**
 * Member.
 */
member?: string, 
/**
 * Device.
 */
device?: string, };

export type RoundView = { 
/**
 * Round.
 */
id: string, 
/**
 * `2026Q3`.
 */
quarter: string, 
/**
 * Seed of its draw.
 */
seed: number, 
/**
 * When it was drawn, RFC 3339.
 */
at: string, 
/**
 * By whom.
 */
by: string, 
/**
 * Customers who wrote in the quarter, those left out not among them.
 */
population: number, 
/**
 * Strata by the kind of a customer's latest form (code list `kind`).
 */
strata: Array<Stratum>, 
/**
 * Customers left out, by reason.
 */
left_out: { [key in string]: number }, 
/**
 * Customers drawn: n.
 */
drawn: number, 
/**
 * Of these: answered.
 */
done: number, 
/**
 * Refused.
 */
refused: number, 
/**
 * Out of reach.
 */
unreachable: number, 
/**
 * Waiting still.
 */
waiting: number, 
/**
 * Answered ÷ drawn, in hundredths of a per cent.
 */
response_rate: number, 
/**
 * What the questions came to.
 */
questions: Array<SurveyQuestion>, };

export type Route = { 
/**
 * Forms it is for.
 */
when: Condition, 
/**
 * Hours at which it counts, one of [`route_hours`]. A route with any other text sends nothing anywhere.
 */
hours: string, 
/**
 * Department whose calendar says whether it is open; absent: the one that it goes to.
 */
hours_of?: string, 
/**
 * 责任部门.
 */
department: string, 
/**
 * 经办人, where one is named.
 */
person?: string, };

export type Routine = { 
/**
 * Working days from one check to the next, 1 to 60; none: it is not checked.
 */
every?: number, 
/**
 * Who is asked: a role's code, a department or a member's name; empty: everybody who may check.
 */
who: string, 
/**
 * What to try.
 */
how: string, };

export type RuleSet = { 
/**
 * Stable name; versions of one regulation share it.
 */
id: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * Raised with every change.
 */
version: number, 
/**
 * One of [`mod@line`]: `house` or `statutory`.
 */
line: string, 
/**
 * First day on which it is in force, in the zone of its default calendar.
 */
effective_from: string, 
/**
 * Whether clocks that start after this day on forms received before it count by this version, too. Clocks that
 * have started keep theirs in any case.
 */
reaches_open_forms: boolean, 
/**
 * Who issued it (R15).
 */
issuer: string, 
/**
 * Who approved it (R15). Empty in presets: nobody of the company has yet.
 */
approver: string, 
/**
 * Code lists that differ from the shipped ones.
 */
categories?: CodeLists, 
/**
 * Working calendars.
 */
calendars: CalendarSet, 
/**
 * Where forms go; the first route that fits counts (R40).
 */
routing: Array<Route>, 
/**
 * Clocks (R51–R60).
 */
clocks: Array<Clock>, 
/**
 * Escalation of all its clocks.
 */
escalation: Array<Escalation>, 
/**
 * Waiting forms that are marked, and other bounds of the desk.
 */
marks: Marks, 
/**
 * Return visits: after which closings, within how many working days (R91, R92).
 */
visits: VisitRules, 
/**
 * Field keys that an act asks for, by act.
 */
required: { [key in string]: Array<string> }, 
/**
 * Code of list `retention` by class (a kind, or `default`) (R100).
 */
retention: { [key in string]: string }, 
/**
 * Indicators that are reported, by id (R107–R115).
 */
indicators: Array<string>, 
/**
 * Id of the script library (话术).
 */
scripts: string, };

export type RulesView = { 
/**
 * Every version, the latest effective date first.
 */
sets: Array<RuleSet>, 
/**
 * Id and version of the house set in force today; none where the company has none.
 */
in_force?: [string, number], 
/**
 * What can be picked.
 */
presets: Array<Preset>, 
/**
 * Years whose working days are known.
 */
years: Array<number>, };

export type SaveChannelRequest = { 
/**
 * Code of the list `channel`, or its name.
 */
code: string, 
/**
 * How.
 */
routine: Routine, };

export type SaveProductRequest = { 
/**
 * Product.
 */
id: string, 
/**
 * Customer, whose page is the answer.
 */
customer: string, 
/**
 * Serial as corrected; empty: as on the forms.
 */
serial: string, 
/**
 * What was agreed.
 */
terms: Terms, 
/**
 * Why.
 */
reason: string, };

export type SaveRulesRequest = { 
/**
 * The set; its version is given by the backend.
 */
set: RuleSet, };

export type Saved = { 
/**
 * File name it was saved under; none if the person closed the dialog.
 */
file?: string, };

export type Script = { 
/**
 * Stable identifier.
 */
id: string, 
/**
 * Raised with every edit of this entry.
 */
version: number, 
/**
 * Name of the situation.
 */
title: string, 
/**
 * Group under which it is listed.
 */
group: string, 
/**
 * Where it fits.
 */
when: When, 
/**
 * Sentences to say.
 */
say: Array<string>, 
/**
 * Sentences never to say.
 */
do_not_say: Array<string>, 
/**
 * What to do, in order.
 */
steps: Array<Step>, 
/**
 * No longer offered; kept, so that a shipped entry can be put away.
 */
retired?: boolean, };

export type Scripts = { 
/**
 * All that are offered, or found.
 */
scripts: Array<Script>, 
/**
 * Ids of those that fit the situation, best first.
 */
suggested: Array<string>, };

export type ScriptsRequest = { 
/**
 * What is being done: an act, or `intake` before registration.
 */
act: string, 
/**
 * The form as far as it is filled in.
 */
values: Record<string, unknown>, 
/**
 * Looks for these characters; empty: no search.
 */
query: string, 
/**
 * The library as it stands instead, for editing: retired scripts included, placeholders unfilled.
 */
raw?: boolean, };

export type Seat = { 
/**
 * The member's id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * 工号, may be empty.
 */
employee_number: string, 
/**
 * Department, may be empty.
 */
department: string, 
/**
 * Role codes.
 */
roles: Array<string>, 
/**
 * Has signed in since the desk was opened: sits down without a passphrase.
 */
signed_in: boolean, 
/**
 * Sits at the desk now.
 */
sitting: boolean, };

export type SetupDone = { 
/**
 * Shown once: five groups of five characters, joined by `-`.
 */
recovery_code: string, 
/**
 * Device code as stored.
 */
device_code: string, 
/**
 * Whether later starts open through the system's keyring.
 */
keyring: boolean, };

export type SetupRequest = { 
/**
 * Company name as it stands over the form.
 */
company: string, 
/**
 * Own name.
 */
member: string, 
/**
 * 工号, may be empty.
 */
employee_number: string, 
/**
 * Post (岗位), may be empty.
 */
post: string, 
/**
 * Department, may be empty.
 */
department: string, 
/**
 * Short code of this device in form numbers: one to four of A–Z, 0–9.
 */
device_code: string, 
/**
 * At least eight characters.
 */
passphrase: string, };

export type Sheet = { "form": string } | { "service": string } | "blank" | { "printing": string } | { "visit": string };

export type SignInRequest = { 
/**
 * The member.
 */
id: string, 
/**
 * At least eight characters; he changes it himself later.
 */
passphrase: string, };

export type Similar = { 
/**
 * Forms within the days of the rules, the likeliest first, at most five.
 */
forms: Array<SimilarForm>, 
/**
 * Which time it is that this customer reports this fault of this product (第__次); 1 where there is none before.
 */
nth: number, 
/**
 * Forms that were counted for it, newest first.
 */
before: Array<string>, 
/**
 * Days looked back for duplicates.
 */
days: number, };

export type SimilarForm = { 
/**
 * The form.
 */
form: FormRow, 
/**
 * 很可能是同一件事; otherwise 可能.
 */
likely: boolean, 
/**
 * The same fault of the same product.
 */
same_fault: boolean, };

export type SimilarRequest = { 
/**
 * The sheet as far as it is filled in.
 */
values: Record<string, unknown>, };

export type SortKey = "received_at" | "number" | "customer";

export type Stage = "first_start" | "locked" | "open";

export type Standing = { 
/**
 * The desk belongs to a workspace. Where it does not, nothing else here says anything.
 */
joined: boolean, 
/**
 * The last exchange came to its end.
 */
online: boolean, 
/**
 * An exchange is under way.
 */
busy: boolean, 
/**
 * Since when it does not, RFC 3339; none while online or where no exchange was tried yet.
 */
offline_since?: string, 
/**
 * When an exchange last came to its end, RFC 3339.
 */
last_exchange?: string, 
/**
 * Own changes that the shared database has not acknowledged.
 */
to_send: number, 
/**
 * Last place of the log on this machine. Where it moved without the window's own writing, lists are read again.
 */
log: number, 
/**
 * Present while more than one page is being received.
 */
loading?: Loading, 
/**
 * Why the last exchange did not come to its end.
 */
trouble?: Failure, 
/**
 * The gravest first.
 */
problems: Array<StandingEntry>, };

export type StandingEntry = { 
/**
 * Which.
 */
problem: StandingProblem, 
/**
 * How many.
 */
count: number, };

export type StandingProblem = "refused" | "quarantined" | "conflicts" | "astray" | "server_clock" | "own_clock" | "copied";

export type Start = "latest" | "purchase" | "delivery" | "installation";

export type Status = { 
/**
 * How far the desk is.
 */
stage: Stage, 
/**
 * Why the keyring did not open it, where it did not.
 */
keyring?: KeyringTrouble, 
/**
 * Locked by hand or by idleness, rather than just started.
 */
idle_locked: boolean, 
/**
 * Seconds until the next try is allowed.
 */
wait_seconds: number, 
/**
 * Program version.
 */
version: string, };

export type Step = { 
/**
 * What to do or say; may hold placeholders.
 */
text: string, 
/**
 * Seconds to wait before the next step (R82, R84–R86); none where the next follows at once.
 */
seconds?: number, };

export type Stratum = { 
/**
 * What its customers have in common: a code.
 */
key: string, 
/**
 * How many there are.
 */
population: number, 
/**
 * How many were drawn.
 */
drawn: number, };

export type SurveyQuestion = { 
/**
 * Key of the question.
 */
key: string, 
/**
 * Label.
 */
label: string, 
/**
 * How many answered it.
 */
n: number, 
/**
 * Mean of a score, in hundredths; none for choices, and where nobody answered.
 */
mean_hundredths?: number, 
/**
 * How often each answer was given, by code.
 */
counts: { [key in string]: number }, };

export type SwitchRequest = { 
/**
 * The seat.
 */
id: string, 
/**
 * Its own passphrase; needed unless it has signed in since the desk was opened.
 */
passphrase?: string, };

export type TakeOverRequest = { 
/**
 * The recovery kit as typed; breaks, dashes and case do not matter.
 */
kit: string, 
/**
 * The server, with a login that may install there.
 */
server: CreateWorkspaceRequest, };

export type Template = { 
/**
 * Stable name.
 */
id: string, 
/**
 * Raised with every change of the shipped template.
 */
version: number, 
/**
 * Title over the grid.
 */
title: string, 
/**
 * Grid columns.
 */
columns: number, 
/**
 * Blocks from top to bottom.
 */
blocks: Array<Block>, };

export type Terms = { 
/**
 * 购买日期.
 */
purchased: string | null, 
/**
 * Day on which the customer received it.
 */
delivered: string | null, 
/**
 * 安装日期.
 */
installed: string | null, 
/**
 * Which of these days counts.
 */
start: Start, 
/**
 * Months of the maker's warranty.
 */
months: number | null, 
/**
 * Months of an extended warranty (延保), which follows the maker's without a gap.
 */
extended: number | null, 
/**
 * Maintenance contract (合同维保), if any.
 */
contract: Contract | null, };

export type Theme = "system" | "light" | "dark";

export type TimelineEntry = { 
/**
 * Identity of the change.
 */
id: string, 
/**
 * When, RFC 3339 in the author's zone.
 */
at: string, 
/**
 * Who.
 */
member: string, 
/**
 * Act: register, correct, void, print, or one of a newer version.
 */
act: string, 
/**
 * Why.
 */
reason?: string, 
/**
 * Fields changed; for `register` left empty, the sheet shows them.
 */
fields: Array<FieldChange>, 
/**
 * Lines added, by list.
 */
added: { [key in string]: Array<Line> }, 
/**
 * Lines struck out.
 */
struck: Array<Line>, 
/**
 * Who wrote earlier corrections of other fields elsewhere, which its author did not know of: they were merged. Empty for
 * one who is not known. Left out where there is none.
 */
merged_with?: Array<string>, };

export type UnlockRequest = { "passphrase": string } | { "recovery": { 
/**
 * The code; case, spaces and dashes do not matter.
 */
code: string, 
/**
 * At least eight characters.
 */
new_passphrase: string, } };

export type Unsolved = "reopen" | "new_form";

export type VerifyReport = { 
/**
 * Changes read.
 */
changes: number, 
/**
 * Records folded.
 */
records: number, 
/**
 * Entries whose words were destroyed on a customer's demand.
 */
erased: number, 
/**
 * What is wrong, one sentence each; empty is good.
 */
problems: Array<string>, };

export type VisitActRequest = { 
/**
 * Visit.
 */
id: string, 
/**
 * Act.
 */
act: string, 
/**
 * Field values that the act asks for.
 */
values: Record<string, unknown>, 
/**
 * The line that it writes: a try or a task.
 */
line?: Record<string, unknown>, 
/**
 * The task that the line takes the place of.
 */
strike?: string, 
/**
 * Why; empty for none.
 */
reason: string, };

export type VisitEntry = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Who.
 */
member: string, 
/**
 * What.
 */
act: string, 
/**
 * Why.
 */
reason?: string, 
/**
 * It had no effect, because it was not his to do.
 */
out_of_place: boolean, };

export type VisitFilter = "due" | "overdue" | "agreed" | "mine" | "open" | "pending" | "tasks" | "over" | "out_of_place";

export type VisitMatter = { 
/**
 * The form as lists show it.
 */
form: FormRow, 
/**
 * What the customer told.
 */
description: string, 
/**
 * What was offered, and what came of it.
 */
result: string, 
/**
 * Who handled it.
 */
hands: Array<string>, };

export type VisitPlanRequest = { 
/**
 * Plan; none: a new one.
 */
id?: string, 
/**
 * Its content.
 */
plan: Plan, };

export type VisitPlanView = { 
/**
 * Plan.
 */
id: string, 
/**
 * Its content.
 */
plan: Plan, 
/**
 * Name of the customer, masked for whom he does not concern.
 */
customer: string, 
/**
 * The visit of it that waits, if one does.
 */
next?: VisitRow, };

export type VisitRow = { 
/**
 * Visit.
 */
id: string, 
/**
 * 回访编号.
 */
number: string, 
/**
 * Code of the list `visit_type`.
 */
occasion: string, 
/**
 * Code of the list `visit_state`.
 */
state: string, 
/**
 * Day it is due, `2026-11-23`; none where the calendar of its year is missing.
 */
due?: string, 
/**
 * The year whose calendar is missing.
 */
missing_year?: number, 
/**
 * Agreed time, RFC 3339.
 */
agreed_at?: string, 
/**
 * To be made before today.
 */
overdue: boolean, 
/**
 * Form that it asks after.
 */
form?: string, 
/**
 * Its number; empty: of no form.
 */
form_number: string, 
/**
 * Name of the customer, masked for whom he does not concern.
 */
customer: string, 
/**
 * His telephone, masked likewise.
 */
phone: string, 
/**
 * Who has taken it; empty: nobody.
 */
visitor: string, 
/**
 * Half-days on which nobody answered.
 */
tries: number, 
/**
 * Who sits here handled the matter, and so may not make it.
 */
own_matter: boolean, 
/**
 * Who sits here may take it, and nobody has.
 */
free: boolean, 
/**
 * What follows from it and is still to be done.
 */
pending: Array<Pending>, };

export type VisitRules = { 
/**
 * After which closings.
 */
arise: Array<Arise>, 
/**
 * Half-days on which a customer is tried before he counts as out of reach.
 */
tries: number, 
/**
 * Working days that the visits of a quarterly round have from its draw.
 */
survey_days: number, };

export type VisitView = { 
/**
 * As the list shows it.
 */
row: VisitRow, 
/**
 * Its fields, answers among them.
 */
values: Record<string, unknown>, 
/**
 * Its tries and tasks.
 */
lists: Record<string, Line[]>, 
/**
 * Numbers to dial, the customer's first.
 */
dial: Array<string>, 
/**
 * Address, product and the like, as the latest form has them.
 */
customer: Record<string, unknown>, 
/**
 * The customer, for his page.
 */
customer_id?: string, 
/**
 * What it asks after.
 */
matter?: VisitMatter, 
/**
 * The customer's forms, newest first.
 */
history: Array<FormRow>, 
/**
 * Other visits to him, the latest first.
 */
earlier: Array<VisitRow>, 
/**
 * Hours at which he was reached before, best first: `[from, to)`. Empty: nothing is known.
 */
best_hours: Array<[number, number]>, 
/**
 * The questionnaire: the version that was answered, or the one in use.
 */
questionnaire: Questionnaire, 
/**
 * Acts of visits for who sits here, possible or not.
 */
offers: Array<OfferView>, 
/**
 * What was done, latest first.
 */
timeline: Array<VisitEntry>, 
/**
 * Answers that were changed, latest first.
 */
changed: Array<AnswerChange>, 
/**
 * That the customer wants no visits, in his words.
 */
no_visits?: string, 
/**
 * Name and numbers are masked; taking the visit shows them.
 */
masked: boolean, 
/**
 * Copies printed or saved.
 */
copies: number, };

export type VisitsPage = { 
/**
 * Rows from `offset` on.
 */
rows: Array<VisitRow>, 
/**
 * Rows in all.
 */
total: number, 
/**
 * How many there are of each filter, of everybody's, by its code.
 */
counts: { [key in string]: number }, 
/**
 * Who sits here may lay down plans.
 */
may_plan: boolean, 
/**
 * Who sits here may draw surveys and change the questionnaire.
 */
may_draw: boolean, };

export type VisitsRequest = { 
/**
 * Which.
 */
filter: VisitFilter, 
/**
 * Only of this visitor.
 */
visitor?: string, 
/**
 * Rows to skip.
 */
offset: number, 
/**
 * Rows wanted, at most 100.
 */
limit: number, };

export type VoidRequest = { 
/**
 * Form.
 */
id: string, 
/**
 * Why.
 */
reason: string, };

export type Warranty = { 
/**
 * Code of the list `warranty`.
 */
code: string, 
/**
 * Last day on which this holds, `2026-11-02`; for 保外 the last day that was covered.
 */
until?: string, };

export type WarrantyRequest = { 
/**
 * The sheet as far as it is filled in.
 */
values: Record<string, unknown>, };

export type Week = { 
/**
 * 星期一.
 */
mon?: string[], 
/**
 * 星期二.
 */
tue?: string[], 
/**
 * 星期三.
 */
wed?: string[], 
/**
 * 星期四.
 */
thu?: string[], 
/**
 * 星期五.
 */
fri?: string[], 
/**
 * 星期六.
 */
sat?: string[], 
/**
 * 星期日.
 */
sun?: string[], };

export type When = { 
/**
 * Acts that are being done; `intake` while the form is not registered yet.
 */
acts: Array<string>, 
/**
 * 受理渠道.
 */
channels: Array<string>, 
/**
 * 类别.
 */
kinds: Array<string>, 
/**
 * 业务类别.
 */
categories: Array<string>, 
/**
 * 情绪.
 */
moods: Array<string>, 
/**
 * 严重度.
 */
severities: Array<string>, 
/**
 * 客户要求; one of them is enough.
 */
demands: Array<string>, 
/**
 * Only where the call was picked up after the third ring (R83).
 */
late: boolean, 
/**
 * Only from the second time on (第__次).
 */
again: boolean, };

export type Why = { "code": "wrong_state" } | { "code": "suspended" } | { "code": "wrong_role" } | { "code": "not_your_department" } | { "code": "not_assigned" } | { "code": "not_your_form" } | { "code": "not_follower" } | { "code": "not_addressee" } | { "code": "not_delegated" } | { "code": "guard_missing", 
/**
 * Field keys in paper order.
 */
fields: Array<string>, } | { "code": "same_person" } | { "code": "nothing_open" } | { "code": "nothing_to_undo" } | { "code": "not_author" } | { "code": "customer_not_told" } | { "code": "no_consent" } | { "code": "same_form" } | { "code": "own_matter" } | { "code": "query_open" } | { "code": "unknown_act" };

export type Windows = { 
/**
 * 消费者权益保护法 24 and 25: last of the seven days for returning.
 */
seven_days: string, 
/**
 * 消费者权益保护法 23: last day of the six months in which the trader bears the burden of proof.
 */
six_months: string, };

export type WorkspaceCreated = { 
/**
 * The recovery kit, line by line, to be printed and locked away; shown this once.
 */
recovery_kit: Array<string>, 
/**
 * Fingerprint of the workspace's root, in groups.
 */
fingerprint: string, 
/**
 * Rights of PostgreSQL that the login could not take from members; a sentence each.
 */
left: Array<string>, };

export type WorkspaceInfo = { 
/**
 * Workspace.
 */
id: string, 
/**
 * Fingerprint of its root, in groups.
 */
fingerprint: string, 
/**
 * Host and port of its database.
 */
address: string, 
/**
 * Database.
 */
database: string, 
/**
 * When it was made or joined, RFC 3339.
 */
since: string, 
/**
 * Waits until an administrator lets it in; compare this with his screen: six groups of digits.
 */
waiting?: string, 
/**
 * This device may invite, admit and revoke.
 */
administers: boolean, 
/**
 * It holds the root: it alone can make others administrators.
 */
founder: boolean, };

export type WorkspaceSeat = { 
/**
 * Member.
 */
member: string, 
/**
 * His name; empty where his record has not arrived.
 */
name: string, 
/**
 * Device.
 */
device: string, 
/**
 * Its code in form numbers.
 */
device_code: string, 
/**
 * Roles of the member in the member log.
 */
roles: Array<string>, 
/**
 * `active`, `revoked`, or of a newer version.
 */
status: string, 
/**
 * Admitted, RFC 3339.
 */
admitted: string, 
/**
 * Last contact, RFC 3339, to the minute.
 */
seen?: string, 
/**
 * The last of its changes that the database has dealt with.
 */
sent: number, 
/**
 * This very device.
 */
own: boolean, };

export type WorkspaceState = { 
/**
 * Its place there; missing for a desk of its own.
 */
workspace?: WorkspaceInfo, };

export type Costs = { 
/**
 * 材料费: count × price of every part.
 */
materials: number, 
/**
 * 工时费: minutes × hourly rate, half a fen rounded up.
 */
labour: number, 
/**
 * 交通费.
 */
travel: number, 
/**
 * 合计.
 */
total: number, 
/**
 * 应收: nothing under warranty or contract, unless it is charged all the same.
 */
payable: number, };

export type Crew = { 
/**
 * Codes of the list `service_type`.
 */
skills: Array<string>, 
/**
 * Words that stand in the addresses of his districts.
 */
districts: Array<string>, };

export type DispatchRequest = { 
/**
 * From this form, whose customer, device and fault go onto the sheet.
 */
form: string | null, 
/**
 * Fields of the sheet, over what the form says.
 */
values: Record<string, unknown>, };

export type PlanEvery = "once" | "weeks" | "months";

export type FieldDesk = { 
/**
 * 《售后服务单》.
 */
template: Template, 
/**
 * Options of its choices.
 */
codes: CodeLists, 
/**
 * Who goes out.
 */
technicians: Array<Technician>, 
/**
 * Who sits here dispatches.
 */
dispatches: boolean, 
/**
 * Who sits here goes out.
 */
goes_out: boolean, };

export type MadeVisits = { 
/**
 * Numbers of the new sheets.
 */
made: Array<string>, 
/**
 * Contents of plans whose days lie in a year of which nothing is known, with that year: their visits wait.
 */
unknown: { [key in string]: number }, };

export type MakeVisitsRequest = { 
/**
 * Up to this day, included.
 */
until: string, };

export type MoveStockRequest = { 
/**
 * 编号.
 */
part: string, 
/**
 * Name.
 */
name: string, 
/**
 * Serial of the piece; empty if none.
 */
serial: string, 
/**
 * How many.
 */
count: number, 
/**
 * `store`, `van` for one's own, `van:SEAT`, `supplier`, `scrap`, `count`.
 */
from: string, 
/**
 * The same.
 */
to: string, 
/**
 * Why; required for a count.
 */
reason: string, };

export type PhotoView = { 
/**
 * Its line; nil before it stands on a sheet.
 */
id: string, 
/**
 * `before` or `after`.
 */
when: string, 
/**
 * File name.
 */
name: string, 
/**
 * MIME type.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * Content hash, as `attachment` takes it.
 */
sha256: string, 
/**
 * Its bytes are on this machine.
 */
here: boolean, };

export type PieceMove = { 
/**
 * 编号.
 */
part: string, 
/**
 * Name.
 */
name: string, 
/**
 * From, for people.
 */
from: string, 
/**
 * To, for people.
 */
to: string, 
/**
 * 服务单号 of the sheet on which it was used; empty if none.
 */
sheet: string, };

export type ServicePlan = { 
/**
 * What is done.
 */
content: string, 
/**
 * Code of the list `service_type`.
 */
type: string, 
/**
 * First nominal day.
 */
first: string, 
/**
 * Last day on which a visit may nominally fall; none: until ended.
 */
until: string | null, 
/**
 * How often.
 */
every: PlanEvery, 
/**
 * So many weeks or months; at least 1.
 */
step: number, 
/**
 * Beginning of the appointment, `09:00`.
 */
time: string, 
/**
 * Its length in minutes.
 */
minutes: number, 
/**
 * Technician, by seat and name; empty: to be dispatched.
 */
engineer_seat: string | null, 
/**
 * His name.
 */
engineer: string, 
/**
 * Customer and device as they go onto each sheet: `customer.*`, `contact.*`, `product.*`.
 */
values: Record<string, unknown>, 
/**
 * Makes visits; false once ended.
 */
active: boolean, };

export type PlanView = { 
/**
 * Plan.
 */
id: string, 
/**
 * What it says.
 */
plan: ServicePlan, };

export type SaveCrewRequest = { 
/**
 * His seat.
 */
id: string, 
/**
 * Skills and districts.
 */
crew: Crew, };

export type SavePlanRequest = { 
/**
 * Which; none for a new one.
 */
id: string | null, 
/**
 * What it says.
 */
plan: ServicePlan, };

export type ServiceActRequest = { 
/**
 * Sheet.
 */
id: string, 
/**
 * Act: `move`, `correct`, `void`, `accept`, `decline`, `set_out`, `arrive`, `leave`, `fill`, `photo`, `rate`,
 * `sign`, `return_part`.
 */
act: string, 
/**
 * Fields; null empties one.
 */
values: Record<string, unknown>, 
/**
 * Lines that the act adds to its list.
 */
add: Record<string, unknown>[], 
/**
 * Lines to strike out.
 */
strike: Array<string>, 
/**
 * Why; empty for none.
 */
reason: string, };

export type ServiceRow = { 
/**
 * Sheet.
 */
id: string, 
/**
 * 服务单号.
 */
number: string, 
/**
 * Where it stands.
 */
state: ServiceState, 
/**
 * Code of the list `service_type`.
 */
type: string, 
/**
 * Code of the list `service_urgency`.
 */
urgency: string, 
/**
 * Beginning of the appointment, RFC 3339; empty if none.
 */
from: string, 
/**
 * Its end; empty if none.
 */
until: string, 
/**
 * Technician.
 */
engineer_seat: string | null, 
/**
 * His name.
 */
engineer: string, 
/**
 * Customer.
 */
customer: string, 
/**
 * Telephone.
 */
phone: string, 
/**
 * Address, region first.
 */
address: string, 
/**
 * Device.
 */
product: string, 
/**
 * 登记编号; empty if none.
 */
form: string, 
/**
 * What speaks against it as planned; of visits still to be done.
 */
warnings: Array<VisitWarning>, 
/**
 * Signatures that were voided by a change.
 */
void: number, 
/**
 * Data of the customer are masked for who sits here.
 */
masked: boolean, };

export type ServiceView = { 
/**
 * Sheet.
 */
id: string, 
/**
 * 服务单号.
 */
number: string, 
/**
 * Where it stands.
 */
state: ServiceState, 
/**
 * Fields, sums among them.
 */
values: Record<string, unknown>, 
/**
 * Parts with what became of the old ones.
 */
parts: Array<Line>, 
/**
 * Photos; as many as there are lines were taken, those that are `here` have arrived.
 */
photos: Array<PhotoView>, 
/**
 * Sums in fen.
 */
costs: Costs, 
/**
 * Technician's and customer's.
 */
signatures: Array<SignatureView>, 
/**
 * Acts that who sits here may do now.
 */
acts: Array<string>, 
/**
 * What speaks against it as planned.
 */
warnings: Array<VisitWarning>, 
/**
 * Fields that two wrote without seeing each other.
 */
conflicts: Array<string>, 
/**
 * Form it was dispatched from.
 */
form: string | null, 
/**
 * Visit that does what was left over.
 */
follow_up: string | null, 
/**
 * Earlier and later visits to the same device.
 */
history: Array<ServiceRow>, 
/**
 * Where the device's warranty stands on the day of the visit.
 */
warranty: Warranty, 
/**
 * Windows of the law, where the day of delivery is known.
 */
windows?: Windows, 
/**
 * Where the device stood, the earliest first.
 */
installations: Array<Line>, 
/**
 * Copies printed.
 */
copies: number, 
/**
 * Data of the customer are masked for who sits here.
 */
masked: boolean, };

export type ServicesRequest = { 
/**
 * First day of the appointments, `2026-11-09`; empty: any.
 */
from: string, 
/**
 * Last day, included; empty: any.
 */
until: string, 
/**
 * Of this technician.
 */
engineer: string | null, 
/**
 * Dispatched from this form.
 */
form: string | null, 
/**
 * Only those neither done nor cancelled.
 */
open: boolean, };

export type SignatureView = { 
/**
 * `technician` or `customer`.
 */
party: string, 
/**
 * Whether it counts.
 */
standing: SignatureStanding, 
/**
 * Who signed.
 */
name: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * SVG path in a field of 600 × 200; empty where it was declined.
 */
path: string, 
/**
 * `refused` or `absent`; empty where it was given.
 */
declined: string, 
/**
 * Why.
 */
reason: string, 
/**
 * Times this party signed, or declined to.
 */
given: number, };

export type SignatureStanding = "missing" | "valid" | "declined" | "void";

export type ServiceState = "planned" | "dispatched" | "accepted" | "under_way" | "arrived" | "done" | "cancelled";

export type StockRequest = { 
/**
 * `store`, `van:SEAT`, …; empty: all that who sits here may see.
 */
place: string, };

export type StockRow = { 
/**
 * Place.
 */
place: string, 
/**
 * Its name for people.
 */
place_name: string, 
/**
 * 编号.
 */
part: string, 
/**
 * Name.
 */
name: string, 
/**
 * How many; below nought where a move is missing.
 */
count: number, };

export type Technician = { 
/**
 * Seat.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Department.
 */
department: string, 
/**
 * Skills and districts.
 */
crew: Crew, };

export type VisitWarning = { "code": "clash", 
/**
 * Number of the other sheet.
 */
number: string, } | { "code": "skill" } | { "code": "district" } | { "code": "day_off" } | { "code": "no_calendar", 
/**
 * The year without data.
 */
year: number, };
