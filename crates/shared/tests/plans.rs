//! Growth: the plans that the functions really run, row security included, stay with the indexes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the soak reads figures")]

mod stage;

use stage::{Deed, Person, Stage, deed, push_sql, run};
use uuid::Uuid;

/// What fills a workspace straight into the tables: `count` changes of a tenth as many records, one in 50 in the hands of
/// `technician`, and as many of another workspace. The first change is somebody else's.
fn filling(stage: &Stage, technician: &Person, count: u64) -> String {
    let others = Uuid::now_v7();
    let w = stage.workspace;
    let records = count / 10;
    format!(
            "INSERT INTO kefu.workspaces (workspace, root) VALUES ('{others}', decode(repeat('00', 32), 'hex'));
             CREATE FUNCTION public.record(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
                 'SELECT md5(''record'' || n)::uuid';
             INSERT INTO kefu.changes SELECT x.w::uuid, n, '{device}', n, n, 0,
                 NULL, NULL, gen_random_uuid(), '{member}', public.record(n % {records}), 1, 1, 'form', 'note', 'handling',
                 'd', '{{}}', decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'),
                 decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 64), 'hex'),
                 decode(repeat('ab', 300), 'hex')
             FROM generate_series(2, {count}) n, (VALUES ('{w}'), ('{others}')) x (w);
             INSERT INTO kefu.records SELECT x.w::uuid, public.record(n), 'form', 1, 0, '{device}', 'handling', 'd',
                 CASE WHEN n % 50 = 0 THEN '{{{technician}}}'::uuid[] ELSE '{{}}' END, NULL, NULL, 10, {count}, 0, 0, '{device}'
             FROM generate_series(0, {records} - 1) n, (VALUES ('{w}'), ('{others}')) x (w);
             INSERT INTO kefu.assignments SELECT workspace, record, unnest(assignees), {count} FROM kefu.records;
             INSERT INTO kefu.grants SELECT workspace, member, record FROM kefu.assignments;
             INSERT INTO kefu.wraps SELECT workspace, 10 * row_number() OVER (PARTITION BY workspace), record,
                 decode(md5(record::text), 'hex'), '{nil}', 'x', 'x' FROM kefu.records;
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
             SET auto_explain.log_analyze = on; SET SESSION AUTHORIZATION {}; {sql}",
            person.address.login
        ),
    );
    stage.server.log().split_off(before)
}

fn check(stage: &Stage, person: &Person, sql: &str, needed: &str) {
    let plans = plans(stage, person, sql);
    assert!(plans.contains(needed), "{sql} does not use {needed}:\n{plans}");
    for table in ["changes", "records", "assignments", "grants", "wraps", "chunks", "refusals"] {
        let whole = format!("Seq Scan on {table}");
        let read = plans.lines().any(|line| line.contains(&whole) && !line.contains("never executed"));
        assert!(!read, "{sql} reads all of {table}:\n{plans}");
    }
    let removed = plans.lines().filter_map(|line| line.split_once("Rows Removed by Filter: "));
    let worst = removed.map(|(_, count)| count.trim().parse::<u64>().unwrap()).max().unwrap_or(0);
    assert!(worst <= 1_000, "{sql} reads {worst} rows in vain:\n{plans}");
    // No node touches more than a page, times what a technician has in hand.
    for table in ["changes", "records"] {
        let read = plans.lines().filter(|line| line.contains(&format!(" on {table}")));
        let rows = read.filter_map(|line| line.split_once("actual time=")?.1.split_once("rows="));
        let rows = rows.filter_map(|(_, rest)| rest.split([' ', '.']).next()?.parse::<u64>().ok());
        let most = rows.max().unwrap_or(0);
        assert!(most <= 501, "{sql} reads {most} {table} at a time:\n{plans}");
    }
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
                         '{50}', ARRAY['\\x{zeros}'::bytea])";
            let hello = hello.replace("{w}", &w.to_string()).replace("{device}", &Uuid::nil().to_string());
            let hello = hello.replace("{zeros}", &zeros);
            check(&stage, &stage.founder, &hello, "changes_pkey");
            check(&stage, &stage.founder, &hello, "changes_workspace_device_device_seq_key");
        }
        let push = push_sql(&device.make(deed(held, "note")));
        check(&stage, &stage.founder, &push, "using records_pkey");
        let visit = Deed { kind: "visit", about: Some(held), ..deed(Uuid::now_v7(), "visit_record") };
        let rating = push_sql(&device.make(visit));
        check(&stage, &stage.founder, &rating, "using changes_record");
        println!("figure: every statement of hello, push, pull and pull_record by its index at {count} changes");
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
