// Made from crates/app/src/wire by `UPDATE_WIRE=1 cargo test -p kefu-app --test typescript`. Do not edit.

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

export type ById = { 
/**
 * Record id.
 */
id: string, };

export type ChangePassphraseRequest = { 
/**
 * Current passphrase.
 */
passphrase: string, 
/**
 * At least eight characters.
 */
new_passphrase: string, };

export type CheckAnswer = { 
/**
 * What stands in the way.
 */
fields: Array<FieldError>, };

export type CheckRequest = { 
/**
 * Field key → value.
 */
values: Record<string, unknown>, };

export type Code = "not_set_up" | "already_set_up" | "locked" | "wrong_passphrase" | "wrong_recovery_code" | "too_soon" | "weak_passphrase" | "bad_device_code" | "keys_unreadable" | "database_unreadable" | "database_newer" | "disk_full" | "storage" | "invalid_fields" | "not_empty" | "not_found" | "not_allowed" | "no_seat" | "passphrase_required" | "last_admin" | "several_members" | "not_now" | "reason_required" | "nothing_changed" | "attachment_too_large" | "bad_json" | "paper_failed" | "printer_unavailable" | "file_not_read" | "file_not_written" | "internal";

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
count: number, };

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
 * Options of all choice fields.
 */
codes: CodeLists, 
/**
 * The recovery code has been confirmed by typing part of it.
 */
recovery_confirmed: boolean, };

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
author: string, };

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
attachments: Array<Attachment>, };

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
excerpt: string, };

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
conflicts: Array<string>, };

export type HintRequest = { "phone": string } | { "name": string };

export type KeyringTrouble = "missing" | "locked" | "no_entry" | "wrong" | "unseated";

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

export type PassphraseRequest = { 
/**
 * Current passphrase.
 */
passphrase: string, };

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
keyring_seat: boolean, };

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

export type Problem = "required" | "wrong_kind" | "too_long" | "unknown_option" | "not_a_phone" | "not_an_email" | "not_a_date" | "out_of_range" | "in_the_future" | "unknown_field" | "repeated" | "not_yours";

export type Receivers = { 
/**
 * Names, by pinyin.
 */
names: Array<string>, };

export type RecoveryCode = { 
/**
 * Shown once.
 */
recovery_code: string, };

export type RegisterRequest = { 
/**
 * Draft that becomes the form; it is gone once the form is on disk.
 */
draft?: string, 
/**
 * Field key → value.
 */
values: Record<string, unknown>, 
/**
 * Files.
 */
attachments: Array<Attachment>, };

export type Registered = { 
/**
 * Record id.
 */
id: string, 
/**
 * `KF-YYYYMMDD-终端码-流水`.
 */
number: string, };

export type Saved = { 
/**
 * File name it was saved under; none if the person closed the dialog.
 */
file?: string, };

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

export type Sheet = { "form": string } | "blank";

export type SignInRequest = { 
/**
 * The member.
 */
id: string, 
/**
 * At least eight characters; he changes it himself later.
 */
passphrase: string, };

export type SortKey = "received_at" | "number" | "customer";

export type Stage = "first_start" | "locked" | "open";

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

export type SwitchRequest = { 
/**
 * The seat.
 */
id: string, 
/**
 * Its own passphrase; needed unless it has signed in since the desk was opened.
 */
passphrase?: string, };

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
struck: Array<Line>, };

export type UnlockRequest = { "passphrase": string } | { "recovery": { 
/**
 * The code; case, spaces and dashes do not matter.
 */
code: string, 
/**
 * At least eight characters.
 */
new_passphrase: string, } };

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
 * What is wrong, one sentence each; empty is good.
 */
problems: Array<string>, };

export type VoidRequest = { 
/**
 * Form.
 */
id: string, 
/**
 * Why.
 */
reason: string, };
