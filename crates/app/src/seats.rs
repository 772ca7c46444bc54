//! The seats of this machine: who can sit here, and the change of operator while the desk stays open.

use kefu_vault::KeyFile;

use crate::desk::{Desk, Open};
use crate::seat::members;
use crate::wire::{Code, DeskInfo, Failure, Seat, Stage, SwitchRequest, UnlockRequest};

impl Desk {
    /// Who can sit here: active members with a sign-in on this machine, in the order in which they got it, so that
    /// everyone keeps his digit.
    ///
    /// # Errors
    /// The desk is locked, or the key file cannot be read.
    pub async fn seats(&self) -> Result<Vec<Seat>, Failure> {
        let open = self.open()?;
        let (members, sitting) = (members(&open.store).await?, open.seat());
        let seat = |id| {
            let (_, member) = members.iter().find(|(other, member)| *other == id && member.active)?.clone();
            Some(Seat {
                id,
                name: member.name,
                employee_number: member.employee_number,
                department: member.department,
                roles: member.roles,
                signed_in: open.seats.has_signed_in(id),
                sitting: sitting.id == id,
            })
        };
        Ok(KeyFile::read(&self.folder)?.seats().into_iter().filter_map(seat).collect())
    }

    /// Another member sits down. One who has signed in since the desk was opened needs no passphrase for it.
    ///
    /// # Errors
    /// [`Code::NoSeat`], [`Code::PassphraseRequired`], [`Code::WrongPassphrase`], [`Code::TooSoon`]; who sat here still
    /// does then.
    pub async fn switch_seat(&self, request: SwitchRequest) -> Result<DeskInfo, Failure> {
        let open = self.open()?;
        let id = request.id;
        open.active_member(id).await?;
        let keys = KeyFile::read(&self.folder)?;
        if !keys.seats().contains(&id) {
            return Err(Failure::new(Code::NoSeat));
        }
        match request.passphrase {
            Some(passphrase) => {
                self.guarded(move || keys.open_seat(id, &passphrase)).await?;
            }
            None if open.seats.has_signed_in(id) => {}
            None => return Err(Failure::new(Code::PassphraseRequired)),
        }
        open.seat_member(id, None).await?;
        self.remember(&open).await;
        self.info().await
    }

    /// Opens for one command of a terminal, by passphrase or else through the keyring, and seats `member` (name, 工号 or
    /// id) where one is named. An administrator's passphrase seats anyone, on his behalf. Who signed in last on this
    /// machine stays as it was: a scheduled job must not decide who sits down in the window.
    ///
    /// # Errors
    /// As [`Desk::unlock`]; [`Code::Locked`], [`Code::NotSetUp`]; [`Code::NoSeat`], [`Code::SeveralMembers`],
    /// [`Code::NotAllowed`] where the passphrase is another member's who is no administrator. The desk is closed then.
    pub async fn sign_in_once(&self, passphrase: Option<String>, member: Option<&str>) -> Result<(), Failure> {
        match passphrase {
            Some(passphrase) => self.admit(UnlockRequest::Passphrase(passphrase)).await?,
            None => match self.start().await?.stage {
                Stage::Open => {}
                Stage::Locked => return Err(Failure::new(Code::Locked)),
                Stage::FirstStart => return Err(Failure::new(Code::NotSetUp)),
            },
        }
        let Some(member) = member else { return Ok(()) };
        let open = self.open()?;
        let seated = on_behalf(&open, member).await;
        if seated.is_err() {
            self.lock().await;
        }
        seated
    }
}

/// Seats the member called `wanted`, if whoever sits here may do that.
async fn on_behalf(open: &Open, wanted: &str) -> Result<(), Failure> {
    let (wanted, sitting) = (wanted.trim(), open.seat());
    let all = members(&open.store).await?;
    let by_id = wanted.parse::<uuid::Uuid>().ok();
    let found: Vec<_> = all
        .iter()
        .filter(|(id, m)| m.active && (Some(*id) == by_id || m.employee_number == wanted || m.name == wanted))
        .map(|(id, _)| *id)
        .collect();
    match found.as_slice() {
        [] => Err(Failure::new(Code::NoSeat)),
        [id] if *id == sitting.id => Ok(()),
        [id] => {
            sitting.administers()?;
            open.seat_member(*id, Some(sitting.id)).await
        }
        // Whose own passphrase it is need not say which of the two he is.
        several if several.contains(&sitting.id) => Ok(()),
        _ => Err(Failure::new(Code::SeveralMembers).with("member", wanted)),
    }
}
