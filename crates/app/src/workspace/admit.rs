//! Invites members on other devices, shows who asks, and lets them in.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use kefu_domain::member::{ADMIN, Member};
use kefu_local::{GivenInvite, Workspace};
use kefu_shared::{Admission, DeskKeyFor, NewLogin, Shared, SharedError};
use kefu_vault::roster::MemberAct;
use kefu_vault::{Certificate, Invite, Issuer, JoinRequest, ReceiveKey, Roster, SeatId, Server, Welcome};
use uuid::Uuid;

use super::create::random;
use super::{TRIES, entry, follow_log, keep, moment, once_more, share};
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::sync::{Identity, wraps_for_seat};
use crate::wire::{AdmitRequest, Code, Failure, InviteRequest, InviteShown, PendingJoin, WorkspaceSeat};

impl Desk {
    /// An invite for an active member on another device. Who holds it can ask to come in with it, once.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NoWorkspace`], [`Code::NoSeat`] for one who is no active member; what the server says.
    pub async fn invite(&self, request: InviteRequest) -> Result<InviteShown, Failure> {
        let open = self.open()?;
        open.administrator()?;
        let member = open.active_member(request.member).await?;
        let (place, mut shared) = open.administered().await?;
        let expires = self.now().timestamp() + i64::from(request.days.clamp(1, 30)) * 86_400;
        let login = NewLogin::random()?;
        let server = Server { login: login.name.clone(), ..place.server.clone() };
        let invite = Invite::random(place.id, request.member, place.root, expires, server).map_err(random)?;
        let text = invite.text()?;
        let (side, qr) = kefu_paper::qr_path(&text)?;
        // Kept first: a request with an invite that nobody here knows could never be judged.
        let given = GivenInvite { invite: invite.clone(), roles: member.roles.clone(), admitted: false };
        open.store.put_invite(&given).await?;
        let login = NewLogin { password: invite.password(), ..login };
        // A minute less than the 30 days that the server takes, whose clock is another.
        let until = (expires - 60).saturating_mul(1000);
        shared.invite(Uuid::from_bytes(invite.id()), &login, until).await?;
        shared.close().await;
        Ok(InviteShown { text: text.to_string(), qr, side, name: member.name, expires: moment(expires * 1000) })
    }

    /// Open invites, and who asks to come in with them.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NoWorkspace`]; what the server says.
    pub async fn pending_joins(&self) -> Result<Vec<PendingJoin>, Failure> {
        let open = self.open()?;
        let (_, mut shared) = open.administered().await?;
        let (mut pending, given) = (Vec::new(), open.store.invites().await?);
        for asked in shared.requests().await? {
            let given = given.iter().find(|given| given.invite.id() == *asked.invite.as_bytes());
            let name = match given {
                Some(given) => name(&open, given.invite.member).await?,
                None => String::new(),
            };
            let request = asked.request.as_deref().and_then(JoinRequest::decode);
            let now = self.now().timestamp();
            let state = match (given, &asked.request, &request) {
                (None, ..) => "elsewhere",
                (Some(_), None, _) => "open",
                (Some(given), _, Some(request)) if request.check(&given.invite, now, given.admitted).is_ok() => "asked",
                _ => "false",
            };
            let fingerprint = given.zip(request.as_ref()).filter(|_| state == "asked");
            pending.push(PendingJoin {
                id: HEXLOWER.encode(asked.invite.as_bytes()),
                name,
                device_code: request.as_ref().map(|request| request.code.clone()).unwrap_or_default(),
                fingerprint: fingerprint.map(|(g, r)| r.fingerprint(&g.invite).digits()).unwrap_or_default(),
                expires: moment(asked.expires_ms),
                state: state.into(),
            });
        }
        shared.close().await;
        Ok(pending)
    }

    /// Lets a device in, whose fingerprint was compared on both screens.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NotFound`] where nobody asks with this invite or another device gave it out,
    /// [`Code::RequestFalse`], [`Code::InviteOver`], [`Code::DeviceCodeTaken`].
    pub async fn admit_device(&self, request: AdmitRequest) -> Result<Vec<WorkspaceSeat>, Failure> {
        let open = self.open()?;
        let (place, mut shared) = open.administered().await?;
        let not_found = || Failure::new(Code::NotFound);
        let wanted: [u8; 16] =
            HEXLOWER.decode(request.id.as_bytes()).ok().and_then(|id| id.try_into().ok()).ok_or_else(not_found)?;
        let given = open.store.invites().await?.into_iter().find(|given| given.invite.id() == wanted);
        let given = given.ok_or_else(not_found)?;
        let asked = shared.requests().await?.into_iter().find(|asked| *asked.invite.as_bytes() == wanted);
        let asked = asked.and_then(|asked| asked.request).ok_or_else(not_found)?;
        let request = JoinRequest::decode(&asked).ok_or_else(|| Failure::new(Code::RequestFalse))?;
        request.check(&given.invite, self.now().timestamp(), given.admitted)?;
        let member = open.active_member(given.invite.member).await?;
        let mut tries = TRIES;
        while !self.let_in(&open, &place, &mut shared, (&given, &request, &member), tries).await? {
            tries -= 1;
        }
        open.store.put_invite(&GivenInvite { admitted: true, ..given }).await?;
        if !open.store.roster(&place).await?.holds_desk_key(request.seat) {
            if let Some(identity) = Identity::read(&open).await? {
                for some in wraps_for_seat(&open, &identity, request.seat).await?.chunks(1000) {
                    shared.put_wraps(some).await?;
                }
            }
            share(self, &open).await?;
        }
        self.make_administrator(&open, &place, &mut shared, (request.seat.member, &member)).await?;
        let seats = super::seats::all(&open, &place, &mut shared).await;
        shared.close().await;
        seats
    }

