//! The commands of the wire, each one line over its use case. Names and types stand in `kefu_app::wire::commands`.

use std::path::{Path, PathBuf};

use kefu_app::wire::*;
use kefu_app::{Desk, file_name, in_words};
use tauri::ipc::{Invoke, InvokeBody, Request, Response};
use tauri::{AppHandle, State, Wry};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};

use crate::folder::Folder;
use crate::printing;

type Held<'a> = State<'a, Desk>;
type Answer<T> = Result<T, Failure>;

/// One adapter per command: `name(Request) -> Answer = method`.
macro_rules! adapters {
    ($($name:ident ( $($request:ty)? ) -> $answer:ty = |$desk:ident $(, $asked:ident)?| $body:expr;)*) => {
        $(#[tauri::command]
        async fn $name($desk: Held<'_>, $(request: $request)?) -> Answer<$answer> {
            $(let $asked = request;)?
            $body
        })*
    };
}

adapters! {
    setup(SetupRequest) -> SetupDone = |desk, r| desk.setup(r).await;
    unlock(UnlockRequest) -> Status = |desk, r| desk.unlock(r).await;
    lock() -> Status = |desk| Ok(desk.lock().await);
    desk() -> DeskInfo = |desk| desk.info().await;
    confirm_recovery() -> () = |desk| desk.confirm_recovery().await;
    renew_recovery(PassphraseRequest) -> RecoveryCode = |desk, r| desk.renew_recovery(r).await;
    change_passphrase(ChangePassphraseRequest) -> () = |desk, r| desk.change_passphrase(r).await;
    members() -> Members = |desk| desk.members().await;
    save_member(MemberRequest) -> Member = |desk, r| desk.save_member(r).await;
    give_sign_in(SignInRequest) -> () = |desk, r| desk.give_sign_in(r).await;
    departments() -> Departments = |desk| desk.departments().await;
    save_departments(DepartmentsRequest) -> Departments = |desk, r| desk.save_departments(r).await;
    seats() -> Vec<Seat> = |desk| desk.seats().await;
    workspace() -> WorkspaceState = |desk| desk.workspace().await;
    create_workspace(CreateWorkspaceRequest) -> WorkspaceCreated = |desk, r| desk.create_workspace(r).await;
    upgrade_workspace(CreateWorkspaceRequest) -> Vec<CheckLine> = |desk, r| desk.upgrade_workspace(r).await;
    take_over(TakeOverRequest) -> WorkspaceInfo = |desk, r| desk.take_over(r).await;
    join_workspace(JoinRequest) -> Joining = |desk, r| desk.join_workspace(r).await;
    ask_admission() -> WorkspaceInfo = |desk| desk.ask_admission().await;
    ask_again(AskAgainRequest) -> WorkspaceInfo = |desk, r| desk.ask_again(r).await;
    invite(InviteRequest) -> InviteShown = |desk, r| desk.invite(r).await;
    pending_joins() -> Vec<PendingJoin> = |desk| desk.pending_joins().await;
    admit_device(AdmitRequest) -> Vec<WorkspaceSeat> = |desk, r| desk.admit_device(r).await;
    withdraw_invite(AdmitRequest) -> Vec<PendingJoin> = |desk, r| desk.withdraw_invite(r).await;
    workspace_seats() -> Vec<WorkspaceSeat> = |desk| desk.workspace_seats().await;
    revoke(RevokeRequest) -> Vec<WorkspaceSeat> = |desk, r| desk.revoke(r).await;
    put_back() -> () = |desk| desk.put_back().await;
    check_workspace() -> Vec<CheckLine> = |desk| desk.check_workspace().await;
    switch_seat(SwitchRequest) -> DeskInfo = |desk, r| desk.switch_seat(r).await;
    drafts() -> Vec<Draft> = |desk| desk.drafts().await;
    save_draft(DraftSaveRequest) -> Draft = |desk, r| desk.save_draft(r).await;
    discard_draft(ById) -> () = |desk, r| desk.discard_draft(r.id).await;
    check(CheckRequest) -> CheckAnswer = |desk, r| desk.check(&r);
    hints(HintRequest) -> Vec<CustomerHint> = |desk, r| desk.hints(r).await;
    register(RegisterRequest) -> Registered = |desk, r| desk.register(r).await;
    reserve_forms(ReserveRequest) -> Reserved = |desk, r| desk.reserve_forms(r).await;
    blank_forms() -> Vec<BlankForm> = |desk| desk.blank_forms().await;
    spoil_form(SpoilRequest) -> Vec<BlankForm> = |desk, r| desk.spoil_form(r).await;
    waiting_calls() -> CallsWaiting = |desk| Ok(desk.waiting_calls());
    take_calls() -> Vec<Draft> = |desk| desk.take_calls().await;
    list(ListRequest) -> ListPage = |desk, r| desk.list(r).await;
    receivers() -> Receivers = |desk| desk.receivers().await;
    find(FindRequest) -> FindPage = |desk, r| desk.find(r).await;
    show(ById) -> FormView = |desk, r| desk.show(r.id).await;
    reveal(RevealRequest) -> FormView = |desk, r| desk.reveal(r).await;
    similar(SimilarRequest) -> Similar = |desk, r| desk.similar(r).await;
    customers(CustomersRequest) -> CustomersPage = |desk, r| desk.customers(r).await;
    customer(ById) -> CustomerView = |desk, r| desk.customer(r.id).await;
    correct_customer(CorrectCustomerRequest) -> CustomerView = |desk, r| desk.correct_customer(r).await;
    merge_customers(MergeCustomersRequest) -> CustomerView = |desk, r| desk.merge_customers(r).await;
    warranty(WarrantyRequest) -> Warranty = |desk, r| desk.warranty(r).await;
    save_product(SaveProductRequest) -> CustomerView = |desk, r| desk.save_product(r).await;
    erase(EraseRequest) -> Erased = |desk, r| desk.erase(r).await;
    correct(CorrectRequest) -> FormView = |desk, r| desk.correct(r).await;
    void_form(VoidRequest) -> FormView = |desk, r| desk.void_form(r).await;
    act(ActRequest) -> FormView = |desk, r| desk.act(r).await;
    board() -> Board = |desk| desk.board().await;
    queue(QueueRequest) -> QueuePage = |desk, r| desk.queue(r).await;
    colleagues() -> Vec<Colleague> = |desk| desk.colleagues().await;
    scripts(ScriptsRequest) -> Scripts = |desk, r| desk.scripts(r).await;
    save_script(Script) -> Scripts = |desk, r| desk.save_script(r).await;
    knowledge(KnowledgeRequest) -> Knowledge = |desk, r| desk.knowledge(r).await;
    save_knowledge(KnowledgeEntry) -> Knowledge = |desk, r| desk.save_knowledge(r).await;
    check_knowledge(KnowledgeEntry) -> KnowledgeCheck = |desk, r| Ok(desk.check_knowledge(&r));
    knowledge_versions(ById) -> Vec<KnowledgeVersion> = |desk, r| desk.knowledge_versions(r.id).await;
    check_reply(ReplyRequest) -> Vec<ReplyHit> = |desk, r| Ok(desk.check_reply(&r));
    rules() -> RulesView = |desk| desk.rules().await;
    adopt_preset(AdoptRequest) -> RulesView = |desk, r| desk.adopt_preset(r).await;
    save_rules(SaveRulesRequest) -> RulesView = |desk, r| desk.save_rules(r).await;
    import_years(ImportYearsRequest) -> RulesView = |desk, r| desk.import_years(r).await;
    visits(VisitsRequest) -> VisitsPage = |desk, r| desk.visits(r).await;
    visit(ById) -> VisitView = |desk, r| desk.visit(r.id).await;
    act_visit(VisitActRequest) -> VisitView = |desk, r| desk.act_visit(r).await;
    record_visit(RecordVisitRequest) -> VisitView = |desk, r| desk.record_visit(r).await;
    follow_visit(FollowVisitRequest) -> VisitView = |desk, r| desk.follow_visit(r).await;
    allow_visits(AllowVisitsRequest) -> () = |desk, r| desk.allow_visits(r).await;
    visit_plans() -> Vec<VisitPlanView> = |desk| desk.visit_plans().await;
    save_visit_plan(VisitPlanRequest) -> Vec<VisitPlanView> = |desk, r| desk.save_visit_plan(r).await;
    visit_rounds() -> Vec<RoundView> = |desk| desk.visit_rounds().await;
    draw_visits(DrawRequest) -> RoundView = |desk, r| desk.draw_visits(r).await;
    questionnaires() -> Questionnaires = |desk| desk.questionnaires().await;
    save_questionnaire(Questionnaire) -> Questionnaires = |desk, r| desk.save_questionnaire(r).await;
    channels() -> Channels = |desk| desk.channels().await;
    save_channel(SaveChannelRequest) -> Channels = |desk, r| desk.save_channel(r).await;
    suggest_channels() -> Channels = |desk| desk.suggest_channels().await;
    check_channel(CheckChannelRequest) -> Channels = |desk, r| desk.check_channel(r).await;
    channel_log(ChannelLogRequest) -> ChannelLog = |desk, r| desk.channel_log(r).await;
    standing() -> Standing = |desk| desk.standing().await;
    exchange() -> Standing = |desk| desk.exchange().await;
    conflicts() -> Vec<Conflict> = |desk| desk.conflicts().await;
    resolve_conflict(ResolveRequest) -> Vec<Conflict> = |desk, r| desk.resolve_conflict(r).await;
    refused_changes() -> Vec<RefusedChange> = |desk| desk.refused_changes().await;
    dismiss_refused(ById) -> Vec<RefusedChange> = |desk, r| desk.dismiss_refused(r).await;
    quarantine() -> Vec<Quarantined> = |desk| desk.quarantine().await;
    diagnosis() -> Diagnosis = |desk| desk.diagnosis().await;
    field_desk() -> FieldDesk = |desk| desk.field_desk().await;
    save_crew(SaveCrewRequest) -> FieldDesk = |desk, r| desk.save_crew(r).await;
    services(ServicesRequest) -> Vec<ServiceRow> = |desk, r| desk.services(r).await;
    service(ById) -> ServiceView = |desk, r| desk.service(r.id).await;
    dispatch_service(DispatchRequest) -> ServiceView = |desk, r| desk.dispatch_service(r).await;
    service_act(ServiceActRequest) -> ServiceView = |desk, r| desk.service_act(r).await;
    stock(StockRequest) -> Vec<StockRow> = |desk, r| desk.stock(r).await;
    move_stock(MoveStockRequest) -> Vec<StockRow> = |desk, r| desk.move_stock(r).await;
    plans() -> Vec<PlanView> = |desk| desk.plans().await;
    save_plan(SavePlanRequest) -> Vec<PlanView> = |desk, r| desk.save_plan(r).await;
    make_visits(MakeVisitsRequest) -> MadeVisits = |desk, r| desk.make_visits(r).await;
    preferences() -> Preferences = |desk| desk.preferences().await;
    save_preferences(Preferences) -> () = |desk, r| desk.save_preferences(&r).await;
    custom_fields() -> CustomFields = |desk| desk.custom_fields();
    save_custom_field(CustomFieldRequest) -> DeskInfo = |desk, r| desk.save_custom_field(r).await;
    verify() -> VerifyReport = |desk| desk.verify().await;
    attachment(AttachmentRequest) -> Response = |desk, r| desk.attachment(&r.sha256).await.map(Response::new);
    preview(PrintRequest) -> Response = |desk, r| kefu_app::preview(&desk, r.sheet).await.map(Response::new);
}

