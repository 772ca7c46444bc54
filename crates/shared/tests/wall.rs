//! A technician's login against the server: generated calls, raw statements, and the same with the functions' own filter
//! taken out, so that only row security stands.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use std::collections::{BTreeMap, BTreeSet};

use kefu_shared::{DeskKeyFor, NewLogin, Shared};
use kefu_sync::wire::{Answer, Wrap};
use kefu_testkit::Postgres;
use sqlx::postgres::PgConnection;
use stage::{Deed, Person, Stage, address, bytes, deed, found, id, next_entry, number, outgoing, raw, rows, run};
use uuid::Uuid;

/// Stands in everything sealed that is not the technician's.
const FOREIGN: &[u8] = b"FOREIGN!";
/// The same as PostgreSQL prints bytes.
const FOREIGN_HEX: &str = "464f524549474e21";

/// The only function whose answers may name colleagues who never touched what the technician has in hand. The roster names them
/// as well, in entries that are signed and that the server does not read; no answer at all names another's record.
const NAMES_COLLEAGUES: &str = "members";

/// A place in a workspace's order and the chain there, as hexadecimal digits.
type Place = (String, String);

struct Scene {
    stage: Stage,
    technician: Person,
    /// Workspaces, records and devices: the technician's, others', nobody's.
    workspaces: Vec<Uuid>,
    records: Vec<Uuid>,
    devices: Vec<Uuid>,
    invites: Vec<Uuid>,
    /// Records with the name of their file.
    files: Vec<(Uuid, String)>,
    /// True marks of each workspace; of nobody's, the one before the first change.
    marks: Vec<Vec<Place>>,
    /// Hash of the last entry of the technician's roster.
    link: String,
    /// Ids that no answer may show: of records that are not in his hands, of a member of another workspace. Not of that member's
    /// device: no seat here has it, so the technician may claim it, and is told what he claimed.
    foreign: Vec<String>,
    /// Ids that [`NAMES_COLLEAGUES`] alone may show.
    colleagues: Vec<String>,
}

