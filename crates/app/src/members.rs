//! Members of the staff (人员): listed, enrolled, amended, retired, and given a sign-in of their own.

use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::member::{self, ADMIN, ROLES};
use kefu_vault::KeyFile;

use crate::desk::{Desk, Open};
use crate::seat::members;
use crate::setup::{blocking, check_passphrase};
use crate::wire::{Code, Failure, Member, MemberRequest, Members, SignInRequest};

impl Desk {
    /// All members, active ones first.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn members(&self) -> Result<Members, Failure> {
        self.members_of(&*self.open()?).await
    }

    async fn members_of(&self, open: &Open) -> Result<Members, Failure> {
        let seats = KeyFile::read(&self.folder)?.seats();
        let mut listed: Vec<Member> =
            members(&open.store).await?.into_iter().map(|(id, m)| shown(id, m, seats.contains(&id))).collect();
        listed.sort_by_key(|member| !member.active); // stable
        Ok(Members { members: listed, roles: ROLES.map(str::to_string).to_vec() })
    }

    /// Enrols a member or changes one; only administrators do. Whoever is retired loses his sign-in on this machine; one
    /// who retires himself leaves a locked desk behind.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NotFound`], [`Code::InvalidFields`], [`Code::LastAdmin`],
    /// [`Code::NothingChanged`].
    pub async fn save_member(&self, request: MemberRequest) -> Result<Member, Failure> {
        self.save_member_as(request, None).await
    }

    /// As [`Desk::save_member`]; a new member gets the id `fresh`, so that one brought from elsewhere stays himself.
    pub(crate) async fn save_member_as(&self, request: MemberRequest, fresh: Option<Uuid>) -> Result<Member, Failure> {
        let open = self.open()?;
        let seat = open.administrator()?;
        let keys = KeyFile::read(&self.folder)?;
        let signed = keys.seats();
        let MemberRequest { id, name, employee_number, post, department, phone_extension, roles, active } = request;
        let to = member::Member { name, employee_number, post, department, phone_extension, roles, active };
        let mut door = open.store.door(self.now()).await?;
        let (id, draft) = match id {
            None => {
                let id = fresh.unwrap_or_else(Uuid::now_v7);
                (id, member::enrol(id, &to)?)
            }
            Some(id) => match door.record(id).await? {
                Some(record) if record.kind == kind::MEMBER => {
                    // An administrator who cannot sign in here is none for this desk.
                    let here = members(&open.store).await?.into_iter();
                    let others: Vec<_> =
                        here.filter(|(other, _)| *other != id && signed.contains(other)).map(|(_, m)| m).collect();
                    (id, member::amend(id, &record, &to, &others)?)
                }
                _ => return Err(Failure::new(Code::NotFound)),
            },
        };
        door.write(draft, seat.id).await?;
        door.commit().await?;
        if !active {
            let mut keys = keys;
            blocking(move || Ok(keys.remove_seat(id)?)).await?;
            open.seats.forget(id);
        }
        let record = open.store.record(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let saved = member::Member::read(&record);
        if id == seat.id {
            if active {
                open.seats.sit(crate::seat::Seat { id, member: saved.clone(), via: seat.via });
            } else {
                self.lock().await;
            }
        }
        Ok(shown(id, saved, active && signed.contains(&id)))
    }

    /// Gives an active member a passphrase of his own on this machine, or a new one where he forgot it. Only
    /// administrators do; their own they change with the present one.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::NoSeat`], [`Code::WeakPassphrase`], [`Code::PassphraseRequired`] for one's own.
    pub async fn give_sign_in(&self, request: SignInRequest) -> Result<(), Failure> {
        let open = self.open()?;
        let seat = open.administrator()?;
        check_passphrase(&request.passphrase)?;
        open.active_member(request.id).await?;
        let mut keys = KeyFile::read(&self.folder)?;
        if request.id == seat.id && keys.seats().contains(&seat.id) {
            return Err(Failure::new(Code::PassphraseRequired));
        }
        let key = open.key.clone();
        blocking(move || Ok(keys.set_passphrase(&key, request.id, &request.passphrase)?)).await?;
        // Whoever signed in with the old one has to show the new one.
        open.seats.forget(request.id);
        Ok(())
    }
}

fn shown(id: Uuid, member: member::Member, sign_in: bool) -> Member {
    let member::Member { name, employee_number, post, department, phone_extension, roles, active } = member;
    Member { id, name, employee_number, post, department, phone_extension, roles, active, sign_in }
}

/// The first administrator who can sign in here, else the first at all: he sits down by the recovery code.
pub(crate) fn first_administrator(members: &[(Uuid, member::Member)], seats: &[Uuid]) -> Option<Uuid> {
    let administrators = || members.iter().filter(|(_, m)| m.active && m.has(ADMIN)).map(|(id, _)| *id);
    let here = seats.iter().copied().find(|seat| administrators().any(|id| id == *seat));
    here.or_else(|| administrators().next())
}
