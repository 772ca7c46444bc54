//! A technician's login against the server: generated calls, raw statements, and the same with the functions' own filter
//! taken out, so that only row security stands.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use kefu_sync::wire::{Answer, Wrap};
use kefu_testkit::Postgres;
use sqlx::postgres::PgConnection;
use stage::{Deed, Person, Stage, address, bytes, deed, found, id, number, outgoing, raw, rows, run};
use uuid::Uuid;

/// Stands in everything sealed that is not the technician's.
const FOREIGN: &[u8] = b"FOREIGN!";
/// The same as PostgreSQL prints bytes.
const FOREIGN_HEX: &str = "464f524549474e21";

struct Scene {
    stage: Stage,
    technician: Person,
    /// Workspaces, records and devices: the technician's, others', nobody's.
    workspaces: Vec<Uuid>,
    records: Vec<Uuid>,
    devices: Vec<Uuid>,
}

async fn scene() -> Scene {
    let stage = Stage::new().await;
    let technician = stage.member(&["technician"]).await;
    let (other_workspace, stranger) = found(&stage.server, &["reception", "records", "admin"]).await;
    let (mut records, mut mine) = (vec![], vec![]);
    for person in [&stage.founder, &stranger] {
        let (mut desk, mut shared) = (person.device(), person.connect().await.unwrap());
        for round in 0..20 {
            let record = id();
            let is_mine = person.workspace == stage.workspace && round < 3;
            let assignees = if is_mine { vec![technician.member] } else { vec![id()] };
            let mut change = desk.make(Deed { assignees, act: "note", ..deed(record, "note") });
            if is_mine {
                mine.push(record);
            } else {
                change.sealed = FOREIGN.repeat(32);
                desk.link = kefu_shared::link_of(&change);
            }
            let mut change = outgoing(&change);
            let wrap = |member, key| Wrap { record, key, member, sealed: FOREIGN.to_vec() };
            change.wraps = vec![wrap(None, bytes()), wrap(Some(id()), bytes())];
            let pushed = shared.push(&[change]).await.unwrap().each;
            assert!(matches!(pushed[0], Answer::Ok(_)), "{pushed:?}");
            let sealed = if is_mine { vec![1; 16] } else { FOREIGN.to_vec() };
            shared.put_chunk(record, &bytes(), 0, 1, &sealed).await.unwrap();
            records.push(record);
        }
        let login = kefu_shared::NewLogin::random().unwrap();
        let invite = id();
        shared.invite(invite, &login, stage::now_ms() as i64 + 3_600_000).await.unwrap();
        let joiner = address(&stage.server, &login.name, "");
        let mut joiner = kefu_shared::Shared::connect(&joiner, person.workspace).await.unwrap();
        joiner.join(invite, FOREIGN).await.unwrap();
    }
    records.push(id());
    let workspaces = vec![stage.workspace, other_workspace, id()];
    let devices = vec![technician.device, stage.founder.device, stranger.device, id()];
    Scene { stage, technician, workspaces, records, devices }
}

/// Rows that stand on the server and may not be touched by any of this, as one number.
fn fingerprint(server: &Postgres) -> String {
    let sum = |table: &str| format!("(SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM kefu.{table} t)");
    let tables = [
        "changes",
        "records",
        "assignments",
        "wraps",
        "desk_keys",
        "chunks",
        "roster",
        "workspaces",
        "acts",
        "version",
        "invites",
    ];
    server.sql("kefu", &format!("SELECT {}", tables.map(sum).join(" || ")))
}

/// Gives how many rows were shown and how many statements refused.
async fn attack(session: &mut PgConnection, statements: impl Iterator<Item = String>) -> (usize, usize) {
    let (mut shown, mut refused) = (0, 0);
    for sql in statements {
        match rows(session, &sql).await {
            Ok(rows) => {
                shown += rows.len();
                let foreign = rows.iter().find(|row| row.contains(FOREIGN_HEX) || row.contains("FOREIGN!"));
                assert!(foreign.is_none(), "{sql} gives {foreign:?}");
            }
            Err(error) => {
                refused += 1;
                assert!(!error.contains(FOREIGN_HEX) && !error.contains("FOREIGN!"), "{sql} says {error}");
                // A transaction that it began would swallow what comes after.
                rows(session, "ROLLBACK").await.unwrap();
            }
        }
    }
    (shown, refused)
}

fn pick<T>(list: &[T]) -> &T {
    let bytes: [u8; 8] = bytes();
    &list[(u64::from_le_bytes(bytes) % list.len() as u64) as usize]
}

