//! Reaching the shared database: connect, catch up with the member log and the desk keys, exchange, leave.

use kefu_local::Workspace;
use kefu_shared::{Address, Shared, SharedRemote};
use kefu_sync::Report;
use kefu_vault::DeskKey;

use std::sync::Arc;

use super::Identity;
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::wire::{Code, Failure, Standing};

/// Where the server listens if the address names no port.
const PORT: u16 = 5432;
/// Characters of a line of PEM.
const LINE: usize = 64;

impl Desk {
    /// One exchange with the shared database, and where the desk stands then. What stopped it is in
    /// [`Standing::trouble`]: nothing was lost, the next one goes on.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn exchange(&self) -> Result<Standing, Failure> {
        self.exchange_once().await?;
        self.standing().await
    }

    /// One exchange; None on a desk that belongs to no workspace.
    pub(crate) async fn exchange_once(&self) -> Result<Option<Result<Report, Failure>>, Failure> {
        let open = self.open()?;
        let Some(identity) = Identity::read(&open).await? else { return Ok(None) };
        Ok(Some(self.reach(&open, identity).await))
    }

    async fn reach(&self, open: &Arc<Open>, mut identity: Identity) -> Result<Report, Failure> {
        let workspace = &identity.workspace;
        let mut shared = match Shared::connect(&address(workspace), workspace.id).await {
            Ok(shared) => shared,
            Err(error) => {
                let failure = Failure::from(error);
                self.note(open, Err(&failure)).await;
                return Err(failure);
            }
        };
        if let Err(failure) = catch_up(open, &mut identity, &mut shared).await {
            self.note(open, Err(&failure)).await;
            shared.close().await;
            return Err(failure);
        }
        let remote = SharedRemote::over(shared);
        let outcome = self.exchange_over(open, identity, &remote).await;
        remote.into_inner().close().await;
        outcome
    }
}

/// Takes over what is new in the member log, and the desk keys that this device is to hold by it.
async fn catch_up(open: &Open, identity: &mut Identity, shared: &mut Shared) -> Result<(), Failure> {
    let mut news = false;
    loop {
        let known = identity.roster.head().seq;
        let entries: Vec<Vec<u8>> = shared.roster(known).await?.into_iter().map(|entry| entry.entry).collect();
        if entries.is_empty() {
            break;
        }
        let other = |error: kefu_vault::roster::LogError| logged(Code::RosterFalse, &error).with("detail", error);
        identity.roster.extend(&entries).map_err(other)?;
        open.store.append_roster(known + 1, &entries).await?;
        news = true;
    }
    let (seat, workspace) = (identity.workspace.seat, identity.workspace.id);
    if !identity.roster.holds_desk_key(seat) {
        if identity.office() && identity.roster.seats().contains_key(&seat) {
            open.store.drop_desk_keys().await?;
            identity.desk_keys = Default::default();
        }
    } else if identity.roster.desk_key().map(|key| key.0) != identity.desk_keys.newest().map(DeskKey::epoch) {
        let mut held = shared.desk_keys().await?;
        held.sort_by_key(|key| std::cmp::Reverse((key.epoch, key.own)));
        let mut newest: Option<DeskKey> = None;
        for one in held {
            let key = match (one.own, &newest) {
                (true, _) => identity.roster.desk_key_of(one.epoch).and_then(|id| {
                    let named = (one.epoch, id);
                    DeskKey::open(workspace, named, seat, &identity.workspace.keys, &one.sealed).ok()
                }),
                // The epoch before, sealed under this one.
                (false, Some(later)) if later.epoch() == one.epoch => {
                    let id = one.epoch.checked_sub(1).and_then(|epoch| identity.roster.desk_key_of(epoch));
                    id.and_then(|id| later.earlier(&id, &one.sealed).ok())
                }
                _ => None,
            };
            if let Some(key) = key {
                open.store.put_desk_key(&identity.wrap, &key).await?;
                identity.desk_keys.add(key.clone());
                newest = Some(key);
                news = true;
            }
        }
    }
    if news {
        // What waited in quarantine for a seat or a key is tried again.
        let mut exchange = open.store.exchange().await?;
        exchange.set_retry(true, None).await?;
        exchange.commit().await?;
    }
    Ok(())
}

/// The server of a workspace with this device's login.
pub(crate) fn address(workspace: &Workspace) -> Address {
    let server = &workspace.server;
    let split = server.address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = split.unwrap_or((server.address.as_str(), PORT));
    Address {
        host: host.trim_matches(['[', ']']).to_owned(), // IPv6 is written in brackets before a port
        port,
        database: server.database.clone(),
        login: server.login.clone(),
        password: workspace.password.clone(),
        authority: (!server.authority.is_empty()).then(|| pem(&server.authority)),
        keeps_statements: workspace.keeps_statements,
    }
}

/// A certificate as PEM.
fn pem(der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(der.len() * 4 / 3 + 4);
    for three in der.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { letter } else { b'=' });
        }
    }
    let text: String = text.into_iter().map(char::from).collect();
    let lines: Vec<&str> = (0..text.len()).step_by(LINE).map(|at| &text[at..text.len().min(at + LINE)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_becomes_pem() {
        let body = |der: &[u8]| pem(der).lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n");
        assert_eq!(body(b"foobar"), "Zm9vYmFy");
        assert_eq!((body(b"fooba"), body(b"foob")), ("Zm9vYmE=".into(), "Zm9vYg==".into()));
        assert_eq!(body(&[255; 50]).lines().map(str::len).collect::<Vec<_>>(), [64, 4]);
    }
}