async fn scene() -> Scene {
    let stage = Stage::new().await;
    let technician = stage.member(&["technician"]).await;
    let colleague = stage.member(&["reception", "records", "admin"]).await;
    let (other_workspace, stranger) = found(&stage.server, &["reception", "records", "admin"]).await;
    let (mut records, mut files) = (vec![], vec![]);
    for person in [&stage.founder, &colleague, &stranger] {
        let (mut desk, mut shared) = (person.device(), person.connect().await.unwrap());
        for round in 0..20 {
            let record = id();
            let is_mine = person.device == stage.founder.device && round < 3;
            let assignees = if is_mine { vec![technician.member] } else { vec![id()] };
            let mut change = desk.make(Deed { assignees, act: "note", ..deed(record, "note") });
            if !is_mine {
                change.sealed = FOREIGN.repeat(32);
                desk.link = kefu_shared::link_of(&change);
            }
            let mut change = outgoing(&change);
            let wrap = |member, key| Wrap { record, key, member, sealed: FOREIGN.to_vec() };
            change.wraps = vec![wrap(None, bytes()), wrap(Some(id()), bytes())];
            let pushed = shared.push(&[change]).await.unwrap().each;
            assert!(matches!(pushed[0], Answer::Ok(_)), "{pushed:?}");
            let (file, sealed) = (bytes(), if is_mine { vec![1; 16] } else { FOREIGN.to_vec() });
            shared.put_chunk(record, &file, 0, 1, &sealed).await.unwrap();
            records.push(record);
            files.push((record, hex(&file)));
        }
        let login = NewLogin::random().unwrap();
        let invite = id();
        shared.invite(invite, &login, stage::now_ms() as i64 + 3_600_000).await.unwrap();
        let joiner = address(&stage.server, &login.name, "");
        let mut joiner = Shared::connect(&joiner, person.workspace).await.unwrap();
        joiner.join(invite, FOREIGN).await.unwrap();
    }
    for person in [&stage.founder, &stranger] {
        let mut shared = person.connect().await.unwrap();
        let seal = |seat| DeskKeyFor { seat, sealed: FOREIGN.to_vec() };
        let keys = [seal(Some((person.member, person.device))), seal(None)];
        let append = next_entry(&mut shared).await;
        shared.turn_desk_key(2, &keys, &append).await.unwrap();
    }
    records.push(id());
    let workspaces = vec![stage.workspace, other_workspace, id()];
    let devices = vec![technician.device, stage.founder.device, colleague.device, stranger.device, id()];
    let mine = &technician.address.login;
    stage.server.sql(
        "kefu",
        &format!(
            "UPDATE kefu.invites SET answer = 'FOREIGN!' WHERE login <> '{mine}';
             UPDATE kefu.roster SET entry = 'FOREIGN!' WHERE workspace = '{other_workspace}';
             UPDATE kefu.seats SET certificate = 'FOREIGN!' WHERE workspace = '{other_workspace}'"
        ),
    );
    let lines = |sql: &str| stage.server.sql("kefu", sql).lines().map(str::to_owned).collect::<Vec<_>>();
    let parsed = |lines: Vec<String>| lines.iter().map(|line| line.parse::<Uuid>().unwrap()).collect::<Vec<_>>();
    let mut invites = parsed(lines("SELECT invite FROM kefu.invites"));
    invites.push(id());
    let marks = workspaces.iter().map(|workspace| {
        let sql = format!("SELECT seq, encode(chain, 'hex') FROM kefu.changes WHERE workspace = '{workspace}'");
        let true_marks =
            lines(&sql).into_iter().map(|line| line.split_once('|').map(|(a, b)| (a.into(), b.into())).unwrap());
        std::iter::once(("0".to_owned(), "00".repeat(32))).chain(true_marks).collect()
    });
    let marks = marks.collect();
    let link = format!("SELECT encode(link, 'hex') FROM kefu.counters WHERE workspace = '{}'", stage.workspace);
    let link = stage.server.sql("kefu", &link);
    let not_in_hand = "SELECT record FROM kefu.records EXCEPT SELECT record FROM kefu.assignments WHERE member =";
    let mut foreign = lines(&format!("{not_in_hand} '{}'", technician.member));
    assert_eq!(foreign.len(), 57);
    foreign.push(stranger.member.to_string());
    let colleagues = [colleague.member, colleague.device].map(|id| id.to_string()).to_vec();
    Scene { stage, technician, workspaces, records, devices, invites, files, marks, link, foreign, colleagues }
}

/// What stands on the server and may not be touched by any of this, table by table, and its logins. When a seat was seen is not
/// among it. Nor is what `author` writes in his own name: what he says was accepted once before is taken in anew wherever
/// it belongs, as after a backup was put back, and gives nothing; so the order of the changes may grow.
fn fingerprint(server: &Postgres, author: Uuid) -> Vec<String> {
    let sum = |table: &str| {
        format!(
            "SELECT '{table} ' || md5(coalesce(string_agg(r, '' ORDER BY r), '')) FROM (
                SELECT (to_jsonb(t) - ARRAY['seen', {}])::text r FROM kefu.{table} t {}) x",
            if table == "counters" { "'changes', 'chain', 'ms'" } else { "'seen'" },
            if table == "changes" { format!("WHERE t.seat <> '{author}'") } else { String::new() },
        )
    };
    let tables = [
        "changes",
        "records",
        "assignments",
        "grants",
        "wraps",
        "desk_keys",
        "chunks",
        "roster",
        "workspaces",
        "counters",
        "seats",
        "acts",
        "version",
        "invites",
    ];
    let logins = "SELECT 'logins ' || md5(string_agg(rolname || rolcanlogin, '' ORDER BY rolname)) FROM pg_roles";
    let sums = server.sql("kefu", &format!("{} UNION ALL {logins}", tables.map(sum).join(" UNION ALL ")));
    sums.lines().map(str::to_owned).collect()
}

/// A statement, and the function that it calls; none where it goes straight at the tables.
type Shot = (Option<String>, String);

/// What became of shots.
#[derive(Default)]
struct Tally {
    shown: usize,
    refused: usize,
    /// By function: how often it was called, and how many rows it gave that show a record of the technician's.
    calls: BTreeMap<String, (usize, usize)>,
    /// What was given or said that is not the technician's.
    leaks: Vec<String>,
    /// Calls that reached no function.
    unheard: Vec<String>,
}