impl Scene {
    /// A call of a function with arguments that make sense, nearly make sense, or none.
    fn call(&self) -> String {
        let (w, r, d) = (pick(&self.workspaces), pick(&self.records), pick(&self.devices));
        let number = *pick(&["0", "1", "-1", "7", "39", "500", "501", "9223372036854775807", "NULL"]);
        let page = *pick(&["1", "2", "500", "501", "0", "-5", "NULL"]);
        let file = format!("'\\x{}'", "00".repeat(32));
        let array = |value: &str| format!("'{{{value}}}'");
        let hash = format!("'\\x{}'", "00".repeat(32));
        let hashes = format!("ARRAY[{hash}::bytea, {hash}]");
        match *pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]) {
            0 => format!(
                "SELECT * FROM kefu.hello('{w}', 1, '{d}', '{{{number},{page}}}', {hashes}, '{{1,{number}}}', {hashes})"
            ),
            1 | 2 => format!("SELECT * FROM kefu.pull('{w}', {number}, {hash}, {page})"),
            3 | 4 => format!("SELECT * FROM kefu.pull_record('{w}', '{r}', {number}, {page})"),
            5 => format!("SELECT * FROM kefu.first_of('{w}', '{d}')"),
            6 => format!("SELECT * FROM kefu.reached('{w}')"),
            7 => format!("SELECT * FROM kefu.desk_keys('{w}')"),
            8 => format!("SELECT kefu.get_chunk('{w}', '{r}', {file}, {page})"),
            9 => format!("SELECT * FROM kefu.chunks('{w}', '{r}', {file})"),
            10 => format!("SELECT kefu.put_chunk('{w}', '{}', {file}, 0, 1, 'x')", self.records[10]),
            11 => format!("SELECT * FROM kefu.requests('{w}')"),
            12 => format!(
                "SELECT kefu.put_wraps('{w}', {}, ARRAY['\\x{}'::bytea], {}, '{{x}}')",
                array(&r.to_string()),
                "00".repeat(16),
                array(&self.technician.member.to_string()),
            ),
            13 => match *pick(&[0, 1, 2, 3]) {
                0 => format!("SELECT kefu.revoke('{w}', '{}', NULL, 'x', 'x', 'x')", self.stage.founder.member),
                1 => format!("SELECT kefu.note('{w}', 'x', 'x', 'x')"),
                2 => format!("SELECT kefu.raise_epoch('{w}')"),
                _ => format!("SELECT kefu.turn_desk_key('{w}', 2, {0}, {0}, '{{x}}', 'x', 'x', 'x')", array("")),
            },
            14 => format!("SELECT kefu.admit('{w}', '{r}', '{r}', '{d}', '{{admin}}', 'x', 'x', 'x', 'x', 'x')"),
            15 => format!("SELECT kefu.change_roles('{w}', '{}', '{{admin}}', 'x', 'x', 'x')", self.technician.member),
            _ => {
                // A change that claims a record for himself, by whatever device and author.
                let mut forger = self.technician.device();
                (forger.person.device, forger.person.workspace) = (*d, *w);
                forger.person.member = *pick(&[self.technician.member, self.stage.founder.member]);
                let record = *pick(&self.records[3..]);
                let act = *pick(&["register", "note", "dispatch", "accept", "newer", "file"]);
                let deed = Deed { assignees: vec![self.technician.member], state: "handling", ..deed(record, act) };
                stage::push_again_sql(&forger.make(deed), *pick(&[false, true]))
            }
        }
    }
}

/// Statements straight at tables, rights and the server.
fn statement() -> String {
    let table = *pick(&[
        "changes",
        "records",
        "wraps",
        "chunks",
        "invites",
        "seats",
        "assignments",
        "counters",
        "devices",
        "refusals",
        "grants",
        "roster",
        "workspaces",
        "version",
        "acts",
    ]);
    let n = number();
    match *pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]) {
        0 => format!("SELECT * FROM kefu.{table} LIMIT {}", n % 9),
        1 => format!("SELECT count(*) FROM kefu.{table}"),
        2 => format!("COPY kefu.{table} TO STDOUT"),
        3 => format!("UPDATE kefu.{table} SET workspace = workspace"),
        4 => format!("DELETE FROM kefu.{table}"),
        5 => format!("TRUNCATE kefu.{table} CASCADE"),
        6 => format!("LOCK TABLE kefu.{table}"),
        7 => format!("EXPLAIN ANALYZE SELECT * FROM kefu.{table}"),
        8 => format!("DECLARE c CURSOR WITH HOLD FOR SELECT * FROM kefu.{table}"),
        9 => format!("CREATE VIEW public.v{n} AS SELECT * FROM kefu.{table}"),
        10 => format!("ALTER TABLE kefu.{table} DISABLE ROW LEVEL SECURITY"),
        11 => format!("GRANT SELECT ON kefu.{table} TO PUBLIC"),
        12 => format!("SET row_security = off; SELECT * FROM kefu.{table}"),
        13 => format!("CREATE POLICY p{n} ON kefu.{table} USING (true)"),
        14 => format!("INSERT INTO kefu.{table} SELECT * FROM kefu.{table}"),
        15 => format!("SET search_path = pg_temp, kefu; SELECT * FROM {table}"),
        16 => format!("SELECT most_common_vals FROM pg_stats WHERE tablename = '{table}'"),
        17 => format!("SELECT pg_relation_filepath('kefu.{table}'), pg_read_binary_file('PG_VERSION')"),
        18 => format!("WITH x AS (SELECT * FROM kefu.{table}) SELECT x::text FROM x"),
        _ => format!("SELECT query FROM pg_stat_activity; SELECT {n}; SELECT rolpassword FROM pg_authid"),
    }
}

