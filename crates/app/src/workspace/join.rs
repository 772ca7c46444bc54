//! Comes in by an invite: a new desk with keys of its own, which asks, waits and is let in.

use chrono::SecondsFormat;
use kefu_domain::number::DeviceCode;
use kefu_local::{DeviceInfo, Workspace};
use kefu_shared::{Address, NewLogin, Shared, SharedError};
use kefu_vault::{Invite, JoinRequest, Roster, SeatId, SeatKeys, Server, Welcome, WrapKey, random_password};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::create::random;
use super::{follow_log, told};
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::setup::check_passphrase;
use crate::wire::{self, AskAgainRequest, Code, Failure, Joining, WorkspaceInfo};

impl Desk {
    /// Makes a desk in this empty folder for the invited member and lays its request down at the shared database; where
    /// that is out of reach, [`Desk::ask_admission`] does so later. Company, members and forms come with the first
    /// exchange after an administrator let it in.
    ///
    /// # Errors
    /// [`Code::InviteUnreadable`], [`Code::InviteOver`]; [`Code::AlreadySetUp`], [`Code::BadDeviceCode`],
    /// [`Code::WeakPassphrase`].
    pub async fn join_workspace(&self, request: wire::JoinRequest) -> Result<Joining, Failure> {
        let code: DeviceCode = request.device_code.parse().map_err(|_| Failure::new(Code::BadDeviceCode))?;
        check_passphrase(&request.passphrase)?;
        let invite = Invite::parse(&request.invite)?;
        let keys = SeatKeys::random().map_err(random)?;
        let device = DeviceInfo { id: Uuid::now_v7(), code: code.to_string() };
        let asked = JoinRequest::new(&invite, device.id, &device.code, &keys, self.now().timestamp())?;
        let fingerprint = asked.fingerprint(&invite).digits();
        let place = Workspace {
            id: invite.workspace,
            root: invite.root,
            seat: SeatId { member: invite.member, device: device.id },
            keys,
            founder: None,
            server: invite.server.clone(),
            password: random_password().map_err(random)?,
            joining: Some(invite.text()?),
            since: self.now().to_rfc3339_opts(SecondsFormat::Secs, false),
        };
        let made = self
            .make(invite.member, request.passphrase, device, |store, key| {
                let place = &place;
                async move { Ok(store.set_workspace(&WrapKey::of(&key), place).await?) }
            })
            .await?;
        // The desk is made and asks again; why it was not taken is told by that.
        let asked = ask(&place, &invite, &asked, self.now().timestamp()).await;
        let sent = asked.inspect_err(|failure| tracing::warn!(code = ?failure.code, "not asked yet")).is_ok();
        Ok(Joining { recovery_code: made.recovery_code, fingerprint, sent, keyring: made.keyring })
    }

    /// Asks whether this device was let in, and comes in if so.
    ///
    /// # Errors
    /// [`Code::NoWorkspace`], [`Code::InviteOver`] where the invite was used by somebody else or ran out,
    /// [`Code::RosterFalse`]; what the server says.
    pub async fn ask_admission(&self) -> Result<WorkspaceInfo, Failure> {
        let open = self.open()?;
        let place = open.place_or_waiting().await?;
        if let Some(text) = &place.joining {
            let invite = Invite::parse(text)?;
            let request = request(&place, &open, &invite)?;
            if let Some((shared, answer)) = ask(&place, &invite, &request, self.now().timestamp()).await? {
                come_in(&open, place, &invite, &request, (shared, &answer)).await?;
            }
        }
        told(&open, open.place_or_waiting().await?).await
    }

