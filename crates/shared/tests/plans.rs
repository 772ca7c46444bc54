//! Growth: the plans that the functions really run, row security included, stay with the indexes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the soak reads figures")]

mod stage;

use stage::{Deed, Device, Person, Stage, deed, number, push_sql, run};
use uuid::Uuid;

/// What grows with the years: no statement may read all of one of these.
const GROWING: &[&str] = &["changes", "records", "assignments", "grants", "wraps", "chunks", "refusals"];

/// What fills a workspace straight into the tables: `count` changes of a tenth as many records, one in 50 in the hands of
/// `technician`, the others in those of 200 members, each with a file of two pieces; one change in 50 erased its record; 400
/// devices, of which one had as many changes refused as there are records; and as much of another workspace. The first change
/// is somebody else's.
fn filling(stage: &Stage, technician: &Person, count: u64) -> String {
    let others = Uuid::now_v7();
    let w = stage.workspace;
    let records = count / 10;
    format!(
            "INSERT INTO kefu.workspaces (workspace, root) VALUES ('{others}', decode(repeat('00', 32), 'hex'));
             CREATE FUNCTION public.record(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
                 'SELECT md5(''record'' || n)::uuid';
             INSERT INTO kefu.changes SELECT x.w::uuid, n, '{device}', n, n, 0,
                 NULL, NULL, gen_random_uuid(), '{member}', public.record(n % {records}), 1, 1, 'form',
                 CASE WHEN n % 50 = 7 THEN 'erase' ELSE 'note' END, 'handling', 'd', '{{}}',
                 decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                 decode(repeat('00', 32), 'hex'), decode(repeat('00', 64), 'hex'), decode(repeat('ab', 300), 'hex')
             FROM generate_series(2, {count}) n, (VALUES ('{w}'), ('{others}')) x (w);
             INSERT INTO kefu.records SELECT x.w::uuid, public.record(n), 'form', 1, 0, '{device}', 'handling', 'd',
                 ARRAY[CASE WHEN n % 50 = 0 THEN '{technician}'::uuid ELSE md5('member' || n % 200)::uuid END], NULL, NULL,
                 10, {count}, 0, 0, '{device}'
             FROM generate_series(0, {records} - 1) n, (VALUES ('{w}'), ('{others}')) x (w);
             INSERT INTO kefu.assignments SELECT workspace, record, unnest(assignees), {count} FROM kefu.records;
             INSERT INTO kefu.grants SELECT workspace, member, record FROM kefu.assignments;
             INSERT INTO kefu.wraps SELECT workspace, 10 * row_number() OVER (PARTITION BY workspace), record,
                 decode(md5(record::text), 'hex'), '{nil}', 'x', 'x' FROM kefu.records;
             INSERT INTO kefu.chunks SELECT workspace, record, sha256(uuid_send(record)), piece, 2, 'x'
             FROM kefu.records, generate_series(0, 1) piece;
             INSERT INTO kefu.refusals SELECT x.w::uuid, '{device}', {count} + n, gen_random_uuid(),
                 decode(repeat('00', 32), 'hex'), 'role'
             FROM generate_series(1, {records}) n, (VALUES ('{w}'), ('{others}')) x (w);
             INSERT INTO kefu.devices SELECT x.w::uuid, md5('device' || n)::uuid, '{member}', 0, decode(repeat('00', 32), 'hex')
             FROM generate_series(1, 400) n, (VALUES ('{w}'), ('{others}')) x (w);
             UPDATE kefu.counters SET changes = {count} WHERE workspace = '{w}'",
            device = Uuid::nil(),
            nil = Uuid::nil(),
            member = stage.founder.member,
            technician = technician.member,
    )
}

/// The plans of everything that runs inside `sql`, as this person.
fn plans(stage: &Stage, person: &Person, sql: &str) -> String {
    let before = stage.server.log().len();
    stage.server.sql(
        "kefu",
        &format!(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
             SET auto_explain.log_analyze = on; {}",
            as_person(person, sql)
        ),
    );
    stage.server.log().split_off(before)
}

fn as_person(person: &Person, sql: &str) -> String {
    format!("SET SESSION AUTHORIZATION {}; {sql}", person.address.login)
}

/// Gives the plans, after asking of them what is asked of every statement.
fn check(stage: &Stage, person: &Person, sql: &str, needed: &str) -> String {
    let plans = plans(stage, person, sql);
    assert!(plans.contains(needed), "{sql} does not use {needed}:\n{plans}");
    for table in GROWING {
        let whole = format!("Seq Scan on {table}");
        let read = plans.lines().any(|line| line.contains(&whole) && !line.contains("never executed"));
        assert!(!read, "{sql} reads all of {table}:\n{plans}");
    }
    let removed = plans.lines().filter_map(|line| line.split_once("Rows Removed by Filter: "));
    let worst = removed.map(|(_, count)| count.trim().parse::<u64>().unwrap()).max().unwrap_or(0);
    assert!(worst <= 1_000, "{sql} reads {worst} rows in vain:\n{plans}");
    // No node touches more than a page, times what a technician has in hand.
    for table in ["changes", "records", "chunks", "refusals"] {
        let read = plans.lines().filter(|line| line.contains(&format!(" on {table}")));
        let rows = read.filter_map(|line| line.split_once("actual time=")?.1.split_once("rows="));
        let rows = rows.filter_map(|(_, rest)| rest.split([' ', '.']).next()?.parse::<u64>().ok());
        let most = rows.max().unwrap_or(0);
        assert!(most <= 501, "{sql} reads {most} {table} at a time:\n{plans}");
    }
    plans
}

/// Pieces of files: laid down, counted, fetched; for the office and for who has the record in hand.
fn attachments(stage: &Stage, technician: &Person, held: Uuid) {
    let (w, file) = (stage.workspace, format!("sha256(uuid_send('{held}'))"));
    for (person, known_by) in [(&stage.founder, "records_pkey"), (technician, "grants_pkey")] {
        for needed in ["changes_erased", known_by] {
            let fresh = format!("sha256('{}')", number());
            check(stage, person, &format!("SELECT kefu.put_chunk('{w}', '{held}', {fresh}, 0, 1, 'x')"), needed);
        }
        check(stage, person, &format!("SELECT * FROM kefu.chunks('{w}', '{held}', {file})"), "chunks_pkey");
        let get = format!("SELECT kefu.get_chunk('{w}', '{held}', {file}, 1)");
        check(stage, person, &get, "chunks_pkey");
        assert_eq!(stage.server.sql("kefu", &as_person(person, &get)), "\\x78", "a piece that is there is looked for");
    }
}

/// What a device asks besides changes: of other devices, for keys that became necessary, to end whoever holds the lock.
fn chores(stage: &Stage, technician: &Person, held: Uuid) {
    let w = stage.workspace;
    let first = format!("SELECT count(*) FROM kefu.first_of('{w}', '{}')", Uuid::nil());
    check(stage, &stage.founder, &first, "changes_workspace_device_device_seq_key");
    let reached = format!("SELECT count(*) FROM kefu.reached('{w}')");
    check(stage, &stage.founder, &reached, " on devices");
    check(stage, technician, &reached, " on devices");
    for person in [&stage.founder, technician] {
        check(stage, person, "SELECT kefu.reap()", " on seats");
    }
    let wraps = format!(
        "SELECT kefu.put_wraps('{w}', ARRAY['{held}', '{held}']::uuid[], ARRAY[decode(md5('{n}'), 'hex'), decode(md5('{n}'), \
         'hex')], ARRAY['{}', NULL]::uuid[], '{{a,b}}')",
        technician.member,
        n = number()
    );
    check(stage, &stage.founder, &wraps, "assignments_");
}

/// An erasing change: what it destroys is found by the record, and itself by its number.
fn erasure(stage: &Stage, device: &mut Device, name: &str) {
    let record: Uuid = stage.server.sql("kefu", &format!("SELECT md5('{name}')::uuid")).parse().unwrap();
    let left = format!(
        "SELECT (SELECT count(*) FROM kefu.chunks h WHERE h.workspace = '{0}' AND h.record = '{record}'), (SELECT count(*) FROM \
         kefu.changes c WHERE c.workspace = '{0}' AND c.record = '{record}' AND c.sealed <> c.link)",
        stage.workspace
    );
    assert_eq!(stage.server.sql("kefu", &left), "2|10", "there is something to erase");
    let sql = push_sql(&device.make(deed(record, "erase")));
    let plans = check(stage, &stage.founder, &sql, "changes_record");
    for needed in ["chunks_pkey", "wraps_pkey", "changes_pkey"] {
        assert!(plans.contains(needed), "{sql} does not use {needed}:\n{plans}");
    }
    assert_eq!(stage.server.sql("kefu", &left), "0|1", "it was erased");
}

fn indexes_are_used(count: u64) {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        let (w, zeros) = (stage.workspace, "00".repeat(32));
        // A session that began while the workspace was empty keeps its plans while it is filled: so does a desk that sends
        // all it has for the first time.
        let mut device = stage.founder.device();
        let first = push_sql(&device.make(deed(Uuid::now_v7(), "note")));
        let fill = filling(&stage, &technician, count);
        let held: Uuid = stage.server.sql("kefu", "SELECT md5('record0')::uuid").parse().unwrap();
        let next = push_sql(&device.make(deed(held, "note")));
        let login = &stage.founder.address.login;
        let sending = format!(
            "{first}; RESET SESSION AUTHORIZATION; SET auto_explain.log_min_duration = -1; {fill};
             SET auto_explain.log_min_duration = 0; SET SESSION AUTHORIZATION {login}; {next}"
        );
        check(&stage, &stage.founder, &sending, "using records_pkey");
        // As it is after a bulk load, before the statistics know of it; and after.
        for analysed in [false, true] {
            if analysed {
                stage.server.sql("kefu", "VACUUM ANALYZE"); // then an index alone may answer
            }
            for cursor in [0, count / 2, count - 100] {
                let pull = format!("SELECT count(*) FROM kefu.pull('{w}', {cursor}, '\\x{zeros}', 500)");
                check(&stage, &stage.founder, &pull, "Index Scan using changes_pkey");
                check(&stage, &stage.founder, &pull, "wraps_seq");
                // What follows the page is looked for by number: by record, the whole index would be read where nothing does.
                let by_record = "using changes_record";
                assert!(!plans(&stage, &stage.founder, &pull).contains(by_record), "pull after {cursor}");
                check(&stage, &technician, &pull, "wraps_seq");
                check(&stage, &technician, &pull, "Index Scan using changes_record");
            }
            let record = format!("SELECT count(*) FROM kefu.pull_record('{w}', '{held}', 0, 500)");
            check(&stage, &stage.founder, &record, "Index Scan using changes_record");
            check(&stage, &technician, &record, "Index Scan using changes_record");
            let hello = "SELECT * FROM kefu.hello('{w}', 1, '{device}', '{77,70}', ARRAY['\\x{zeros}'::bytea, '\\x'], \
                         '{50,{refused}}', ARRAY['\\x{zeros}'::bytea, '\\x{zeros}'])";
            let hello = hello.replace("{w}", &w.to_string()).replace("{device}", &Uuid::nil().to_string());
            let hello = hello.replace("{zeros}", &zeros).replace("{refused}", &(count + 5).to_string());
            check(&stage, &stage.founder, &hello, "changes_pkey");
            check(&stage, &stage.founder, &hello, "changes_workspace_device_device_seq_key");
            check(&stage, &stage.founder, &hello, "refusals_pkey");
            attachments(&stage, &technician, held);
            chores(&stage, &technician, held);
            erasure(&stage, &mut device, if analysed { "record12" } else { "record11" });
        }
        let push = push_sql(&device.make(deed(held, "note")));
        check(&stage, &stage.founder, &push, "using records_pkey");
        let visit = Deed { kind: "visit", about: Some(held), ..deed(Uuid::now_v7(), "visit_record") };
        let rating = push_sql(&device.make(visit));
        check(&stage, &stage.founder, &rating, "using changes_record");
        println!("figure: every statement of an exchange, its files and its chores by its index at {count} changes");
    });
}

#[test]
fn indexes_are_used_at_100_000_changes() {
    indexes_are_used(100_000);
}

#[test]
#[ignore = "minutes: part of the soak"]
fn indexes_are_used_at_1_000_000_changes() {
    indexes_are_used(1_000_000);
}