    /// Takes an invite back, or refuses the device that asks with it: nobody comes in with it any more.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NotFound`] where it is not open any more; what the server says.
    pub async fn withdraw_invite(&self, request: AdmitRequest) -> Result<Vec<PendingJoin>, Failure> {
        let open = self.open()?;
        let (_, mut shared) = open.administered().await?;
        let invite = HEXLOWER.decode(request.id.as_bytes()).ok().and_then(|id| Uuid::from_slice(&id).ok());
        let invite = invite.ok_or_else(|| Failure::new(Code::NotFound))?;
        let withdrawn = shared.withdraw(invite).await;
        shared.close().await;
        withdrawn.map_err(|error| match error {
            SharedError::Missing => Failure::new(Code::NotFound),
            error => error.into(),
        })?;
        self.pending_joins().await
    }

    /// False where the member log went on meanwhile.
    async fn let_in(
        &self,
        open: &Open,
        place: &Workspace,
        shared: &mut Shared,
        (given, request, member): (&GivenInvite, &JoinRequest, &Member),
        tries: u8,
    ) -> Result<bool, Failure> {
        let roster = follow_log(open, place, shared).await?;
        let (at, issuer) = (self.now().timestamp(), Issuer::Seat(place.seat, &place.keys));
        let certificate = Certificate::issue(issuer, place.id, request.seat, request.keys, at);
        let certificate = certificate.map_err(|error| logged(Code::Internal, &error))?;
        // One whose login the server lost, or who was let in by half, is in the log already.
        let known = roster.seats().get(&request.seat);
        let (next, written) = if known.is_some_and(|seat| seat.until.is_none() && seat.keys == request.keys) {
            (roster.clone(), None)
        } else {
            let roles: BTreeSet<String> = member.roles.iter().filter(|role| *role != ADMIN).cloned().collect();
            let act =
                MemberAct::Admit { certificate: Box::new(certificate.clone()), roles, code: request.code.clone() };
            let written = entry(&roster, issuer, at, act);
            let (next, entry, append) = written.map_err(|failure| failure.with("code", &request.code))?;
            (next, Some((entry, append)))
        };
        let held = open.store.desk_keys(&open.wrap_key(), place.id).await?;
        let welcome = Welcome {
            certificate: certificate.clone(),
            log: next.head(),
            desk_key: held.newest().filter(|_| next.holds_desk_key(request.seat)).cloned(),
            authority: place.server.authority.clone(),
        };
        let admission = Admission {
            invite: Uuid::from_bytes(given.invite.id()),
            member: request.seat.member,
            device: request.seat.device,
            roles: next.roles(request.seat.member).into_iter().collect(),
            certificate: certificate.encode(),
            answer: welcome.seal(&given.invite, request, issuer)?,
        };
        let append = written.as_ref().map(|(_, append)| append);
        let Some(()) = once_more(shared.admit(&admission, append).await, tries)? else { return Ok(false) };
        if let Some((entry, _)) = &written {
            keep(open, entry).await?;
        }
        // His roles are those of all his devices: some of them may come to hold the desk key by this.
        let hold = |roster: &Roster| roster.desk_key_holders().collect::<BTreeMap<_, _>>();
        let (before, mut now) = (hold(&roster), hold(&next));
        now.retain(|seat, _| *seat != request.seat && !before.contains_key(seat));
        if let Some(desk) = held.newest().filter(|_| !now.is_empty()) {
            let seal = |(seat, receive): (&SeatId, &ReceiveKey)| {
                Ok::<_, Failure>(DeskKeyFor {
                    seat: Some((seat.member, seat.device)),
                    sealed: desk.seal_to(*seat, receive)?,
                })
            };
            let keys = now.iter().map(seal).collect::<Result<Vec<_>, _>>()?;
            shared.hand_desk_key(desk.epoch(), &keys).await?;
        }
        Ok(true)
    }

    /// One whose record says 管理 becomes an administrator of the workspace, too, where the root is at hand to grant it.
    async fn make_administrator(
        &self,
        open: &Open,
        place: &Workspace,
        shared: &mut Shared,
        (id, member): (Uuid, &Member),
    ) -> Result<(), Failure> {
        let Some(root) = place.founder.as_ref().filter(|_| member.has(ADMIN)) else { return Ok(()) };
        for tries in (1..=TRIES).rev() {
            let roster: Roster = follow_log(open, place, shared).await?;
            if roster.roles(id).contains(ADMIN) {
                break;
            }
            let act = MemberAct::GrantAdmin { member: id };
            let (next, entry, append) = entry(&roster, Issuer::Root(root), self.now().timestamp(), act)?;
            let roles: Vec<String> = next.roles(id).into_iter().collect();
            if once_more(shared.change_roles(id, &roles, &append).await, tries)?.is_some() {
                keep(open, &entry).await?;
                break;
            }
        }
        Ok(())
    }
}

/// A member's name; empty where his record has not arrived.
pub(super) async fn name(open: &Open, member: Uuid) -> Result<String, Failure> {
    let record = open.store.record(member).await?;
    Ok(record.map(|record| Member::read(&record).name).unwrap_or_default())
}
