//! Takes a workspace over with its recovery kit, where no administrator's device is left.

use kefu_domain::change::kind;
use kefu_domain::member::{self, ADMIN, Member};
use kefu_local::Workspace;
use kefu_shared::take_over;
use kefu_vault::roster::MemberAct;
use kefu_vault::{Issuer, KitError, RecoveryKit, WorkspaceRoot};

use super::create::reached;
use super::{connect, entry, follow_log, keep, told};
use crate::desk::Desk;
use crate::wire::{Code, Failure, TakeOverRequest, WorkspaceInfo};

impl Desk {
    /// Makes this device an administrator's that holds the root, and who sits at it an administrator. It takes the recovery
    /// kit and a login that may install on the server: the one without the other does nothing.
    ///
    /// # Errors
    /// [`Code::KitWrong`] with the line to look at, [`Code::KitOther`] for that of another workspace,
    /// [`Code::NoSeat`] before who sits here has arrived as a member, [`Code::SharedMayNotInstall`], [`Code::RosterFalse`]; what the server says.
    pub async fn take_over(&self, request: TakeOverRequest) -> Result<WorkspaceInfo, Failure> {
        let open = self.open()?;
        let place = open.place().await?;
        let root = WorkspaceRoot::from_kit(&RecoveryKit::parse(&request.kit)?);
        if root.fingerprint() != place.root {
            return Err(Failure::new(Code::KitOther));
        }
        let seat = open.seat();
        open.active_member(seat.id).await?;
        let (admin, _) = reached(&request.server)?;
        let mut shared = connect(&place).await?;
        let roster = follow_log(&open, &place, &mut shared).await;
        shared.close().await;
        let roster = roster?;
        let member = place.seat.member;
        if !roster.is_admin(place.seat) {
            let act = MemberAct::GrantAdmin { member };
            let (next, entry, append) = entry(&roster, Issuer::Root(&root), self.now().timestamp(), act)?;
            let roles: Vec<String> = next.roles(member).into_iter().collect();
            take_over(&admin, place.id, member, &roles, &append).await?;
            keep(&open, &entry).await?;
        }
        let place = Workspace { founder: Some(root), ..place };
        open.store.set_workspace(&open.wrap_key(), &place).await?;

        let mut door = open.store.door(self.now()).await?;
        let record = door.record(seat.id).await?.filter(|record| record.kind == kind::MEMBER);
        let record = record.ok_or_else(|| Failure::new(Code::NoSeat))?;
        let mut to = Member::read(&record);
        if !to.has(ADMIN) {
            to.roles.push(ADMIN.into());
            door.write(member::amend(seat.id, &record, &to, &[])?, seat.id).await?;
            door.commit().await?;
            open.seats.sit(crate::seat::Seat { id: seat.id, member: to, via: seat.via });
        }
        told(&open, place).await
    }
}

impl From<KitError> for Failure {
    fn from(error: KitError) -> Self {
        match error {
            KitError::Line(line) => Failure::new(Code::KitWrong).with("detail", line),
            KitError::Shape | KitError::Whole => Failure::new(Code::KitWrong),
        }
    }
}
