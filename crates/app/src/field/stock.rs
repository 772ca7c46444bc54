//! Parts: what lies where, and moving them.

use std::collections::HashMap;

use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::field::acts::CREW;
use kefu_domain::field::stock::{self, Move, van, van_of};
use kefu_domain::process::Actor;

use super::sees_all;
use crate::actor::{actor, only};
use crate::desk::{Desk, Open};
use crate::seat::members;
use crate::wire::{Failure, MoveStockRequest, PieceMove, StockRequest, StockRow};

impl Desk {
    /// What lies where, sums of all moves; less than nought is shown. A technician sees his own van and the store.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied).
    pub async fn stock(&self, request: StockRequest) -> Result<Vec<StockRow>, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        if !sees_all(&actor) {
            only(&actor, CREW)?;
        }
        let place = place(&actor, &request.place);
        let seen = |place: &str| sees_all(&actor) || place == van(actor.seat) || place == stock::STORE;
        let names = names(&open).await?;
        let holdings = open.store.stock(Some(place.as_str()).filter(|place| !place.is_empty())).await?;
        let inside = |place: &str| !stock::OUTSIDE.contains(&place);
        let rows = holdings.into_iter().filter(|holding| inside(&holding.place) && seen(&holding.place));
        let row = |holding: kefu_local::Holding| StockRow {
            place_name: called(&holding.place, &names),
            place: holding.place,
            part: holding.part,
            name: holding.name,
            count: holding.count,
        };
        Ok(rows.map(row).collect())
    }

    /// Moves a part, and shows both places.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied), [`Code::InvalidFields`](crate::wire::Code::InvalidFields),
    /// [`Code::ReasonRequired`](crate::wire::Code::ReasonRequired).
    pub async fn move_stock(&self, request: MoveStockRequest) -> Result<Vec<StockRow>, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let MoveStockRequest { part, name, serial, count, from, to, reason } = request;
        let (from, to) = (place(&actor, &from), place(&actor, &to));
        let asked = Move { line: Uuid::now_v7(), part, name, serial, count, from, to };
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(stock::record_id(stock::home(&asked))).await?.unwrap_or_default();
        let draft = stock::take(&actor, self.now(), &record, &asked, &reason)?;
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        let rows = self.stock(StockRequest::default()).await?;
        Ok(rows.into_iter().filter(|row| [&asked.from, &asked.to].contains(&&row.place)).collect())
    }

    /// Where the piece with this serial was, oldest first.
    ///
    /// # Errors
    /// [`Code::Denied`](crate::wire::Code::Denied).
    pub async fn piece(&self, serial: &str) -> Result<Vec<PieceMove>, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        if !sees_all(&actor) {
            only(&actor, CREW)?;
        }
        let names = names(&open).await?;
        let mut moves = Vec::new();
        for (record, one) in open.store.moves_of(serial).await? {
            let sheet = open.store.record(record).await?.filter(|record| record.kind == kind::SERVICE);
            moves.push(PieceMove {
                sheet: sheet.as_ref().and_then(|sheet| sheet.text("number")).unwrap_or_default().into(),
                from: called(&one.from, &names),
                to: called(&one.to, &names),
                part: one.part,
                name: one.name,
            });
        }
        Ok(moves)
    }
}

/// `van` stands for one's own.
fn place(actor: &Actor, text: &str) -> String {
    if text == "van" { van(actor.seat) } else { text.trim().into() }
}

async fn names(open: &Open) -> Result<HashMap<Uuid, String>, Failure> {
    Ok(members(&open.store).await?.into_iter().map(|(id, member)| (id, member.name)).collect())
}

/// A place for people.
fn called(place: &str, names: &HashMap<Uuid, String>) -> String {
    match place {
        stock::STORE => "仓库".into(),
        stock::SUPPLIER => "供应商".into(),
        stock::CUSTOMER => "客户".into(),
        stock::SCRAP => "报废".into(),
        stock::COUNT => "盘点".into(),
        other => {
            van_of(other).and_then(|seat| names.get(&seat)).map_or_else(|| other.into(), |name| format!("{name}的车"))
        }
    }
}
