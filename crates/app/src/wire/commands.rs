//! The list of commands: name, request, answer. `ui/src/bridge/generated/commands.ts` is made from it, and the shell's
//! adapters are checked against it.

/// A command of the wire. Types by their TypeScript names; empty: none.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Name in snake_case, as the shell registers it.
    pub name: &'static str,
    /// Type of its one argument `request`.
    pub request: &'static str,
    /// Type of its answer.
    pub answer: &'static str,
}

const fn command(name: &'static str, request: &'static str, answer: &'static str) -> Command {
    Command { name, request, answer }
}

/// All commands. `bytes` stands for raw bytes (an `ArrayBuffer`), which do not pass through JSON; `upload` for a file
/// whose bytes are the body of the call, with its name and MIME type in headers.
pub const COMMANDS: &[Command] = &[
    // opening
    command("status", "", "Status"),
    command("setup", "SetupRequest", "SetupDone"),
    command("unlock", "UnlockRequest", "Status"),
    command("lock", "", "Status"),
    command("desk", "", "DeskInfo"),
    command("confirm_recovery", "", ""),
    command("renew_recovery", "PassphraseRequest", "RecoveryCode"),
    command("change_passphrase", "ChangePassphraseRequest", ""),
    // members and seats
    command("members", "", "Members"),
    command("save_member", "MemberRequest", "Member"),
    command("give_sign_in", "SignInRequest", ""),
    command("departments", "", "Departments"),
    command("save_departments", "DepartmentsRequest", "Departments"),
    command("seats", "", "Seat[]"),
    command("switch_seat", "SwitchRequest", "DeskInfo"),
    // workspace
    command("workspace", "", "WorkspaceState"),
    command("create_workspace", "CreateWorkspaceRequest", "WorkspaceCreated"),
    command("upgrade_workspace", "CreateWorkspaceRequest", "CheckLine[]"),
    command("take_over", "TakeOverRequest", "WorkspaceInfo"),
    command("join_workspace", "JoinRequest", "Joining"),
    command("ask_admission", "", "WorkspaceInfo"),
    command("ask_again", "AskAgainRequest", "WorkspaceInfo"),
    command("invite", "InviteRequest", "InviteShown"),
    command("pending_joins", "", "PendingJoin[]"),
    command("admit_device", "AdmitRequest", "WorkspaceSeat[]"),
    command("withdraw_invite", "AdmitRequest", "PendingJoin[]"),
    command("workspace_seats", "", "WorkspaceSeat[]"),
    command("revoke", "RevokeRequest", "WorkspaceSeat[]"),
    command("put_back", "", ""),
    command("check_workspace", "", "CheckLine[]"),
    // drafts and registration
    command("drafts", "", "Draft[]"),
    command("save_draft", "DraftSaveRequest", "Draft"),
    command("discard_draft", "ById", ""),
    command("check", "CheckRequest", "CheckAnswer"),
    command("hints", "HintRequest", "CustomerHint[]"),
    command("register", "RegisterRequest", "Registered"),
    command("reserve_forms", "ReserveRequest", "Reserved"),
    command("blank_forms", "", "BlankForm[]"),
    command("spoil_form", "SpoilRequest", "BlankForm[]"),
    // telephone
    command("waiting_calls", "", "CallsWaiting"),
    command("take_calls", "", "Draft[]"),
    // forms
    command("list", "ListRequest", "ListPage"),
    command("receivers", "", "Receivers"),
    command("find", "FindRequest", "FindPage"),
    command("show", "ById", "FormView"),
    command("reveal", "RevealRequest", "FormView"),
    command("correct", "CorrectRequest", "FormView"),
    command("void_form", "VoidRequest", "FormView"),
    command("attach", "upload", "Attachment"),
    command("attachment", "AttachmentRequest", "bytes"),
    command("save_attachment", "Attachment", "Saved"),
    // customers
    command("similar", "SimilarRequest", "Similar"),
    command("customers", "CustomersRequest", "CustomersPage"),
    command("customer", "ById", "CustomerView"),
    command("correct_customer", "CorrectCustomerRequest", "CustomerView"),
    command("merge_customers", "MergeCustomersRequest", "CustomerView"),
    command("warranty", "WarrantyRequest", "Warranty"),
    command("save_product", "SaveProductRequest", "CustomerView"),
    command("hand_out", "HandOutRequest", "HandedOut"),
    command("erase", "EraseRequest", "Erased"),
    // process
    command("act", "ActRequest", "FormView"),
    command("board", "", "Board"),
    command("queue", "QueueRequest", "QueuePage"),
    command("colleagues", "", "Colleague[]"),
    command("scripts", "ScriptsRequest", "Scripts"),
    command("save_script", "Script", "Scripts"),
    command("knowledge", "KnowledgeRequest", "Knowledge"),
    command("save_knowledge", "KnowledgeEntry", "Knowledge"),
    command("check_knowledge", "KnowledgeEntry", "KnowledgeCheck"),
    command("knowledge_versions", "ById", "KnowledgeVersion[]"),
    command("check_reply", "ReplyRequest", "ReplyHit[]"),
    command("rules", "", "RulesView"),
    command("adopt_preset", "AdoptRequest", "RulesView"),
    command("save_rules", "SaveRulesRequest", "RulesView"),
    command("import_years", "ImportYearsRequest", "RulesView"),
    // return visits
    command("visits", "VisitsRequest", "VisitsPage"),
    command("visit", "ById", "VisitView"),
    command("act_visit", "VisitActRequest", "VisitView"),
    command("record_visit", "RecordVisitRequest", "VisitView"),
    command("follow_visit", "FollowVisitRequest", "VisitView"),
    command("allow_visits", "AllowVisitsRequest", ""),
    command("visit_plans", "", "VisitPlanView[]"),
    command("save_visit_plan", "VisitPlanRequest", "VisitPlanView[]"),
    command("visit_rounds", "", "RoundView[]"),
    command("draw_visits", "DrawRequest", "RoundView"),
    command("questionnaires", "", "Questionnaires"),
    command("save_questionnaire", "Questionnaire", "Questionnaires"),
    // checks of the channels
    command("channels", "", "Channels"),
    command("save_channel", "SaveChannelRequest", "Channels"),
    command("suggest_channels", "", "Channels"),
    command("check_channel", "CheckChannelRequest", "Channels"),
    command("channel_log", "ChannelLogRequest", "ChannelLog"),
    // exchange
    command("standing", "", "Standing"),
    command("exchange", "", "Standing"),
    command("conflicts", "", "Conflict[]"),
    command("resolve_conflict", "ResolveRequest", "Conflict[]"),
    command("refused_changes", "", "RefusedChange[]"),
    command("dismiss_refused", "ById", "RefusedChange[]"),
    command("save_refused", "", "Saved"),
    command("quarantine", "", "Quarantined[]"),
    command("save_quarantine", "", "Saved"),
    command("diagnosis", "", "Diagnosis"),
    command("save_diagnosis", "", "Saved"),
    // field service
    command("field_desk", "", "FieldDesk"),
    command("save_crew", "SaveCrewRequest", "FieldDesk"),
    command("services", "ServicesRequest", "ServiceRow[]"),
    command("service", "ById", "ServiceView"),
    command("dispatch_service", "DispatchRequest", "ServiceView"),
    command("service_act", "ServiceActRequest", "ServiceView"),
    command("attach_photo", "upload", "PhotoView"),
    command("stock", "StockRequest", "StockRow[]"),
    command("move_stock", "MoveStockRequest", "StockRow[]"),
    command("plans", "", "PlanView[]"),
    command("save_plan", "SavePlanRequest", "PlanView[]"),
    command("make_visits", "MakeVisitsRequest", "MadeVisits"),
    // paper
    command("preview", "PrintRequest", "bytes"),
    command("print", "PrintRequest", "Printed"),
    command("save_pdf", "PrintRequest", "Printed"),
    // settings
    command("preferences", "", "Preferences"),
    command("save_preferences", "Preferences", ""),
    command("custom_fields", "", "CustomFields"),
    command("save_custom_field", "CustomFieldRequest", "DeskInfo"),
    command("verify", "", "VerifyReport"),
];
