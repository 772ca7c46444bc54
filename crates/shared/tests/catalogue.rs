//! What the catalogue of a fresh installation must show, and what a member's login can no longer do to others.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use stage::{Stage, raw, rows, run};

/// Every statement gives the names that break a rule: none may.
const RULES: &[(&str, &str)] = &[
    (
        "a function without SECURITY DEFINER or with an open search path",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'kefu'::regnamespace AND NOT (prosecdef AND \
         coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false))",
    ),
    (
        "a function that PUBLIC may call",
        "SELECT proname FROM pg_proc p WHERE pronamespace = 'kefu'::regnamespace AND (proacl IS NULL OR EXISTS \
         (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))",
    ),
    (
        "a function of another owner",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'kefu'::regnamespace AND \
         proowner::regrole::text NOT IN ('kefu_owner', 'kefu_keeper')",
    ),
    (
        "a table without forced row security, or without a policy",
        "SELECT relname FROM pg_class c WHERE relnamespace = 'kefu'::regnamespace AND relkind IN ('r', 'p') AND NOT \
         (relrowsecurity AND relforcerowsecurity AND relowner = 'kefu_owner'::regrole AND EXISTS \
         (SELECT FROM pg_policy WHERE polrelid = c.oid))",
    ),
    (
        "a table whose key does not begin with the workspace",
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'kefu'::regnamespace AND c.relkind = 'r' AND c.relname NOT \
         IN ('version', 'acts') AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND \
         a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisprimary AND a.attname = 'workspace')",
    ),
    (
        "anything but tables, indexes and functions",
        "SELECT relname FROM pg_class WHERE relnamespace = 'kefu'::regnamespace AND relkind NOT IN ('r', 'i')",
    ),
    (
        "a right of members or PUBLIC on a table or a column",
        "SELECT relname FROM pg_class c WHERE relnamespace = 'kefu'::regnamespace AND relkind = 'r' AND \
         (has_any_column_privilege('kefu_member', c.oid, 'SELECT,INSERT,UPDATE,REFERENCES') OR \
         has_table_privilege('kefu_member', c.oid, 'DELETE,TRUNCATE,TRIGGER'))",
    ),
    (
        "a role behind the functions that can log in or stands above row security",
        "SELECT rolname FROM pg_roles WHERE rolname IN ('kefu_owner', 'kefu_keeper', 'kefu_member') AND \
         (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreatedb OR rolreplication)",
    ),
    (
        "a member's login with more than its membership",
        "SELECT r.rolname FROM pg_roles r JOIN kefu.seats s ON s.login = r.rolname WHERE rolsuper OR rolbypassrls OR \
         rolcreaterole OR rolcreatedb OR rolreplication OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid \
         AND (m.roleid <> 'kefu_member'::regrole OR m.admin_option))",
    ),
];

/// The functions that a member may call. One more is a decision to be made here.
const OPEN: &str = "admit answer change_roles chunks desk_keys first_of get_chunk hand_desk_key hello invite join members newest note \
                    pull pull_record push put_chunk put_wraps raise_epoch reached reap requests revoke roster turn_desk_key \
                    withdraw";

/// What each member's login is refused, although PostgreSQL gives it to PUBLIC.
const TAKEN: &[&str] = &[
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(1, 2)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_advisory_unlock_all()",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_unlink(1)",
    "SELECT pg_notify('a', 'b')",
    "SELECT pg_sleep(1)",
    "SELECT pg_current_xact_id()",
    "SELECT txid_current()",
    "SELECT pg_export_snapshot()",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT query_to_xml('SELECT * FROM kefu.changes', true, true, '')",
    "CREATE TEMP TABLE t (a int)",
    "CREATE TABLE public.t (a int)",
    "CREATE TABLE kefu.t (a int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
    "DO 'BEGIN NULL; END'",
    "SET ROLE kefu_owner",
    "SET ROLE kefu_keeper",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "SET temp_file_limit = -1",
    "CREATE ROLE other",
    "ALTER ROLE kefu_member LOGIN",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "ALTER TABLE kefu.changes NO FORCE ROW LEVEL SECURITY",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT kefu.mine()",
    "SELECT kefu.make_login('kefu_abcdefgh1', 'x', now())",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
];

#[test]
fn the_catalogue_keeps_the_rules_and_public_keeps_little() {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        for (rule, sql) in RULES {
            assert_eq!(stage.server.sql("kefu", sql), "", "{rule}");
        }
        let open = "SELECT string_agg(DISTINCT proname, ' ' ORDER BY proname) FROM pg_proc WHERE pronamespace = \
                    'kefu'::regnamespace AND has_function_privilege('kefu_member', oid, 'EXECUTE')";
        assert_eq!(
            stage.server.sql(
                "kefu",
                &open.replace(
                    "DISTINCT proname, ' ' ORDER BY proname",
                    "DISTINCT proname::text, ' ' ORDER BY proname::text"
                )
            ),
            OPEN
        );

        // The rules bite: each of these makes one of them name something.
        let breach = |sql: &str| {
            stage.server.sql("kefu", sql);
            RULES.iter().filter(|(_, rule)| !stage.server.sql("kefu", rule).is_empty()).count()
        };
        assert_eq!(breach("CREATE FUNCTION kefu.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"), 3);
        stage.server.sql("kefu", "DROP FUNCTION kefu.f()");
        assert_eq!(
            breach(
                "ALTER TABLE kefu.keys_of_nobody NO FORCE ROW LEVEL SECURITY"
                    .replace("keys_of_nobody", "wraps")
                    .as_str()
            ),
            1
        );
        stage.server.sql("kefu", "ALTER TABLE kefu.wraps FORCE ROW LEVEL SECURITY");
        assert_eq!(breach("GRANT SELECT (seq) ON kefu.changes TO kefu_member"), 1);
        stage.server.sql("kefu", "REVOKE SELECT (seq) ON kefu.changes FROM kefu_member");

        let mut session = raw(&technician).await;
        for sql in TAKEN {
            assert!(rows(&mut session, sql).await.is_err(), "a member's login may: {sql}");
        }
        // What PostgreSQL gives to everybody for good, and does no harm beyond its own session.
        for sql in ["LISTEN a", "SET statement_timeout = 0", "ALTER ROLE CURRENT_USER PASSWORD 'x'"] {
            rows(&mut session, sql).await.unwrap();
        }
    });
}
