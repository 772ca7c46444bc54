//! Brings the schema, its rights and its functions to a PostgreSQL, or up to this program's; and founds a workspace.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};
use uuid::Uuid;
use zeroize::Zeroizing;

use kefu_vault::{random_password, scram_verifier};

use crate::connection::{alone, answered, within};
use crate::members::{Append, RosterEntry};
use crate::{Address, SharedError};

/// Number of the schema that this program brings and speaks with. 2: an envelope's proof may be longer than a signature, and
/// what is in an envelope is understood from there on only; no table changed.
pub const SCHEMA: i32 = 3;

/// Programs below this number are sent away by the schema that this program brings.
const OLDEST: i32 = 2;

/// Landed migrations, in order, each by the number of the schema from which it is there; one is never edited afterwards. A
/// number that changed functions only has none.
const MIGRATIONS: &[(i32, &str)] = &[(1, include_str!("../../../migrations/shared/0001_start.sql"))];

const ROLES: &str = include_str!("../../../migrations/shared/roles.sql");

/// Functions and rights: laid down anew at every install.
const ANEW: &[&str] = &[
    include_str!("../../../migrations/shared/security.sql"),
    include_str!("../../../migrations/shared/barred.sql"),
    include_str!("../../../migrations/shared/erase.sql"),
    include_str!("../../../migrations/shared/push.sql"),
    include_str!("../../../migrations/shared/pull.sql"),
    include_str!("../../../migrations/shared/chunks.sql"),
    include_str!("../../../migrations/shared/members.sql"),
    include_str!("../../../migrations/shared/rights.sql"),
    include_str!("../../../migrations/shared/public.sql"),
];

/// Ends every member's session. Which schema is there they asked when it began.
const GREETED: &str = "SET ROLE kefu_keeper; \
                       SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a \
                       JOIN pg_auth_members x ON x.member = a.usesysid AND x.roleid = to_regrole('kefu_member') \
                       WHERE a.datname = current_database() AND a.pid <> pg_backend_pid(); RESET ROLE";

const ACTS: &str = include_str!("../../../migrations/shared/acts.sql");

/// What PUBLIC may still do that it should not: on a server whose owner keeps these rights.
const LEFT: &str = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace \
                    AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^(lo_|loread$|lowrite$)') \
                    AND has_function_privilege('kefu_member', p.oid, 'EXECUTE') ORDER BY 1";

/// What installing found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Number of the schema before; 0 where there was none.
    pub before: i32,
    /// Functions of PostgreSQL that members could misuse and that this login could not take from them.
    pub left: Vec<String>,
}

/// A login with its password.
#[derive(Clone)]
pub struct NewLogin {
    /// `kefu_` and 20 letters and digits.
    pub name: String,
    /// Its password.
    pub password: Zeroizing<String>,
}

impl NewLogin {
    /// A new one.
    ///
    /// # Errors
    /// [`SharedError::Random`].
    pub fn random() -> Result<Self, SharedError> {
        let random = || random_password().map_err(|_| SharedError::Random);
        let name = format!("kefu_{}", random()?.get(..20).unwrap_or_default());
        Ok(NewLogin { name, password: random()? })
    }
}

impl std::fmt::Debug for NewLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewLogin").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The first seat of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founder {
    /// The member.
    pub member: Uuid,
    /// His device.
    pub device: Uuid,
    /// His roles; `admin` among them, or nobody could ever invite.
    pub roles: Vec<String>,
    /// Signed certificate.
    pub certificate: Vec<u8>,
}

/// Installs the schema into the database of `admin`, or upgrades it; to be repeated at will. The login must be a
/// superuser, or own the database and be allowed to make roles.
///
/// # Errors
/// [`SharedError::TooOld`] over a newer schema, which stays untouched; [`SharedError::MayNotInstall`].
pub async fn install(admin: &Address) -> Result<Installed, SharedError> {
    let mut connection = admitted(admin).await?;
    let installed = lay_down(&mut connection).await.map_err(|error| match error {
        SharedError::Forbidden => SharedError::MayNotInstall,
        other => other,
    });
    let _ = connection.close().await; // what was laid down is committed, or undone
    installed
}

