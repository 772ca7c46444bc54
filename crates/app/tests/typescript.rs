//! The wire in TypeScript: `ui/src/bridge/generated` must be what the Rust types say.
//! `UPDATE_WIRE=1 cargo test -p kefu-app --test typescript` writes it anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;

use kefu_app::wire::commands::COMMANDS;
use kefu_app::wire::*;
use kefu_domain::calendar::{CalendarData, Week};
use kefu_domain::clocks::{Clock, Condition, Escalation};
use kefu_domain::codes::{CodeItem, CodeList};
use kefu_domain::field::dispatch::{Crew, Warning};
use kefu_domain::field::plan::{Every, Plan as ServicePlan};
use kefu_domain::field::signature::Standing as SignatureStanding;
use kefu_domain::field::{Costs, State};
use kefu_domain::process::Why;
use kefu_domain::rules::{CalendarSet, Marks, Route, RuleSet};
use kefu_domain::scripts::{Script, Step, When};
use kefu_domain::statutory::Hint;
use kefu_domain::template::CustomField;
use kefu_domain::visits::plan::Plan;
use kefu_domain::visits::{Arise, Pending, Question, QuestionKind, Stratum, VisitRules};
use kefu_domain::warranty::{Contract, Start, Terms, Windows};
use kefu_domain::{Author, Block, CodeLists, Field, FieldKind, Line, Template};
use ts_rs::{Config, TS};

const HEAD: &str =
    "// Made from crates/app/src/wire by `UPDATE_WIRE=1 cargo test -p kefu-app --test typescript`. Do not edit.\n";

