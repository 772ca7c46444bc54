//! Makes a workspace: the schema on the server, the root and its kit, the founding administrator's seat.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use kefu_domain::member::ADMIN;
use kefu_local::Workspace;
use kefu_shared::{Address, Founder, Installed, NewLogin, RosterEntry, create_workspace, install};
use kefu_vault::roster::{Entry, MemberAct};
use kefu_vault::{Certificate, DeskKey, Issuer, Roster, SeatId, SeatKeys, Server, WorkspaceRoot};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::failure::logged;
use crate::wire::{CheckLine, Code, CreateWorkspaceRequest, Failure, WorkspaceCreated};

impl Desk {
    /// Installs or upgrades the schema and makes a workspace of this desk. Its data follow with the first exchange.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::AlreadyShared`]; what the server says; [`Code::SharedTls`] where the certificate of
    /// the authority cannot be read.
    pub async fn create_workspace(&self, request: CreateWorkspaceRequest) -> Result<WorkspaceCreated, Failure> {
        let open = self.open()?;
        let sitting = open.administrator()?;
        let wrap = open.wrap_key();
        if open.store.workspace(&wrap).await?.is_some() {
            return Err(Failure::new(Code::AlreadyShared));
        }
        let (admin, server) = reached(&request)?;
        let installed = install(&admin).await?;
        let device = open.store.device();
        let (id, seat) = (Uuid::now_v7(), SeatId { member: sitting.id, device: device.id });
        let (root, keys) = (WorkspaceRoot::random().map_err(random)?, SeatKeys::random().map_err(random)?);
        let desk = DeskKey::first(id).map_err(random)?;
        let roles: BTreeSet<String> = sitting.member.roles.iter().filter(|role| *role != ADMIN).cloned().collect();

        // The first four entries of the member log, all by the root.
        let (at, issuer) = (self.now().timestamp(), Issuer::Root(&root));
        let certificate = Certificate::issue(issuer, id, seat, keys.public(), at);
        let certificate = certificate.map_err(|error| logged(Code::Internal, &error))?;
        let (mut roster, first) = Roster::found(id, &root, at)?;
        let mut log = vec![first];
        for act in [
            MemberAct::Admit { certificate: Box::new(certificate.clone()), roles, code: device.code.clone() },
            MemberAct::GrantAdmin { member: seat.member },
            MemberAct::TurnDeskKey { epoch: desk.epoch(), key: desk.id() },
        ] {
            log.push(roster.write(issuer, at, act)?);
        }
        let shown = |entry: &Entry| RosterEntry { no: entry.says.seq, entry: entry.encode(), link: entry.hash() };
        let entries: Vec<RosterEntry> = log.iter().map(shown).collect();
        let founder = Founder {
            member: seat.member,
            device: seat.device,
            roles: roster.roles(seat.member).into_iter().collect(),
            certificate: certificate.encode(),
        };
        let NewLogin { name, password } =
            create_workspace(&admin, id, root.public().as_bytes(), &founder, &entries).await?;
        // Were this not kept, an empty workspace would be left on the server, and another one be made.
        let place = Workspace {
            id,
            root: root.fingerprint(),
            seat,
            keys,
            founder: Some(root.clone()),
            server: Server { login: name, ..server },
            password,
            joining: None,
            since: self.now().to_rfc3339_opts(SecondsFormat::Secs, false),
        };
        let entries: Vec<Vec<u8>> = log.iter().map(Entry::encode).collect();
        open.store.enter_workspace(&wrap, &place, &entries, Some(&desk)).await?;
        Ok(WorkspaceCreated {
            recovery_kit: root.kit().lines().iter().map(|line| line.to_string()).collect(),
            fingerprint: root.fingerprint().groups(),
            left: left(&installed),
        })
    }

    /// Brings the schema of the workspace's database up to this program's. The address is the one given, which is that
    /// of the installer, and only its database is touched.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::SharedTooOld`] over a newer schema; what the server says.
    pub async fn upgrade_workspace(&self, request: CreateWorkspaceRequest) -> Result<Vec<CheckLine>, Failure> {
        let open = self.open()?;
        open.administrator()?;
        let (admin, _) = reached(&request)?;
        let installed = install(&admin).await?;
        let before = match installed.before {
            0 => "共享库已安装。".to_owned(),
            before => format!("共享库已从版本 {before} 升级到 {}。", kefu_shared::SCHEMA),
        };
        let line = |found: String| CheckLine { what: "schema".into(), good: true, found, mend: String::new() };
        let kept = left(&installed).into_iter().map(|found| CheckLine {
            what: "rights".into(),
            good: false,
            found,
            mend: "请由数据库的超级用户收回，或换用自管的 PostgreSQL。".into(),
        });
        Ok(std::iter::once(line(before)).chain(kept).collect())
    }
}

/// Where the installer goes, and what of it is kept.
pub(super) fn reached(request: &CreateWorkspaceRequest) -> Result<(Address, Server), Failure> {
    let admin = Address {
        host: request.host.trim().into(),
        port: request.port,
        database: request.database.trim().into(),
        login: request.login.trim().into(),
        password: Zeroizing::new(request.password.clone()),
        authority: Some(request.authority.clone()).filter(|pem| !pem.trim().is_empty()),
        pooled: request.pooled,
    };
    let server = admin.server().ok_or_else(|| Failure::new(Code::SharedTls))?;
    Ok((admin, server))
}

/// What members could misuse on this server, in words.
pub(super) fn left(installed: &Installed) -> Vec<String> {
    installed.left.iter().map(|name| format!("成员的登录名仍可调用 {name}。")).collect()
}

/// The system's random source failed.
pub(super) fn random<E: std::error::Error>(error: E) -> Failure {
    logged(Code::Internal, &error)
}