fn pick<T>(list: &[T]) -> &T {
    let bytes: [u8; 8] = bytes();
    &list[(u64::from_le_bytes(bytes) % list.len() as u64) as usize]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The functions of the schema that a member may call, as the catalogue has them. One of several of a name is `name, …`.
fn callable(server: &Postgres) -> BTreeSet<String> {
    let sql = "SELECT proname || CASE WHEN count(*) > 1 THEN ', overloaded' ELSE '' END FROM pg_proc WHERE pronamespace = \
               'kefu'::regnamespace AND has_function_privilege('kefu_member', oid, 'EXECUTE') GROUP BY proname";
    server.sql("kefu", sql).lines().map(str::to_owned).collect()
}

impl Scene {
    /// Whether this shows, in answer to a call of `function`, what is not the technician's.
    fn is_foreign(&self, function: Option<&str>, text: &str) -> bool {
        let names = |ids: &[String]| ids.iter().any(|id| text.contains(id));
        text.contains(FOREIGN_HEX)
            || text.contains("FOREIGN!")
            || names(&self.foreign)
            || function != Some(NAMES_COLLEAGUES) && names(&self.colleagues)
    }

    async fn attack(&self, session: &mut PgConnection, shots: impl Iterator<Item = Shot>) -> Tally {
        let mine: Vec<String> = self.records[..3].iter().map(Uuid::to_string).collect();
        let mut tally = Tally::default();
        for (function, sql) in shots {
            let answer = rows(session, &sql).await;
            let said = match &answer {
                Ok(rows) => rows.as_slice(),
                Err(error) => std::slice::from_ref(error),
            };
            let foreign = said.iter().find(|text| self.is_foreign(function.as_deref(), text));
            tally.leaks.extend(foreign.map(|text| format!("{sql} gives {text}")));
            let own = said.iter().filter(|text| mine.iter().any(|record| text.contains(record))).count();
            if let Some(function) = function {
                let (called, shown) = tally.calls.entry(function).or_default();
                *called += 1;
                *shown += own;
            }
            match answer {
                Ok(rows) => tally.shown += rows.len(),
                Err(error) => {
                    tally.refused += 1;
                    let misses = ["does not exist", "syntax", "malformed array"];
                    let missed = misses.iter().any(|words| error.contains(words));
                    tally.unheard.extend(missed.then(|| format!("{sql} says {error}")));
                    // A transaction that it began would swallow what comes after.
                    rows(session, "ROLLBACK").await.unwrap();
                }
            }
        }
        tally
    }

    /// Functions that a member may call and that no call is made of here.
    fn forgotten(&self) -> Vec<String> {
        let callable = callable(&self.stage.server);
        callable.into_iter().filter(|function| self.call(function).is_none()).collect()
    }

    /// A call of one of `functions`; every third of one that gives out or takes in what is sealed.
    fn shot(&self, functions: &[String]) -> Shot {
        let sealed = ["pull", "pull_record", "get_chunk", "push"];
        let function = if *pick(&[true, false, false]) { *pick(&sealed) } else { pick(functions) };
        (Some(function.to_owned()), self.call(function).unwrap())
    }

    /// A call of this function with arguments that make sense, nearly make sense, or none; None where it is unknown here. Those
    /// that are not for technicians are called as an administrator would, so that nothing but his role refuses them.
    fn call(&self, function: &str) -> Option<String> {
        let at = *pick(&[0, 0, 0, 1, 2]);
        let (w, marks) = (self.workspaces[at], &self.marks[at]);
        // His own as often as all others together.
        let (r, (record, file)) = if *pick(&[true, false]) {
            (pick(&self.records[..3]), pick(&self.files[..3]))
        } else {
            (pick(&self.records[3..]), pick(&self.files[3..]))
        };
        let (d, i) = (pick(&self.devices), pick(&self.invites));
        let (me, founder) = (self.technician.member, &self.stage.founder);
        let number = *pick(&["0", "0", "1", "-1", "7", "39", "500", "501", "9223372036854775807", "NULL"]);
        let page = *pick(&["1", "2", "500", "501", "0", "-5", "NULL"]);
        let none = ("7".to_owned(), "00".repeat(32));
        let (seq, chain) = if *pick(&[true, false, false, false]) { &none } else { pick(marks) };
        let entry = format!("'x', '\\x{}', '\\x{}'", self.link, hex(&bytes::<32>()));
        let seats = format!("ARRAY['{me}'::uuid], ARRAY['{}'::uuid], ARRAY['x'::bytea]", self.technician.device);
        let arguments = match function {
            "hello" => {
                let hashes = format!("ARRAY['\\x{chain}'::bytea, '\\x{}']", "00".repeat(32));
                format!("'{w}', 1, '{d}', '{{{seq},{page}}}', {hashes}, '{{1,{number}}}', {hashes}")
            }
            "pull" => format!("'{w}', {seq}, '\\x{chain}', {page}"),
            "pull_record" => format!("'{w}', '{r}', {number}, {page}"),
            "newest" => format!("'{w}', {page}"),
            "first_of" => format!("'{w}', '{d}'"),
            "reached" | "desk_keys" | "requests" | "members" | "raise_epoch" => format!("'{w}'"),
            "roster" => format!("'{w}', {number}"),
            "reap" => String::new(),
            "get_chunk" => format!("'{w}', '{record}', '\\x{file}', {}", pick(&["0", "1", page])),
            "chunks" => format!("'{w}', '{record}', '\\x{file}'"),
            // A piece more in a file of another's record.
            "put_chunk" => {
                let (record, file) = pick(&self.files[3..]);
                format!("'{w}', '{record}', '\\x{file}', 1, 2, 'x'")
            }
            "put_wraps" => format!("'{w}', '{{{r}}}', ARRAY['\\x{}'::bytea], '{{{me}}}', '{{x}}'", hex(&bytes::<16>())),
            "push" => return Some(self.forged(w, *d)),
            "join" => format!("'{w}', '{i}', 'x'"),
            "answer" | "withdraw" => format!("'{w}', '{i}'"),
            "invite" => {
                let verifier = "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5";
                format!("'{w}', '{}', 'kefu_rogue{:08}', '{verifier}', now() + interval '1 day'", id(), stage::number())
            }
            "admit" => format!("'{w}', '{i}', '{me}', '{}', '{{admin}}', 'x', 'x', {entry}", id()),
            "change_roles" => format!("'{w}', '{me}', '{{admin}}', {entry}"),
            "revoke" => format!("'{w}', '{}', NULL, {entry}", founder.member),
            "note" => format!("'{w}', {entry}"),
            "turn_desk_key" => format!("'{w}', 3, {seats}, {entry}"),
            "hand_desk_key" => format!("'{w}', 2, {seats}"),
            _ => return None,
        };
        Some(format!("SELECT * FROM kefu.{function}({arguments})"))
    }

    /// A change that claims a record for himself, by whatever device and author.
    fn forged(&self, workspace: Uuid, device: Uuid) -> String {
        let mut forger = self.technician.device();
        (forger.person.device, forger.person.workspace) = (device, workspace);
        forger.person.member = *pick(&[self.technician.member, self.stage.founder.member]);
        let record = *pick(&self.records[3..]);
        let act = *pick(&["register", "note", "dispatch", "accept", "newer", "file"]);
        let deed = Deed { assignees: vec![self.technician.member], state: "handling", ..deed(record, act) };
        stage::push_again_sql(&forger.make(deed), *pick(&[false, true]))
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
        assert_eq!(scene.forgotten(), [""; 0], "a member may call these, and nothing here does");
        let functions: Vec<String> = callable(&scene.stage.server).into_iter().collect();
        let before = fingerprint(&scene.stage.server, scene.technician.member);
        let mut session = raw(&scene.technician).await;
        // The attack must be able to see what is his, or it proves nothing.
        let zeros = "00".repeat(32);
        let own = "SELECT sealed FROM kefu.pull('{w}', 0, '\\x{zeros}', 500) WHERE sort = 'change'";
        let own = own.replace("{w}", &scene.stage.workspace.to_string()).replace("{zeros}", &zeros);
        assert_eq!(rows(&mut session, &own).await.unwrap().len(), 3);
        let (calls, statements) = (10_000 * times, 1_000 * times);
        let called = scene.attack(&mut session, (0..calls).map(|_| scene.shot(&functions))).await;
        assert_eq!(called.leaks, [""; 0]);
        assert_eq!(called.unheard, [""; 0]);
        assert!(called.shown > 500 && called.refused > 500, "{} rows, {} refused", called.shown, called.refused);
        let counts = |function: &str| called.calls.get(function).copied().unwrap_or_default();
        for function in &functions {
            assert!(counts(function).0 > 50, "{function} was called {} times", counts(function).0);
        }
        for function in ["pull", "pull_record"] {
            assert!(counts(function).1 > 10, "{function} showed his own {} times", counts(function).1);
        }
        let stated = scene.attack(&mut session, (0..statements).map(|_| (None, statement()))).await;
        assert_eq!(stated.leaks, [""; 0]);
        assert!(stated.refused > 700 * times, "{} refused", stated.refused);
        assert_eq!(fingerprint(&scene.stage.server, scene.technician.member), before);
        println!(
            "figure: {calls} calls of all {} functions and {statements} statements of a technician's login: 0 foreign rows, \
             0 changed",
            functions.len()
        );
    });
}

