//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use kefu_app::Described;

use crate::channels::{self, ChannelsCommand};
use crate::field::{self, FieldCommand};
use crate::shared::{self, Shared};
use crate::visits::Visit;

/// What `kefu --help` prints.
pub(crate) const USAGE: &str = "\
kefu init     --data DIR --company C --member M [--employee-number N] [--post P] [--department D] [--device-code A]
kefu register --data DIR FILE|-          JSON, one object or an array; {\"number\",\"id\"} per form once it is on disk
kefu find     --data DIR QUERY [--limit N]
kefu list     --data DIR [--offset N] [--limit N]
kefu show     --data DIR NUMBER
kefu print    --data DIR NUMBER -o OUT.pdf | --blank [--sheets N] -o OUT.pdf   N: with numbers set aside (留号)
kefu paper    --data DIR list | spoil NUMBER --reason R     blank forms that wait for 补录: register takes 登记编号
kefu act      --data DIR NUMBER ACT [--json FILE|-]   {\"values\",\"add\",\"strike\",\"reason\"} as the act asks for
kefu board    --data DIR                 a line per queue
kefu queue    --data DIR KEY [--offset N] [--limit N]
kefu due      --preset P --received T [--kind K] [--category C] [--severity S] [--channel C] [--demand D]
              [--department D]           every clock's due time; needs no desk
kefu rules    --data DIR list | export | import FILE|-
kefu knowledge --data DIR list [QUERY] | save FILE|-   questions with checked answers (知识库); those with an id are edited
kefu visit    --data DIR list [--filter due|overdue|agreed|mine|open|pending|tasks|over|out_of_place] | show NUMBER | rounds | plans
              | act NUMBER ACT [--json FILE|-] | record NUMBER --json FILE|- | follow NUMBER reopen|new_form
              | print NUMBER -o OUT.pdf | draw --quarter 2026Q3 --size N [--seed S] | plan FILE|-
              | questionnaire [FILE|-] | allow CUSTOMER --reason R
kefu channels --data DIR [list]          a line per channel (渠道检查): interval, last check, next due, standing fault
kefu channels set --data DIR CHANNEL [--every N] [--who ROLE|DEPARTMENT|NAME] [--how TEXT]   N working days; 0: no more
kefu channels check --data DIR CHANNEL --result normal|fault [--note N] [--follow-up NUMBER|TEXT]
kefu channels log --data DIR CHANNEL [--limit N] | suggest      once a working week for those nothing is laid down for
kefu verify   --data DIR
kefu sync     --data DIR [--once|--watch]   where the desk stands, a line after each exchange; conflicts lists what to decide
kefu call     --data DIR --from NUMBER [--rings N] [--to NUMBER] [--at TIME] [--lookup]
                                         opens the intake in the window; without one, or with --lookup, who calls as JSON
kefu demo     --data DIR --forms N --seed S
kefu field list    --data DIR [--from DAY] [--until DAY] [--engineer M]   a line per visit (外勤);  field show NUMBER
kefu field dispatch --data DIR [--form NUMBER] [--json FILE|-]   fields of the sheet, engineer by name
kefu field ACT     --data DIR NUMBER [--json FILE|-]   accept, set_out, arrive, fill, sign, leave, move, …
kefu field photo   --data DIR NUMBER FILE --when before|after;  field print --data DIR NUMBER -o OUT.pdf
kefu field stock   --data DIR [--place P] | --serial S;  field take --data DIR --json FILE|-   moves a part
kefu field plans | plan --json FILE|- | visits --until DAY | crew [--json FILE|-]   plans; skills and districts
kefu member list   --data DIR
kefu member add    --data DIR --name N [--employee-number N] [--department D] [--post P] [--roles a,b]
                   [--passphrase-env VAR]
kefu member export --data DIR            JSON lines; member import --data DIR FILE|- reads them
kefu shared create --data DIR SERVER     a workspace of this desk; prints the recovery kit. upgrade: the schema only
kefu shared take-over --data DIR --kit TEXT|- SERVER     with the recovery kit, where no administrator's device is left
kefu shared invite --data DIR --member M [--days N]
kefu shared join   --data DIR --invite TEXT|- --device-code A2      a new desk that asks to come in
kefu shared ask    --data DIR [--invite TEXT|-]     whether it may; with another invite where the first is over
kefu shared requests | members | status | check | put-back --data DIR
kefu shared admit  --data DIR ID         after the fingerprint was compared on both screens; withdraw: the invite
kefu shared revoke --data DIR [--member M] [--device ID]

SERVER           --host H [--port N] --database D --login L --password-env VAR [--authority FILE.pem] [--pooled]

--seat M         whom a command is done for: name, 工号 or id. Every command but init and
                 shared join takes it.
The passphrase is read from KEFU_PASSPHRASE; without it the system's keyring is asked. It is that of M, or of an
administrator, who then acts on his behalf.
Exit status: 0 done, 1 refused, 2 usage.";

/// A command with its arguments.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Init(Box<Init>),
    Register { file: PathBuf },
    Find { query: String, limit: u32 },
    List { offset: u64, limit: u32 },
    Show { number: String },
    Print { number: String, out: PathBuf },
    PrintBlank { sheets: Option<u32>, out: PathBuf },
    Paper,
    Spoil { number: String, reason: String },
    Act { number: String, act: String, json: Option<PathBuf> },
    Board,
    Queue { key: String, offset: u32, limit: u32 },
    Rules { whole: bool },
    ImportRules { file: PathBuf },
    Knowledge { query: String },
    SaveKnowledge { file: PathBuf },
    Visit(Box<Visit>),
    Verify,
    Sync { watch: bool },
    Conflicts,
    Demo { forms: u32, seed: u64 },
    Call { call: Box<NewCall>, lookup: bool },
    Members,
    AddMember(Box<NewMember>),
    ImportMembers { file: PathBuf },
    Shared(Box<Shared>),
    Field(Box<FieldCommand>),
    Channels(Box<ChannelsCommand>),
}

/// What `call` was told, not judged yet.
#[derive(Debug, PartialEq)]
pub(crate) struct NewCall {
    pub(crate) from: String,
    pub(crate) rings: Option<u32>,
    pub(crate) to: String,
    pub(crate) at: String,
}

/// What `member add` needs.
#[derive(Debug, PartialEq)]
pub(crate) struct NewMember {
    pub(crate) name: String,
    pub(crate) employee_number: String,
    pub(crate) post: String,
    pub(crate) department: String,
    pub(crate) roles: Vec<String>,
    /// Environment variable that holds his initial passphrase.
    pub(crate) passphrase_env: Option<String>,
}

/// What `init` needs.
#[derive(Debug, PartialEq)]
pub(crate) struct Init {
    pub(crate) company: String,
    pub(crate) member: String,
    pub(crate) employee_number: String,
    pub(crate) post: String,
    pub(crate) department: String,
    pub(crate) device_code: String,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Parsed {
    Help,
    /// The desk's folder, whom the command is done for where that is said, and the command.
    Run {
        folder: PathBuf,
        seat: Option<String>,
        command: Command,
    },
    /// Due times of a form that is only described; needs no desk.
    Due(Box<Described>),
}

/// Forms that `demo` makes at most.
const MOST_FORMS: u32 = 10_000_000;

/// Options that take a value.
const VALUED: [&str; 44] = [
    "--sheets",
    "--filter",
    "--quarter",
    "--size",
    "--reason",
    "--json",
    "--preset",
    "--received",
    "--kind",
    "--category",
    "--severity",
    "--channel",
    "--demand",
    "--data",
    "--company",
    "--member",
    "--employee-number",
    "--post",
    "--department",
    "--device-code",
    "--name",
    "--roles",
    "--passphrase-env",
    "--seat",
    "--limit",
    "--offset",
    "--out",
    "-o",
    "--from",
    "--rings",
    "--to",
    "--at",
    "--forms",
    "--seed",
    "--host",
    "--port",
    "--database",
    "--login",
    "--password-env",
    "--authority",
    "--invite",
    "--kit",
    "--days",
    "--device",
];

/// What is left to be read of the command line.
#[derive(Default)]
pub(crate) struct Words {
    options: Vec<(String, OsString)>,
    blank: bool,
    lookup: bool,
    watch: bool,
    pub(crate) pooled: bool,
    plain: Vec<OsString>,
}

/// Reads the command line.
///
/// # Errors
/// A sentence saying what is wrong with it.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Parsed, String> {
    let mut arguments = arguments;
    let Some(name) = arguments.next() else { return Err("kefu: a command is needed".into()) };
    let name = name.to_string_lossy().into_owned();
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        return Ok(Parsed::Help);
    }
    let mut words = Words::default();
    let mut plain_only = false;
    while let Some(word) = arguments.next() {
        let text = word.to_string_lossy().into_owned();
        match text.as_str() {
            _ if plain_only => words.plain.push(word),
            "--" => plain_only = true,
            "--help" | "-h" => return Ok(Parsed::Help),
            "--blank" => words.blank = true,
            "--lookup" => words.lookup = true,
            "--watch" => words.watch = true,
            "--once" => {}
            "--pooled" => words.pooled = true,
            option if [&VALUED[..], &field::VALUED, &channels::VALUED].iter().any(|all| all.contains(&option)) => {
                let value = arguments.next().ok_or_else(|| format!("kefu: {option} needs a value"))?;
                words.options.push((text, value));
            }
            "-" => words.plain.push(word),
            option if option.starts_with('-') => return Err(format!("kefu: unknown option {option}")),
            _ => words.plain.push(word),
        }
    }
    if name == "due" {
        let due = words.due()?;
        words.nothing_left()?;
        return Ok(Parsed::Due(Box::new(due)));
    }
    let folder = PathBuf::from(words.take("--data").ok_or("kefu: --data DIR is needed")?);
    // Before the desk is there nobody can sit at it.
    let seat = if name == "init" { None } else { words.text("--seat")? };
    let command = match name.as_str() {
        "init" => Command::Init(Box::new(Init {
            company: words.text("--company")?.ok_or("kefu init: --company is needed")?,
            member: words.text("--member")?.ok_or("kefu init: --member is needed")?,
            employee_number: words.text("--employee-number")?.unwrap_or_default(),
            post: words.text("--post")?.unwrap_or_default(),
            department: words.text("--department")?.unwrap_or_default(),
            device_code: words.text("--device-code")?.unwrap_or_else(|| "A01".into()),
        })),
        "register" => Command::Register { file: words.one("a file, or - for standard input,")?.into() },
        "find" => Command::Find { limit: words.number("--limit")?.unwrap_or(50), query: words.one_text("a query")? },
        "list" => Command::List {
            offset: words.number("--offset")?.unwrap_or(0),
            limit: words.number("--limit")?.unwrap_or(50),
        },
        "show" => Command::Show { number: words.one_text("a number")? },
        "print" => {
            let out = words.take("-o").or_else(|| words.take("--out")).ok_or("kefu print: -o OUT.pdf is needed")?;
            match words.blank {
                true => Command::PrintBlank { sheets: words.number("--sheets")?, out: out.into() },
                false => Command::Print { number: words.one_text("a number, or --blank,")?, out: out.into() },
            }
        }
        "paper" => match words.one_text("list or spoil")?.as_str() {
            "list" => Command::Paper,
            "spoil" => {
                let reason = words.text("--reason")?.unwrap_or_default();
                Command::Spoil { number: words.one_text("a number")?, reason }
            }
            other => return Err(format!("kefu paper: unknown {other}")),
        },
        "act" => Command::Act {
            json: words.take("--json").map(PathBuf::from),
            number: words.one_text("a number")?,
            act: words.one_text("an act")?,
        },
        "board" => Command::Board,
        "queue" => Command::Queue {
            offset: words.number("--offset")?.unwrap_or(0),
            limit: words.number("--limit")?.unwrap_or(50),
            key: words.one_text("the key of a queue")?,
        },
        "rules" => match words.one_text("list, import or export")?.as_str() {
            "list" => Command::Rules { whole: false },
            "export" => Command::Rules { whole: true },
            "import" => Command::ImportRules { file: words.one("a file, or - for standard input,")?.into() },
            other => return Err(format!("kefu rules: unknown {other}")),
        },
        "knowledge" => match words.one_text("list or save")?.as_str() {
            "list" if words.plain.is_empty() => Command::Knowledge { query: String::new() },
            "list" => Command::Knowledge { query: words.one_text("a query")? },
            "save" => Command::SaveKnowledge { file: words.one("a file, or - for standard input,")?.into() },
            other => return Err(format!("kefu knowledge: unknown {other}")),
        },
        "visit" => Command::Visit(Box::new(words.visit()?)),
        "verify" => Command::Verify,
        "sync" => Command::Sync { watch: words.watch },
        "conflicts" => Command::Conflicts,
        "call" => Command::Call {
            lookup: words.lookup,
            call: Box::new(NewCall {
                from: words.text("--from")?.ok_or("kefu call: --from is needed; empty where the number is withheld")?,
                rings: words.number("--rings")?,
                to: words.text("--to")?.unwrap_or_default(),
                at: words.text("--at")?.unwrap_or_default(),
            }),
        },
        "demo" => Command::Demo {
            forms: match words.number("--forms")?.ok_or("kefu demo: --forms is needed")? {
                forms if forms <= MOST_FORMS => forms,
                _ => return Err(format!("kefu demo: --forms takes at most {MOST_FORMS}")),
            },
            seed: words.number("--seed")?.unwrap_or(1),
        },
        "member" => words.member()?,
        "shared" => Command::Shared(Box::new(shared::parse(&mut words)?)),
        "field" => Command::Field(Box::new(FieldCommand::read(&mut words)?)),
        "channels" => Command::Channels(Box::new(ChannelsCommand::read(&mut words)?)),
        other => return Err(format!("kefu: unknown command {other}")),
    };
    words.nothing_left()?;
    Ok(Parsed::Run { folder, seat, command })
}

