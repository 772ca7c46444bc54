//! The workspace that this device belongs to: its seat and keys there, the member log, and the invites it gave out.
//!
//! A device sends as one: one seat, one signing key, whoever sits at it (see `crates/vault/README.md`). What is sealed,
//! sent and received lies elsewhere; this is who one is.

use kefu_vault::roster::LogError;
use kefu_vault::{
    DeskKey, DeskKeys, Fingerprint, Invite, Roster, SeatId, SeatKeys, Server, Unsealable, WorkspaceRoot, WrapKey,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::store::{Store, StoreError};

/// This device's place in a workspace. Never printed by Debug.
#[derive(Clone)]
pub struct Workspace {
    /// Workspace.
    pub id: Uuid,
    /// Its root, as the invite or the founding named it.
    pub root: Fingerprint,
    /// The seat that this device was admitted as: the member, and the identity it had then. A copied profile goes on under
    /// another identity ([`Store::device`]) with the keys of this seat.
    pub seat: SeatId,
    /// The seat's keys.
    pub keys: SeatKeys,
    /// The root itself, on the founding administrator's device.
    pub founder: Option<WorkspaceRoot>,
    /// The shared database.
    pub server: Server,
    /// Password of its login.
    pub password: Zeroizing<String>,
    /// The invite, as long as no administrator has admitted this device.
    pub joining: Option<Zeroizing<String>>,
    /// When it was made or joined, RFC 3339.
    pub since: String,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("id", &self.id).field("seat", &self.seat).finish_non_exhaustive()
    }
}

/// An invite that this device gave out.
#[derive(Debug, Clone)]
pub struct GivenInvite {
    /// The invite.
    pub invite: Invite,
    /// What the member is to be admitted as.
    pub roles: Vec<String>,
    /// Somebody was admitted with it.
    pub admitted: bool,
}

impl Store {
    /// This device's place in a workspace; None for a desk of its own.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where a wrapped key is not this desk's.
    pub async fn workspace(&self, key: &WrapKey) -> Result<Option<Workspace>, StoreError> {
        let sql = "SELECT id, root, member, seat, founder, address, database, login, password, authority, \
                   keeps_statements, joining, since, device FROM workspace";
        let row = sqlx::query(sql).fetch_optional(&self.readers).await?;
        row.map(|row| read_workspace(&row, key)).transpose()
    }