async fn lay_down(connection: &mut PgConnection) -> Result<Installed, SharedError> {
    let mut transaction = answered(connection.begin()).await?;
    let there = sqlx::query_scalar("SELECT to_regclass('kefu.version') IS NOT NULL").persistent(false);
    let mut before = 0;
    if answered(there.fetch_one(&mut *transaction)).await? {
        let number = sqlx::query_scalar::<_, i32>("SELECT number FROM kefu.version").persistent(false);
        before = answered(number.fetch_optional(&mut *transaction)).await?.unwrap_or(0);
    }
    if before > SCHEMA {
        return Err(SharedError::TooOld { found: before });
    }
    run(&mut transaction, ROLES).await?;
    for (_, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > before) {
        run(&mut transaction, "SET LOCAL ROLE kefu_owner").await?;
        run(&mut transaction, sql).await?;
        run(&mut transaction, "RESET ROLE").await?;
    }
    for sql in ANEW {
        run(&mut transaction, sql).await?;
    }
    // Under row security even an owner does not write these two.
    run(&mut transaction, "SET LOCAL ROLE kefu_keeper").await?;
    run(&mut transaction, ACTS).await?;
    let keep = format!(
        "INSERT INTO kefu.version (number, oldest) VALUES ({SCHEMA}, {OLDEST}) \
         ON CONFLICT (one) DO UPDATE SET number = excluded.number, oldest = excluded.oldest"
    );
    run(&mut transaction, &keep).await?;
    run(&mut transaction, "RESET ROLE").await?;
    let rows = answered(sqlx::query(LEFT).persistent(false).fetch_all(&mut *transaction)).await?;
    let left = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    answered(transaction.commit()).await?;
    if (1..SCHEMA).contains(&before) {
        run(connection, GREETED).await?;
    }
    Ok(Installed { before, left })
}

/// Founds a workspace with its first seat and the first entries of its roster, 20 at most; gives the seat's login. `root` is the public
/// key that signs the roster.
///
/// # Errors
/// [`SharedError::Moved`] where the workspace exists, [`SharedError::Newer`] where no schema was installed.
pub async fn create_workspace(
    admin: &Address,
    workspace: Uuid,
    root: &[u8; 32],
    founder: &Founder,
    roster: &[RosterEntry],
) -> Result<NewLogin, SharedError> {
    let login = NewLogin::random()?;
    let verifier = scram_verifier(&login.password).map_err(|_| SharedError::Random)?;
    let mut connection = admitted(admin).await?;
    let query = sqlx::query("SELECT kefu.create_workspace($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(workspace)
        .bind(root.to_vec())
        .bind(login.name.clone())
        .bind(verifier)
        .bind(founder.member)
        .bind(founder.device)
        .bind(founder.roles.clone())
        .bind(founder.certificate.clone())
        .bind(roster.iter().map(|entry| entry.entry.clone()).collect::<Vec<_>>())
        .bind(roster.iter().map(|entry| entry.link.to_vec()).collect::<Vec<_>>());
    let created = alone(&mut connection, query).await;
    let _ = connection.close().await;
    created.map(|_| login)
}

/// Gives a member the roles of an administrator, with the entry by the root that says so: where no administrator is left who
/// could.
///
/// # Errors
/// [`SharedError::MayNotInstall`], [`SharedError::Moved`], [`SharedError::Missing`] for one who has no seat.
pub async fn take_over(
    admin: &Address,
    workspace: Uuid,
    member: Uuid,
    roles: &[String],
    append: &Append,
) -> Result<(), SharedError> {
    let mut connection = admitted(admin).await?;
    let query = sqlx::query("SELECT kefu.set_roles($1, $2, $3, $4, $5, $6)")
        .bind(workspace)
        .bind(member)
        .bind(roles.to_vec())
        .bind(append.entry.clone())
        .bind(append.previous.to_vec())
        .bind(append.link.to_vec());
    let taken = alone(&mut connection, query).await;
    let _ = connection.close().await;
    taken.map(drop).map_err(|error| match error {
        SharedError::Forbidden => SharedError::MayNotInstall,
        other => other,
    })
}

async fn admitted(admin: &Address) -> Result<PgConnection, SharedError> {
    within(Duration::from_secs(10), admin.options().connect()).await
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), SharedError> {
    answered(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection)).await.map(drop)
}