impl Words {
    pub(crate) fn take(&mut self, option: &str) -> Option<OsString> {
        let at = self.options.iter().position(|(name, _)| name == option)?;
        Some(self.options.remove(at).1)
    }

    pub(crate) fn text(&mut self, option: &str) -> Result<Option<String>, String> {
        let value = self.take(option).map(OsString::into_string);
        value.transpose().map_err(|_| format!("kefu: the value of {option} is not readable text"))
    }

    pub(crate) fn number<N: std::str::FromStr>(&mut self, option: &str) -> Result<Option<N>, String> {
        let text = self.text(option)?;
        text.map(|t| t.parse().map_err(|_| format!("kefu: {option} takes a whole number"))).transpose()
    }

    fn member(&mut self) -> Result<Command, String> {
        match self.one_text("list, add, import or export")?.as_str() {
            "list" | "export" => Ok(Command::Members),
            "import" => Ok(Command::ImportMembers { file: self.one("a file, or - for standard input,")?.into() }),
            "add" => Ok(Command::AddMember(Box::new(NewMember {
                name: self.text("--name")?.ok_or("kefu member add: --name is needed")?,
                employee_number: self.text("--employee-number")?.unwrap_or_default(),
                post: self.text("--post")?.unwrap_or_default(),
                department: self.text("--department")?.unwrap_or_default(),
                roles: {
                    let roles = self.text("--roles")?.unwrap_or_default();
                    roles.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_string).collect()
                },
                passphrase_env: self.text("--passphrase-env")?,
            }))),
            other => Err(format!("kefu member: unknown {other}")),
        }
    }

    fn due(&mut self) -> Result<Described, String> {
        let mut text = |option: &str| self.text(option).map(Option::unwrap_or_default);
        Ok(Described {
            preset: Some(text("--preset")?).filter(|p| !p.is_empty()).ok_or("kefu due: --preset is needed")?,
            received: Some(text("--received")?).filter(|r| !r.is_empty()).ok_or("kefu due: --received is needed")?,
            kind: text("--kind")?,
            category: text("--category")?,
            severity: text("--severity")?,
            channel: text("--channel")?,
            department: text("--department")?,
            demands: {
                let demands = text("--demand")?;
                demands.split(',').map(str::trim).filter(|d| !d.is_empty()).map(str::to_string).collect()
            },
        })
    }

    pub(crate) fn one(&mut self, what: &str) -> Result<OsString, String> {
        if self.plain.is_empty() { Err(format!("kefu: {what} is needed")) } else { Ok(self.plain.remove(0)) }
    }

    pub(crate) fn one_text(&mut self, what: &str) -> Result<String, String> {
        self.one(what)?.into_string().map_err(|_| format!("kefu: {what} that is not readable text"))
    }

    fn nothing_left(&self) -> Result<(), String> {
        match (self.options.first(), self.plain.first()) {
            (Some((option, _)), _) => Err(format!("kefu: {option} does not belong to this command")),
            _ if self.pooled => Err("kefu: --pooled does not belong to this command".into()),
            (_, Some(word)) => Err(format!("kefu: unexpected {}", word.to_string_lossy())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