/// The control: functions that show what is not his, each in another way, are found by the same check.
#[test]
fn a_function_that_leaks_is_found() {
    run(async {
        let scene = scene().await;
        let plant = |name: &str, body: &str| {
            let sql = format!(
                "CREATE FUNCTION kefu.{name}(w uuid) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = \
                 pg_catalog, pg_temp AS $$ BEGIN {body}; END $$; GRANT EXECUTE ON FUNCTION kefu.{name}(uuid) TO kefu_member"
            );
            scene.stage.server.sql("kefu", &sql);
        };
        let theirs = format!("'{}'", scene.records[3]);
        plant("leaks_id", "RETURN QUERY SELECT record::text FROM kefu.records WHERE workspace = w");
        plant("leaks_sealed", "RETURN QUERY SELECT sealed::text FROM kefu.changes WHERE workspace = w");
        plant("leaks_error", &format!("RAISE EXCEPTION 'not yours: %', {theirs}"));
        plant("leaks_colleague", "RETURN QUERY SELECT device::text FROM kefu.devices WHERE workspace = w");
        plant("leaks_nothing", &format!("RETURN QUERY SELECT '{}'::text", scene.records[0]));
        let planted = ["leaks_colleague", "leaks_error", "leaks_id", "leaks_nothing", "leaks_sealed"];
        assert_eq!(scene.forgotten(), planted, "the catalogue is not what the calls are drawn from");
        let mut session = raw(&scene.technician).await;
        for name in planted {
            let sql = format!("SELECT * FROM kefu.{name}('{}')", scene.stage.workspace);
            let tally = scene.attack(&mut session, std::iter::once((Some(name.to_owned()), sql))).await;
            assert_eq!(tally.leaks.len(), usize::from(name != "leaks_nothing"), "{name}: {:?}", tally.leaks);
        }
        // Colleagues' names are no leak where they belong.
        let members = format!("SELECT * FROM kefu.members('{}')", scene.stage.workspace);
        for (function, leaks) in [("members", 0), ("roster", 1)] {
            let shot = std::iter::once((Some(function.to_owned()), members.clone()));
            assert_eq!(scene.attack(&mut session, shot).await.leaks.len(), leaks, "taken for an answer of {function}");
        }
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
        assert_eq!(rows(&mut session, "SELECT * FROM kefu.bare_changes()").await.unwrap().len(), 60);
        server.sql("kefu", "ALTER TABLE kefu.changes FORCE ROW LEVEL SECURITY");
        // Revoked, he sees nothing even so, although the session goes on.
        server.sql(
            "kefu",
            &format!("UPDATE kefu.seats SET status = 'revoked' WHERE member = '{}'", scene.technician.member),
        );
        assert!(rows(&mut session, "SELECT * FROM kefu.bare_changes()").await.unwrap().is_empty());
    });
}