fn types() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = String::from(HEAD);
    macro_rules! declare {
        ($($name:ident),* $(,)?) => { $( writeln!(text, "\nexport {}", <$name as TS>::decl(&config)).unwrap(); )* };
    }
    declare!(
        ActRequest,
        AdmitRequest,
        AdoptRequest,
        AllowVisitsRequest,
        AnswerChange,
        Arise,
        AskAgainRequest,
        Attachment,
        AttachmentRequest,
        Author,
        Block,
        Board,
        ById,
        CalendarData,
        CalendarSet,
        Call,
        CallsWaiting,
        ChangePassphraseRequest,
        ChannelCheck,
        ChannelLog,
        ChannelLogRequest,
        ChannelRow,
        Channels,
        CheckAnswer,
        CheckChannelRequest,
        CheckLine,
        CheckRequest,
        Clock,
        ClockView,
        Code,
        CodeItem,
        CodeList,
        CodeLists,
        Colleague,
        Condition,
        Conflict,
        ConflictValue,
        Contract,
        CorrectCustomerRequest,
        CorrectRequest,
        CourseView,
        CreateWorkspaceRequest,
        CustomField,
        CustomFieldRequest,
        CustomFields,
        CustomerHint,
        CustomerRow,
        CustomerView,
        CustomersPage,
        CustomersRequest,
        Department,
        Departments,
        DepartmentsRequest,
        DeskInfo,
        Diagnosis,
        Draft,
        DraftSaveRequest,
        DrawRequest,
        EraseRequest,
        Erased,
        Escalation,
        Failure,
        Field,
        FieldChange,
        FieldError,
        FieldKind,
        Filter,
        FindPage,
        FindRequest,
        FollowVisitRequest,
        FormRow,
        FormView,
        HandOutRequest,
        HandedOut,
        Hint,
        HintRequest,
        ImportYearsRequest,
        InviteRequest,
        InviteShown,
        JoinRequest,
        Joining,
        KeyringTrouble,
        Knowledge,
        KnowledgeCheck,
        KnowledgeEntry,
        KnowledgeRequest,
        KnowledgeVersion,
        Line,
        ListPage,
        ListRequest,
        ReserveRequest,
        Reserved,
        BlankForm,
        SpoilRequest,
        Loading,
        Marks,
        Member,
        MemberRequest,
        Members,
        MergeCustomersRequest,
        NeedView,
        OfferView,
        OutOfPlaceView,
        PassphraseRequest,
        PauseView,
        Pending,
        PendingJoin,
        Plan,
        Preferences,
        Preset,
        PrintRequest,
        Printed,
        Problem,
        ProductView,
        Quarantined,
        Question,
        QuestionKind,
        Questionnaire,
        Questionnaires,
        QueueCount,
        QueuePage,
        QueueRequest,
        QueueRow,
        Receivers,
        RecordVisitRequest,
        RecoveryCode,
        RefusedChange,
        RegisterRequest,
        Registered,
        ReplyHit,
        ReplyRequest,
        ResolveRequest,
        RevealRequest,
        RevokeRequest,
        RoundView,
        Route,
        Routine,
        RuleSet,
        RulesView,
        SaveChannelRequest,
        SaveProductRequest,
        SaveRulesRequest,
        Saved,
        Script,
        Scripts,
        ScriptsRequest,
        Seat,
        SetupDone,
        SetupRequest,
        Sheet,
        SignInRequest,
        Similar,
        SimilarForm,
        SimilarRequest,
        SortKey,
        Stage,
        Standing,
        StandingEntry,
        StandingProblem,
        Start,
        Status,
        Step,
        Stratum,
        SurveyQuestion,
        SwitchRequest,
        TakeOverRequest,
        Template,
        Terms,
        Theme,
        TimelineEntry,
        UnlockRequest,
        Unsolved,
        VerifyReport,
        VisitActRequest,
        VisitEntry,
        VisitFilter,
        VisitMatter,
        VisitPlanRequest,
        VisitPlanView,
        VisitRow,
        VisitRules,
        VisitView,
        VisitsPage,
        VisitsRequest,
        VoidRequest,
        Warranty,
        WarrantyRequest,
        Week,
        When,
        Why,
        Windows,
        WorkspaceCreated,
        WorkspaceInfo,
        WorkspaceSeat,
        WorkspaceState,
        // field service
        Costs,
        Crew,
        DispatchRequest,
        Every,
        FieldDesk,
        MadeVisits,
        MakeVisitsRequest,
        MoveStockRequest,
        PhotoView,
        PieceMove,
        ServicePlan,
        PlanView,
        SaveCrewRequest,
        SavePlanRequest,
        ServiceActRequest,
        ServiceRow,
        ServiceView,
        ServicesRequest,
        SignatureView,
        SignatureStanding,
        State,
        StockRequest,
        StockRow,
        Technician,
        Warning,
    );
    text
}

fn commands() -> String {
    let mut names: Vec<&str> = COMMANDS
        .iter()
        .flat_map(|c| [c.request, c.answer.trim_end_matches("[]")])
        .filter(|n| !["", "bytes", "upload"].contains(n))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::from(HEAD);
    writeln!(text, "import {{ call, upload, type Upload }} from '../call'").unwrap();
    writeln!(text, "import type {{\n  {},\n}} from './types'\n\nexport const commands = {{", names.join(",\n  "))
        .unwrap();
    for c in COMMANDS {
        let name = camel(c.name);
        let answer = match c.answer {
            "" => "null",
            "bytes" => "ArrayBuffer",
            other => other,
        };
        match c.request {
            "" => writeln!(text, "  {name}: () => call<{answer}>('{}'),", c.name),
            "upload" => writeln!(text, "  {name}: (file: Upload) => upload<{answer}>('{}', file),", c.name),
            request => writeln!(text, "  {name}: (request: {request}) => call<{answer}>('{}', request),", c.name),
        }
        .unwrap();
    }
    text.push_str("}\n");
    text
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap().to_string();
    parts.fold(first, |all, part| all + &part[..1].to_uppercase() + &part[1..])
}

fn check(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bridge/generated").join(file);
    if std::env::var_os("UPDATE_WIRE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{file} does not say what the Rust types say: write it anew with UPDATE_WIRE=1");
}

#[test]
fn the_interface_speaks_the_same_wire() {
    check("types.ts", &types());
    check("commands.ts", &commands());
}
