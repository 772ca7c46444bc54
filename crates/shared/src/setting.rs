//! What a member's login can find out of the server itself: version, rights, and what would lose an acknowledged change.

use sqlx::Row;

use crate::{Shared, SharedError};

/// The functions that a member's login calls, as rights.sql opens them.
const NEEDED: &[&str] = &[
    "hello",
    "push",
    "pull",
    "newest",
    "pull_record",
    "first_of",
    "put_wraps",
    "put_chunk",
    "chunks",
    "get_chunk",
    "members",
    "reached",
    "roster",
    "invite",
    "withdraw",
    "join",
    "answer",
    "requests",
    "admit",
    "change_roles",
    "revoke",
    "note",
    "turn_desk_key",
    "hand_desk_key",
    "desk_keys",
    "raise_epoch",
    "reap",
];

/// One row of what [`Setting`] holds. Whoever connects may read all of it from the catalogue.
const SETTING: &str = "SELECT current_setting('server_version_num')::int AS version, \
    (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname ~ \
     '^pg_(try_)?advisory_' OR p.proname ~ '^(lo_|loread$|lowrite$)') AND has_function_privilege(p.oid, 'EXECUTE')) \
     AS functions, \
    ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'kefu' \
     AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (has_any_column_privilege(c.oid, 'SELECT,INSERT,UPDATE,REFERENCES') \
     OR has_table_privilege(c.oid, 'DELETE,TRUNCATE,TRIGGER')) ORDER BY 1) AS tables, \
    ARRAY(SELECT n.nspname::text FROM pg_namespace n WHERE has_schema_privilege(n.oid, 'CREATE') ORDER BY 1) AS schemas, \
    has_database_privilege(current_database(), 'CREATE') AS creates, \
    has_database_privilege(current_database(), 'TEMPORARY') AS temporary, \
    ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = \
     m.member WHERE r.rolname = current_user AND g.rolname <> 'kefu_member' ORDER BY 1) AS roles, \
    (SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = \
     current_user) AS raised, \
    ARRAY(SELECT f FROM unnest($1::text[]) f WHERE NOT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = \
     p.pronamespace WHERE n.nspname = 'kefu' AND p.proname = f AND has_schema_privilege(n.oid, 'USAGE') AND \
     has_function_privilege(p.oid, 'EXECUTE')) ORDER BY 1) AS lacking, \
    ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'kefu' \
     AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1) AS unguarded, \
    ARRAY(SELECT s FROM unnest('{fsync,full_page_writes,synchronous_commit}'::text[]) s WHERE current_setting(s, true) = \
     'off') AS risky";

/// What a member's login finds of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// PostgreSQL's version, 150004 for 15.4.
    pub version: u32,
    /// How many of PostgreSQL's functions that hinder others this login may call.
    pub functions: u64,
    /// Tables of the schema on which it has any right.
    pub tables: Vec<String>,
    /// Schemas in which it may make objects.
    pub schemas: Vec<String>,
    /// Whether it may make schemas.
    pub creates: bool,
    /// Whether it may make temporary tables.
    pub temporary: bool,
    /// Roles that it is a member of besides the members' own.
    pub roles: Vec<String>,
    /// Whether it has an attribute that stands above rights: superuser, row security, roles, databases, replication.
    pub raised: bool,
    /// Functions that it needs and may not call.
    pub lacking: Vec<String>,
    /// Tables of the schema on which row security is not forced.
    pub unguarded: Vec<String>,
    /// Settings that are off and without which a power cut takes what was acknowledged.
    pub risky: Vec<String>,
}

impl Shared {
    /// Version of the server, rights that this login should not have or should, and settings that endanger what is kept.
    ///
    /// # Errors
    /// As every call.
    pub async fn setting(&mut self) -> Result<Setting, SharedError> {
        let needed: Vec<String> = NEEDED.iter().map(|name| (*name).to_owned()).collect();
        let row = self.row(sqlx::query(SETTING).bind(needed)).await?;
        let (version, functions): (i32, i64) = (row.try_get("version")?, row.try_get("functions")?);
        Ok(Setting {
            version: version.unsigned_abs(),
            functions: functions.unsigned_abs(),
            tables: row.try_get("tables")?,
            schemas: row.try_get("schemas")?,
            creates: row.try_get("creates")?,
            temporary: row.try_get("temporary")?,
            roles: row.try_get("roles")?,
            raised: row.try_get("raised")?,
            lacking: row.try_get("lacking")?,
            unguarded: row.try_get("unguarded")?,
            risky: row.try_get("risky")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_what_is_opened_to_members() {
        let rights = include_str!("../../../migrations/shared/rights.sql");
        let (_, opened) = rights.split_once("member constant text[] := '{").unwrap();
        let (opened, _) = opened.split_once('}').unwrap();
        assert_eq!(NEEDED.join(","), opened);
    }
}