/// 10 000 calls and 1 000 statements; KEFU_SOAK=1 makes ten times as many.
#[test]
fn a_technicians_login_gets_no_foreign_row_out_of_calls_and_statements() {
    run(async {
        let scene = scene().await;
        let times = if std::env::var_os("KEFU_SOAK").is_some() { 10 } else { 1 };
        let before = fingerprint(&scene.stage.server);
        let mut session = raw(&scene.technician).await;
        // The attack must be able to see what is his, or it proves nothing.
        let zeros = "00".repeat(32);
        let own = "SELECT sealed FROM kefu.pull('{w}', 0, '\\x{zeros}', 500) WHERE sort = 'change'";
        let own = own.replace("{w}", &scene.stage.workspace.to_string()).replace("{zeros}", &zeros);
        assert_eq!(rows(&mut session, &own).await.unwrap().len(), 3);
        let (calls, statements) = (10_000 * times, 1_000 * times);
        let (shown, refused) = attack(&mut session, (0..calls).map(|_| scene.call())).await;
        assert!(shown > 500 && refused > 500, "{shown} rows, {refused} refused");
        let (_, refused) = attack(&mut session, (0..statements).map(|_| statement())).await;
        assert!(refused > 700, "{refused} refused");
        assert!(fingerprint(&scene.stage.server) == before, "something was changed");
        println!(
            "figure: {calls} calls and {statements} statements of a technician's login: 0 foreign rows, 0 changed"
        );
    });
}

#[test]
fn row_security_alone_holds_when_a_function_forgets_its_filter() {
    run(async {
        let scene = scene().await;
        let server = &scene.stage.server;
        let tables = [
            "changes",
            "records",
            "wraps",
            "chunks",
            "invites",
            "assignments",
            "grants",
            "refusals",
            "devices",
            "desk_keys",
        ];
        for table in tables {
            server.sql(
                "kefu",
                &format!(
                    "CREATE FUNCTION kefu.bare_{table}() RETURNS SETOF kefu.{table} LANGUAGE sql SECURITY DEFINER SET \
                     search_path = pg_catalog, pg_temp AS 'SELECT * FROM kefu.{table}'; ALTER FUNCTION \
                     kefu.bare_{table}() OWNER TO kefu_owner; GRANT EXECUTE ON FUNCTION kefu.bare_{table}() TO kefu_member"
                ),
            );
        }
        let mut session = raw(&scene.technician).await;
        let mine: Vec<String> = scene.records[..3].iter().map(Uuid::to_string).collect();
        for table in tables {
            let got = rows(&mut session, &format!("SELECT * FROM kefu.bare_{table}()")).await.unwrap();
            let expected = match table {
                "invites" => 1, // his own, with which he came
                "changes" | "records" | "chunks" | "assignments" | "grants" => 3,
                _ => 0,
            };
            assert_eq!(got.len(), expected, "{table}");
            assert!(
                table == "invites" || got.iter().all(|row| mine.iter().any(|record| row.contains(record))),
                "{table}"
            );
        }
        // Control: without FORCE, the owner's functions show everything.
        server.sql("kefu", "ALTER TABLE kefu.changes NO FORCE ROW LEVEL SECURITY");
        assert_eq!(rows(&mut session, "SELECT * FROM kefu.bare_changes()").await.unwrap().len(), 40);
        server.sql("kefu", "ALTER TABLE kefu.changes FORCE ROW LEVEL SECURITY");
        // Revoked, he sees nothing even so, although the session goes on.
        server.sql(
            "kefu",
            &format!("UPDATE kefu.seats SET status = 'revoked' WHERE member = '{}'", scene.technician.member),
        );
        assert!(rows(&mut session, "SELECT * FROM kefu.bare_changes()").await.unwrap().is_empty());
    });
}