    /// Asks with another invite: the one before ran out, or the shared database has lost this device's login. Its keys, its
    /// code and all that it holds stay as they are.
    ///
    /// # Errors
    /// [`Code::InviteUnreadable`], [`Code::InviteOther`] where it is for another member or workspace; otherwise as
    /// [`Desk::ask_admission`].
    pub async fn ask_again(&self, request: AskAgainRequest) -> Result<WorkspaceInfo, Failure> {
        let open = self.open()?;
        let place = open.place_or_waiting().await?;
        let invite = Invite::parse(&request.invite)?;
        if (invite.workspace, invite.root, invite.member) != (place.id, place.root, place.seat.member) {
            return Err(Failure::new(Code::InviteOther));
        }
        let place = Workspace {
            server: invite.server.clone(),
            password: random_password().map_err(random)?,
            joining: Some(invite.text()?),
            ..place
        };
        open.store.set_workspace(&open.wrap_key(), &place).await?;
        drop(open);
        self.ask_admission().await
    }
}

/// What the other screen has to show while this device waits; None where it does not.
pub(super) fn fingerprint(place: &Workspace, open: &Open) -> Result<Option<String>, Failure> {
    let Some(text) = &place.joining else { return Ok(None) };
    let invite = Invite::parse(text)?;
    Ok(Some(request(place, open, &invite)?.fingerprint(&invite).digits()))
}

/// The same request each time: it follows from the keys and the invite.
fn request(place: &Workspace, open: &Open, invite: &Invite) -> Result<JoinRequest, Failure> {
    let device = open.store.device();
    // Made in time once; whether the invite still holds is for the administrator to say.
    Ok(JoinRequest::new(invite, device.id, &device.code, &place.keys, invite.expires.saturating_sub(1))?)
}

/// Lays the request down unless it lies there, and gives the administrator's answer if there is one.
async fn ask(
    place: &Workspace,
    invite: &Invite,
    request: &JoinRequest,
    now: i64,
) -> Result<Option<(Shared, Vec<u8>)>, Failure> {
    let address = |password: &Zeroizing<String>| Address::of(&place.server, password);
    let mut shared = match Shared::connect(&address(&place.password), place.id).await {
        Err(SharedError::Login) => {
            // The first time: the password that both sides know from the invite is replaced by one that only this
            // device knows, and which it has kept already.
            let mut shared = match Shared::connect(&address(&invite.password()), place.id).await {
                // Run out, taken back, or used by somebody else.
                Err(SharedError::Login) => return Err(Failure::new(Code::InviteOver)),
                shared => shared?,
            };
            let login = NewLogin { name: place.server.login.clone(), password: place.password.clone() };
            shared.change_password(&login).await?;
            shared
        }
        shared => shared?,
    };
    let id = Uuid::from_bytes(invite.id());
    if let Some(answer) = shared.answer(id).await? {
        return Ok(Some((shared, answer)));
    }
    match shared.join(id, &request.encode()).await {
        // It lies there already, from this device: nobody else has the password.
        Ok(()) => {}
        Err(SharedError::InviteOver) if now < invite.expires => {}
        Err(error) => return Err(error.into()),
    }
    shared.close().await;
    Ok(None)
}

async fn come_in(
    open: &Open,
    place: Workspace,
    invite: &Invite,
    request: &JoinRequest,
    (mut shared, answer): (Shared, &[u8]),
) -> Result<(), Failure> {
    let mut log: Vec<Vec<u8>> = Vec::new();
    loop {
        let more = shared.roster(log.len() as u64).await?;
        if more.is_empty() {
            break;
        }
        log.extend(more.into_iter().map(|entry| entry.entry));
    }
    let roster = Roster::replay(place.id, &place.root, &log)?;
    let welcome = Welcome::open(answer, invite, request, &place.keys, &roster)?;
    let server = Server { authority: welcome.authority, ..place.server.clone() };
    let place = Workspace { server, joining: None, ..place };
    open.store.enter_workspace(&open.wrap_key(), &place, &log, welcome.desk_key.as_ref()).await?;
    // The keys of earlier epochs, which the newest one opens. Where this fails the next exchange does it.
    if let Err(failure) = follow_log(open, &place, &mut shared).await {
        logged(failure.code, &failure);
    }
    shared.close().await;
    Ok(())
}