/// Asked first by the interface; the first time, the keyring is tried.
#[tauri::command]
async fn status(desk: Held<'_>) -> Answer<Status> {
    let status = desk.status();
    let untried = status.stage != Stage::Open && status.keyring.is_none() && !status.idle_locked;
    if untried { desk.start().await } else { Ok(status) }
}

/// The file is the body of the call, its name and type are headers.
#[tauri::command]
async fn attach(desk: Held<'_>, request: Request<'_>) -> Answer<Attachment> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let InvokeBody::Raw(bytes) = request.body() else { return Err(Failure::new(Code::Internal)) };
    desk.attach(&unescaped(header("x-name")), header("x-mime"), bytes).await
}

/// A photo of a visit; its sheet is a header, too.
#[tauri::command]
async fn attach_photo(desk: Held<'_>, request: Request<'_>) -> Answer<PhotoView> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let InvokeBody::Raw(bytes) = request.body() else { return Err(Failure::new(Code::Internal)) };
    let id = header("x-to").parse().map_err(|_| Failure::new(Code::NotFound))?;
    desk.attach_photo(id, &unescaped(header("x-name")), bytes).await
}

/// A header value as `encodeURIComponent` made it.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = if byte == b'%' { rest.clone().next().zip(rest.clone().nth(1)) } else { None };
        let hex = |d: u8| char::from(d).to_digit(16);
        match digits.and_then(|(high, low)| Some(hex(high)? * 16 + hex(low)?)) {
            Some(code) => {
                bytes.push(code as u8);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tauri::command]
async fn print(desk: Held<'_>, folder: State<'_, Folder>, request: PrintRequest) -> Answer<Printed> {
    let printer = desk.preferences().await?.printer;
    desk.copy_out(request.sheet, |pdf| printing::send(pdf, &printer, &folder.0)).await
}

#[tauri::command]
async fn save_pdf(desk: Held<'_>, app: AppHandle, request: PrintRequest) -> Answer<Printed> {
    let name = file_name(&desk, request.sheet).await?;
    let Some(path) = choose(app.dialog().file().set_title("另存为 PDF").add_filter("PDF", &["pdf"]), &name).await
    else {
        return Ok(Printed { copy: None, file: None, cancelled: true });
    };
    let printed = desk.copy_out(request.sheet, |pdf| write(&path, pdf)).await?;
    Ok(Printed { file: last_part(&path), ..printed })
}

#[tauri::command]
async fn hand_out(desk: Held<'_>, app: AppHandle, request: HandOutRequest) -> Answer<HandedOut> {
    let dialog = app.dialog().file().set_title("另存为 PDF").add_filter("PDF", &["pdf"]);
    let Some(path) = choose(dialog, "个人信息清单.pdf").await else {
        return Ok(HandedOut { file: None, forms: 0 });
    };
    let handed = desk.hand_out(request, |pdf| write(&path, pdf)).await?;
    Ok(HandedOut { file: last_part(&path), ..handed })
}

#[tauri::command]
async fn save_attachment(desk: Held<'_>, app: AppHandle, request: Attachment) -> Answer<Saved> {
    let bytes = desk.attachment(&request.sha256).await?;
    let Some(path) = choose(app.dialog().file().set_title("另存附件"), &safe_name(&request.name)).await else {
        return Ok(Saved { file: None });
    };
    write(&path, &bytes)?;
    Ok(Saved { file: last_part(&path) })
}

#[tauri::command]
async fn save_refused(desk: Held<'_>, app: AppHandle) -> Answer<Saved> {
    let bytes = desk.refused_file().await?;
    let dialog = app.dialog().file().set_title("导出被拒绝的改动（含客户资料）");
    let Some(path) = choose(dialog, "被拒绝的改动.jsonl").await else { return Ok(Saved { file: None }) };
    write(&path, &bytes)?;
    Ok(Saved { file: last_part(&path) })
}

#[tauri::command]
async fn save_quarantine(desk: Held<'_>, app: AppHandle) -> Answer<Saved> {
    let bytes = desk.quarantine_file().await?;
    let Some(path) = choose(app.dialog().file().set_title("导出隔离区"), "隔离区.jsonl").await else {
        return Ok(Saved { file: None });
    };
    write(&path, &bytes)?;
    Ok(Saved { file: last_part(&path) })
}

#[tauri::command]
async fn save_diagnosis(desk: Held<'_>, app: AppHandle) -> Answer<Saved> {
    let text = desk.diagnosis().await?.text;
    let Some(path) = choose(app.dialog().file().set_title("另存诊断"), "诊断.txt").await else {
        return Ok(Saved { file: None });
    };
    write(&path, text.as_bytes())?;
    Ok(Saved { file: last_part(&path) })
}

/// Where the person wants the file; None if the dialog was closed.
async fn choose(dialog: FileDialogBuilder<Wry>, name: &str) -> Option<PathBuf> {
    let (chosen, choice) = tokio::sync::oneshot::channel();
    dialog.set_file_name(name).save_file(|path| {
        let _ = chosen.send(path);
    });
    choice.await.ok().flatten()?.into_path().ok()
}

fn write(path: &Path, bytes: &[u8]) -> Answer<()> {
    std::fs::write(path, bytes)
        .map_err(|error| Failure::new(Code::FileNotWritten).with("detail", in_words(error.kind())))
}

fn last_part(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// A file name that NTFS accepts, too.
fn safe_name(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_control() || r#"<>:"/\|?*"#.contains(c) { '_' } else { c }).collect();
    kept.trim_end_matches(['.', ' ']).to_string()
}

/// The commands the window may call, and their names for the test that compares them with the wire's.
macro_rules! handled {
    ($($name:ident),* $(,)?) => {
        /// All commands.
        pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }

        #[cfg(test)]
        const HANDLED: &[&str] = &[$(stringify!($name)),*];
    };
}

handled![
    status,
    setup,
    unlock,
    lock,
    desk,
    confirm_recovery,
    renew_recovery,
    change_passphrase,
    members,
    save_member,
    give_sign_in,
    departments,
    save_departments,
    seats,
    switch_seat,
    workspace,
    create_workspace,
    upgrade_workspace,
    take_over,
    join_workspace,
    ask_admission,
    ask_again,
    invite,
    pending_joins,
    admit_device,
    withdraw_invite,
    workspace_seats,
    revoke,
    put_back,
    check_workspace,
    drafts,
    save_draft,
    discard_draft,
    check,
    hints,
    register,
    reserve_forms,
    blank_forms,
    spoil_form,
    waiting_calls,
    take_calls,
    list,
    receivers,
    find,
    show,
    reveal,
    correct,
    void_form,
    attach,
    attachment,
    save_attachment,
    similar,
    customers,
    customer,
    correct_customer,
    merge_customers,
    warranty,
    save_product,
    hand_out,
    erase,
    act,
    board,
    queue,
    colleagues,
    scripts,
    save_script,
    knowledge,
    save_knowledge,
    check_knowledge,
    knowledge_versions,
    check_reply,
    rules,
    adopt_preset,
    save_rules,
    import_years,
    visits,
    visit,
    act_visit,
    record_visit,
    follow_visit,
    allow_visits,
    visit_plans,
    save_visit_plan,
    visit_rounds,
    draw_visits,
    questionnaires,
    save_questionnaire,
    channels,
    save_channel,
    suggest_channels,
    check_channel,
    channel_log,
    standing,
    exchange,
    conflicts,
    resolve_conflict,
    refused_changes,
    dismiss_refused,
    save_refused,
    quarantine,
    save_quarantine,
    diagnosis,
    save_diagnosis,
    field_desk,
    save_crew,
    services,
    service,
    dispatch_service,
    service_act,
    attach_photo,
    stock,
    move_stock,
    plans,
    save_plan,
    make_visits,
    preview,
    print,
    save_pdf,
    preferences,
    save_preferences,
    custom_fields,
    save_custom_field,
    verify,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_wire_is_handled() {
        let wire: Vec<&str> = commands::COMMANDS.iter().map(|c| c.name).collect();
        assert_eq!(HANDLED, wire);
    }

    #[test]
    fn saved_names_are_safe_everywhere() {
        assert_eq!(safe_name("聊天: 截图?.png. "), "聊天_ 截图_.png");
    }

    #[test]
    fn file_names_come_through_the_header() {
        assert_eq!(unescaped("%E6%88%AA%E5%9B%BE%201.png"), "截图 1.png");
        assert_eq!(unescaped("100%"), "100%");
    }
}