    /// Keeps the place of this device. A device has one workspace: another id than the one kept is refused.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where this device belongs to another workspace; the disk is full.
    pub async fn set_workspace(&self, key: &WrapKey, workspace: &Workspace) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        keep(writer.connection()?, key, workspace).await
    }

    /// Keeps the place of this device together with the member log that it begins with, verified, and its desk key. Whatever
    /// an attempt before this left is replaced.
    ///
    /// # Errors
    /// As [`Store::set_workspace`]; nothing is kept then.
    pub async fn enter_workspace(
        &self,
        key: &WrapKey,
        workspace: &Workspace,
        log: &[Vec<u8>],
        desk: Option<&DeskKey>,
    ) -> Result<(), StoreError> {
        let wrapped = desk.map(|desk| desk.wrap(key).map_err(random)).transpose()?;
        let mut writer = self.writer.lock().await;
        let mut transaction = writer.connection()?.begin().await?;
        sqlx::query("DELETE FROM roster; DELETE FROM desk_keys").execute(&mut *transaction).await?;
        keep(&mut transaction, key, workspace).await?;
        append(&mut transaction, 1, log).await?;
        if let (Some(desk), Some(wrapped)) = (desk, wrapped) {
            let sql = "INSERT INTO desk_keys (epoch, key) VALUES (?, ?)";
            sqlx::query(sql).bind(desk.epoch()).bind(wrapped).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The member log as it is known here, in its order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn roster_log(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar("SELECT entry FROM roster ORDER BY no").fetch_all(&self.readers).await?)
    }

    /// The roster as the kept log gives it. The log lies in the encrypted file, so it is only replayed, once.
    ///
    /// # Errors
    /// [`StoreError::Roster`] where the log does not hold together.
    pub async fn roster(&self, workspace: &Workspace) -> Result<Roster, StoreError> {
        Ok(Roster::replay(workspace.id, &workspace.root, &self.roster_log().await?)?)
    }

    /// Appends entries that were verified to follow what is known; `first` is the number of the first. Entries known
    /// already are left as they are.
    ///
    /// # Errors
    /// The disk is full; then nothing was appended.
    pub async fn append_roster(&self, first: u64, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        append(writer.connection()?, first, entries).await
    }

    /// Keeps a desk key of an epoch.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn put_desk_key(&self, key: &WrapKey, desk: &DeskKey) -> Result<(), StoreError> {
        let wrapped = desk.wrap(key).map_err(random)?;
        let mut writer = self.writer.lock().await;
        let sql = "INSERT OR REPLACE INTO desk_keys (epoch, key) VALUES (?, ?)";
        sqlx::query(sql).bind(desk.epoch()).bind(wrapped).execute(writer.connection()?).await?;
        Ok(())
    }

    /// The desk keys of all epochs that this device holds; none on a technician's.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where one is not this desk's.
    pub async fn desk_keys(&self, key: &WrapKey, workspace: Uuid) -> Result<DeskKeys, StoreError> {
        let mut keys = DeskKeys::default();
        for row in sqlx::query("SELECT epoch, key FROM desk_keys").fetch_all(&self.readers).await? {
            let (epoch, wrapped): (u32, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            keys.add(DeskKey::unwrap(key, workspace, epoch, &wrapped).map_err(unreadable)?);
        }
        Ok(keys)
    }

    /// Forgets all desk keys: this device is no office device any more.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_desk_keys(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("DELETE FROM desk_keys").execute(writer.connection()?).await?;
        Ok(())
    }

    /// Keeps an invite that was given out, or that somebody was admitted with it.
    ///
    /// # Errors
    /// The invite has no text, or the disk is full.
    pub async fn put_invite(&self, given: &GivenInvite) -> Result<(), StoreError> {
        let text = given.invite.text().map_err(|_| StoreError::Unreadable)?;
        let mut writer = self.writer.lock().await;
        sqlx::query("INSERT OR REPLACE INTO invites (id, text, roles, expires, admitted) VALUES (?, ?, ?, ?, ?)")
            .bind(given.invite.id().to_vec())
            .bind(text.as_str())
            .bind(serde_json::to_string(&given.roles)?)
            .bind(given.invite.expires)
            .bind(given.admitted)
            .execute(writer.connection()?)
            .await?;
        Ok(())
    }

    /// The invites given out here, the latest to run out first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn invites(&self) -> Result<Vec<GivenInvite>, StoreError> {
        let sql = "SELECT text, roles, admitted FROM invites ORDER BY expires DESC, id";
        let rows = sqlx::query(sql).fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| {
            let text = Zeroizing::new(row.try_get::<String, _>(0)?);
            Ok(GivenInvite {
                invite: Invite::parse(&text).map_err(|_| StoreError::Unreadable)?,
                roles: serde_json::from_str(row.try_get(1)?)?,
                admitted: row.try_get(2)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn read_workspace(row: &SqliteRow, key: &WrapKey) -> Result<Workspace, StoreError> {
    let id: Uuid = row.try_get(0)?;
    let seat = SeatId { member: row.try_get(2)?, device: row.try_get(13)? };
    let founder: Option<Vec<u8>> = row.try_get(4)?;
    let founder = founder.map(|wrapped| WorkspaceRoot::unwrap(key, id, &wrapped)).transpose();
    let secret = |text: String| Zeroizing::new(text);
    Ok(Workspace {
        id,
        root: Fingerprint::from_bytes(array(row.try_get(1)?)?),
        seat,
        keys: SeatKeys::unwrap(key, seat, row.try_get(3)?).map_err(unreadable)?,
        founder: founder.map_err(unreadable)?,
        server: Server {
            address: row.try_get(5)?,
            database: row.try_get(6)?,
            login: row.try_get(7)?,
            authority: row.try_get(9)?,
            pooled: !row.try_get::<bool, _>(10)?,
        },
        password: secret(row.try_get(8)?),
        joining: row.try_get::<Option<String>, _>(11)?.map(secret),
        since: row.try_get(12)?,
    })
}

async fn keep(connection: &mut SqliteConnection, key: &WrapKey, workspace: &Workspace) -> Result<(), StoreError> {
    let Workspace { id, server, .. } = workspace;
    let seat = workspace.keys.wrap(key, workspace.seat).map_err(random)?;
    let founder = workspace.founder.as_ref().map(|root| root.wrap(key, *id)).transpose().map_err(random)?;
    let sql = "INSERT INTO workspace (one, id, root, member, device, seat, founder, address, database, login, password, \
                   authority, keeps_statements, joining, since) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                   ON CONFLICT (one) DO UPDATE SET root = excluded.root, member = excluded.member, device = excluded.device, \
                   seat = excluded.seat, founder = excluded.founder, address = excluded.address, \
                   database = excluded.database, login = excluded.login, password = excluded.password, \
                   authority = excluded.authority, keeps_statements = excluded.keeps_statements, \
                   joining = excluded.joining, since = excluded.since WHERE id = excluded.id";
    let done = sqlx::query(sql)
        .bind(id)
        .bind(workspace.root.as_bytes().to_vec())
        .bind(workspace.seat.member)
        .bind(workspace.seat.device)
        .bind(seat)
        .bind(founder)
        .bind(&server.address)
        .bind(&server.database)
        .bind(&server.login)
        .bind(workspace.password.as_str())
        .bind(&server.authority)
        .bind(!server.pooled)
        .bind(workspace.joining.as_ref().map(|text| text.as_str()))
        .bind(&workspace.since)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Exists) }
}

async fn append(connection: &mut SqliteConnection, first: u64, entries: &[Vec<u8>]) -> Result<(), StoreError> {
    let values = vec!["(?, ?)"; entries.len()].join(", ");
    if entries.is_empty() {
        return Ok(());
    }
    let sql = format!("INSERT OR IGNORE INTO roster (no, entry) VALUES {values}");
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for (no, entry) in (first.cast_signed()..).zip(entries) {
        query = query.bind(no).bind(entry);
    }
    query.execute(connection).await?;
    Ok(())
}

fn array(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable)
}

fn unreadable(_: Unsealable) -> StoreError {
    StoreError::Unreadable
}

/// The system's random source failed.
fn random<E: std::fmt::Display>(_: E) -> StoreError {
    StoreError::Random
}

impl From<LogError> for StoreError {
    fn from(error: LogError) -> Self {
        StoreError::Roster(error)
    }
}

#[cfg(test)]
mod tests;
