//! `kefu shared`: the workspace from a terminal, as JSON lines.

use std::path::{Path, PathBuf};

use kefu_app::Desk;
use kefu_app::wire::{
    AdmitRequest, AskAgainRequest, Code, CreateWorkspaceRequest, Failure, InviteRequest, JoinRequest, Member,
    RevokeRequest, TakeOverRequest,
};
use serde::Serialize;
use serde_json::json;

use crate::arguments::Words;
use crate::{commands, line};

/// What is done with the workspace.
#[derive(Debug, PartialEq)]
pub(crate) enum Shared {
    Create(Server),
    Upgrade(Server),
    TakeOver { kit: String, server: Server },
    Invite { member: String, days: u8 },
    Join { invite: String, device_code: String },
    Ask { invite: Option<String> },
    Requests,
    Admit { id: String },
    Withdraw { id: String },
    Members,
    Status,
    Revoke { member: Option<String>, device: Option<String> },
    PutBack,
    Check,
}

/// Where the database is, and who installs.
#[derive(Debug, PartialEq)]
pub(crate) struct Server {
    host: String,
    port: u16,
    database: String,
    login: String,
    /// Environment variable that holds the password.
    password_env: String,
    authority: Option<PathBuf>,
    pooled: bool,
}

/// Reads what stands after `kefu shared`.
///
/// # Errors
/// A sentence saying what is wrong with it.
pub(crate) fn parse(words: &mut Words) -> Result<Shared, String> {
    let needed = |value: Option<String>, what: &str| value.ok_or_else(|| format!("kefu shared: {what} is needed"));
    Ok(match words.one_text("create, invite, join, requests, admit, withdraw, members, revoke or check")?.as_str() {
        "create" => Shared::Create(server(words)?),
        "upgrade" => Shared::Upgrade(server(words)?),
        "take-over" => Shared::TakeOver { kit: needed(words.text("--kit")?, "--kit")?, server: server(words)? },
        "invite" => Shared::Invite {
            member: needed(words.text("--member")?, "--member")?,
            days: words.number("--days")?.unwrap_or(7),
        },
        "join" => Shared::Join {
            invite: needed(words.text("--invite")?, "--invite")?,
            device_code: needed(words.text("--device-code")?, "--device-code")?,
        },
        "ask" => Shared::Ask { invite: words.text("--invite")? },
        "requests" => Shared::Requests,
        "admit" => Shared::Admit { id: words.one_text("the id of a request")? },
        "withdraw" => Shared::Withdraw { id: words.one_text("the id of an invite")? },
        "members" => Shared::Members,
        "status" => Shared::Status,
        "revoke" => match (words.text("--member")?, words.text("--device")?) {
            (None, None) => return Err("kefu shared revoke: --member or --device is needed".into()),
            (member, device) => Shared::Revoke { member, device },
        },
        "put-back" => Shared::PutBack,
        "check" => Shared::Check,
        other => return Err(format!("kefu shared: unknown {other}")),
    })
}

fn server(words: &mut Words) -> Result<Server, String> {
    let mut needed = |option: &str| words.text(option)?.ok_or_else(|| format!("kefu shared: {option} is needed"));
    let (host, database, login) = (needed("--host")?, needed("--database")?, needed("--login")?);
    let password_env = needed("--password-env")?;
    Ok(Server {
        host,
        port: words.number("--port")?.unwrap_or(5432),
        database,
        login,
        password_env,
        authority: words.take("--authority").map(PathBuf::from),
        pooled: std::mem::take(&mut words.pooled),
    })
}

impl Server {
    fn request(self) -> Result<CreateWorkspaceRequest, Failure> {
        let authority = self.authority.map(|file| commands::read(&file)).transpose()?.unwrap_or_default();
        Ok(CreateWorkspaceRequest {
            host: self.host,
            port: self.port,
            database: self.database,
            login: self.login,
            password: std::env::var(self.password_env).unwrap_or_default(),
            authority,
            pooled: self.pooled,
        })
    }
}

/// Runs it. False where a check found something to mend.
pub(crate) async fn run(desk: &Desk, command: Shared, passphrase: String) -> Result<bool, Failure> {
    match command {
        Shared::Create(server) => show(&desk.create_workspace(server.request()?).await?),
        Shared::Upgrade(server) => {
            let lines = desk.upgrade_workspace(server.request()?).await?;
            lines.iter().for_each(show);
            return Ok(lines.iter().all(|line| line.good));
        }
        Shared::TakeOver { kit, server } => {
            let request = TakeOverRequest { kit: text(kit)?, server: server.request()? };
            show(&desk.take_over(request).await?);
        }
        Shared::Invite { member, days } => {
            let invite = desk.invite(InviteRequest { member: found(desk, &member).await?.id, days }).await?;
            line(&json!({"invite": invite.text, "member": invite.name, "expires": invite.expires}));
        }
        Shared::Join { invite, device_code } => {
            let invite = text(invite)?;
            show(&desk.join_workspace(JoinRequest { invite, device_code, passphrase }).await?);
        }
        Shared::Ask { invite: None } => show(&desk.ask_admission().await?),
        Shared::Ask { invite: Some(invite) } => show(&desk.ask_again(AskAgainRequest { invite: text(invite)? }).await?),
        Shared::Requests => desk.pending_joins().await?.iter().for_each(show),
        Shared::Admit { id } => desk.admit_device(AdmitRequest { id }).await?.iter().for_each(show),
        Shared::Withdraw { id } => desk.withdraw_invite(AdmitRequest { id }).await?.iter().for_each(show),
        Shared::Members => desk.workspace_seats().await?.iter().for_each(show),
        Shared::Status => show(&desk.workspace().await?),
        Shared::Revoke { member, device } => {
            let member = match member {
                Some(member) => Some(found(desk, &member).await?.id),
                None => None,
            };
            let device = device.map(|device| device.parse().map_err(|_| Failure::new(Code::NotFound))).transpose()?;
            desk.revoke(RevokeRequest { member, device }).await?.iter().for_each(show);
        }
        Shared::PutBack => desk.put_back().await?,
        Shared::Check => {
            let lines = desk.check_workspace().await?;
            lines.iter().for_each(show);
            return Ok(lines.iter().all(|line| line.good));
        }
    }
    Ok(true)
}

fn show<T: Serialize>(answer: &T) {
    line(&serde_json::to_value(answer).unwrap_or_default());
}

/// An invite or a kit as it was given, or from standard input.
fn text(invite: String) -> Result<String, Failure> {
    if invite == "-" { commands::read(Path::new("-")) } else { Ok(invite) }
}

/// The one member called so: by name, 工号 or id.
async fn found(desk: &Desk, wanted: &str) -> Result<Member, Failure> {
    let fits =
        |member: &Member| member.id.to_string() == wanted || member.employee_number == wanted || member.name == wanted;
    let mut all = desk.members().await?.members.into_iter().filter(fits);
    match (all.next(), all.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => Err(Failure::new(Code::NoSeat)),
        _ => Err(Failure::new(Code::SeveralMembers).with("member", wanted)),
    }
}
