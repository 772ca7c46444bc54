//! The exchange with a shared database: what a desk has written goes out, and a desk that joins loads all of it.
//!
//! Over a real PostgreSQL of the bench's own, with TLS and with every commit on disk. The floor is PostgreSQL alone, which
//! copies the same rows in and out: it neither seals, signs, verifies, folds nor indexes. Held against it, the promises
//! speak also of a machine that is slower than the one they were made for.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kefu_app::Desk;
use kefu_app::wire::{
    AdmitRequest, CreateWorkspaceRequest, FindRequest, InviteRequest, JoinRequest, MemberRequest, SetupRequest,
    Standing,
};
use kefu_shared::{Address, PAGE, Shared};
use kefu_sync::wire::{Mark, Pulled};
use kefu_testkit::{MemoryRing, Postgres};
use kefu_vault::{KeyFile, WrapKey};
use tempfile::TempDir;

use crate::Outcome;
use crate::desk::PASSPHRASE;
use crate::figures::Samples;
use crate::table::{Bound, Report};

/// Changes that the promises speak of: so many loaded in 7 s, 20 000 pushed in a second.
const PROMISED: f64 = 100_000.0;
const LOADED_WITHIN: Duration = Duration::from_secs(7);
const PUSHED_A_SECOND: f64 = 20_000.0;
/// What bare PostgreSQL took in and gave out a second on the machine that they were made for.
const BARE_IN: f64 = 92_000.0;
const BARE_OUT: f64 = 190_000.0;
/// Forms are registered until so many changes are there; one form is some five of them.
const CHANGES_OF_A_FORM: u32 = 5;
/// How often the floor is measured, after the push and again after the loads: what is measured against it takes ten times
/// as long, and on a busy machine a short moment, or one long after, says little.
const FLOORS: usize = 3;
/// Desks that join one after the other, each with nothing yet.
const JOINING: [(&str, &str); 3] = [("王芳", "B2"), ("李娜", "B3"), ("陈静", "B4")];
/// Opens the installer's login.
const INSTALLER: &str = "installing the bench";

pub(crate) async fn measure(changes: u32, report: &mut Report) -> Outcome {
    let Some(server) = server() else {
        report.note("exchange: left out, there is no PostgreSQL on this machine");
        return Ok(());
    };
    let (one, folder) = founded(&server, changes).await?;

    let (pushed, back) = push(&one, &server).await?;
    let sent: u32 = server.sql("kefu", "SELECT count(*) FROM kefu.changes").parse()?;
    let bytes: u64 = server.sql("kefu", "SELECT sum(pg_column_size(c.*)) FROM kefu.changes c").parse()?;
    println!("{sent} changes, {} MB sealed", bytes >> 20);
    let mut selected = bare_out(&server);
    let copied = bare_in(&server, sent)?;
    let pulled = pull(&one, folder.path(), sent).await?;
    let mut loaded = Samples::default();
    for who in JOINING {
        let folder = tempfile::tempdir()?;
        let desk = desk_in(folder.path());
        join(&one, &desk, who, &["reception", "supervisor"]).await?;
        loaded.push(first_load(&desk, sent).await?);
        desk.lock().await;
    }
    selected.extend(&bare_out(&server));

    let of = |took: Duration| {
        let mut samples = Samples::default();
        samples.push(took);
        samples
    };
    let share = f64::from(sent) / PROMISED;
    let ms = |seconds: f64| Bound::AtMost(seconds * 1000.0);
    let most = ms(f64::from(sent) / PUSHED_A_SECOND);
    report.row("exchange: push", &of(pushed), None, Some(most));
    let times = Bound::TimesFloor(BARE_IN / PUSHED_A_SECOND);
    report.row("exchange: push, over COPY in", &of(pushed), Some(&copied), Some(times));
    report.row("exchange: own changes back", &of(back), Some(&selected), None);
    report.row("exchange: pull alone, over SELECT out", &of(pulled), Some(&selected), None);
    let most = ms(LOADED_WITHIN.as_secs_f64() * share);
    report.row("exchange: first load, findable", &loaded, None, Some(most));
    let times = Bound::TimesFloor(BARE_OUT / (PROMISED / LOADED_WITHIN.as_secs_f64()));
    report.row("exchange: first load, over SELECT out", &loaded, Some(&selected), Some(times));
    let rate = |took: Duration| f64::from(sent) / took.as_secs_f64();
    let median = |samples: &Samples| f64::from(sent) * 1000.0 / samples.p50();
    report.note(format!(
        "exchange: {sent} changes; pushed {:.0}/s (bound 20000), pulled {:.0}/s, loaded {:.0}/s or {:.1} s for 100000 (bound \
         7 s); COPY in {:.0}/s, SELECT out {:.0}/s",
        rate(pushed),
        rate(pulled),
        median(&loaded),
        loaded.p50() / 1000.0 / share,
        median(&copied),
        median(&selected)
    ));
    one.lock().await;
    Ok(())
}

/// A PostgreSQL of the bench's own that is ready to be installed on; none where there is none on this machine.
pub(crate) fn server() -> Option<Postgres> {
    if !Postgres::is_installed() {
        return None;
    }
    let server = Postgres::with_tls_and_settings(
        "127.0.0.1",
        10,
        &["fsync = on", "shared_buffers = 1GB", "track_commit_timestamp = on"],
    );
    server.sql("postgres", "CREATE DATABASE kefu");
    server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{INSTALLER}'"));
    Some(server)
}

fn desk_in(folder: &Path) -> Desk {
    // The clock of the wall: the server has no other, and would send a false one away.
    Desk::with(folder, Arc::new(MemoryRing::default()), Arc::new(|| chrono::Utc::now().fixed_offset()))
}

/// A desk that has written about so many changes, and a workspace made of it that has none of them yet.
pub(crate) async fn founded(server: &Postgres, changes: u32) -> Outcome<(Desk, TempDir)> {
    let folder = tempfile::tempdir()?;
    let desk = desk_in(folder.path());
    let request = SetupRequest {
        company: "杭州晨曦电器有限公司".into(),
        member: "孙丽".into(),
        employee_number: "108".into(),
        post: "接待".into(),
        department: "客服部".into(),
        device_code: "B1".into(),
        passphrase: PASSPHRASE.into(),
    };
    desk.setup(request).await?;
    kefu_app::demo(&desk, (changes / CHANGES_OF_A_FORM).max(100), 1, |_| {}).await?;
    desk.settle().await?;
    let request = CreateWorkspaceRequest {
        host: "127.0.0.1".into(),
        port: server.port(),
        database: "kefu".into(),
        login: "installer".into(),
        password: INSTALLER.into(),
        authority: server.certificates().authority.clone(),
        pooled: false,
    };
    desk.create_workspace(request).await?;
    Ok((desk, folder))
}

/// The first exchange of a desk: how long until the shared database had taken all, and until its own changes had come back.
async fn push(desk: &Desk, server: &Postgres) -> Outcome<(Duration, Duration)> {
    let (begun, at) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH)?);
    let standing = desk.exchange().await?;
    let all = begun.elapsed();
    sound(&standing)?;
    // The server knows best when it had the last of them: asking the desk while it sends would take part of the time.
    let last = "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM kefu.changes ORDER BY seq DESC LIMIT 1";
    let taken = Duration::try_from_secs_f64(server.sql("kefu", last).parse()?)?;
    let sent = taken.saturating_sub(at).min(all);
    Ok((sent, all - sent))
}

/// An exchange that came to its end, with nothing left over.
pub(crate) fn sound(standing: &Standing) -> Outcome {
    if standing.trouble.is_some() || !standing.problems.is_empty() || standing.to_send > 0 {
        return Err(format!("the exchange did not come to its end: {standing:?}").into());
    }
    Ok(())
}

/// All pages one after the other, and nothing done with them.
async fn pull(desk: &Desk, folder: &Path, expected: u32) -> Outcome<Duration> {
    desk.standing().await?;
    let (key, _) = KeyFile::read(folder)?.open_by_passphrase(PASSPHRASE, None)?;
    let store = kefu_local::Store::open(folder, &key).await?;
    let place = store.workspace(&WrapKey::of(&key)).await?.ok_or("the desk has no workspace")?;
    store.close().await;
    let address = Address::of(&place.server, &place.password);
    let mut shared = Shared::connect(&address, place.id).await?;
    let (mut cursor, mut count) = (Mark::default(), 0);
    let begun = Instant::now();
    loop {
        let Pulled::Page(page) = shared.pull(cursor, PAGE).await? else { return Err("the pages diverged".into()) };
        count += page.rows.len();
        cursor = page.cursor;
        if !page.more {
            break;
        }
    }
    let took = begun.elapsed();
    shared.close().await;
    if count != expected as usize { Err(format!("{count} of {expected} changes came").into()) } else { Ok(took) }
}

/// Invites a new member and lets his desk in, which has nothing yet.
pub(crate) async fn join(one: &Desk, two: &Desk, (name, code): (&str, &str), roles: &[&str]) -> Outcome {
    let request = MemberRequest {
        id: None,
        name: name.into(),
        employee_number: String::new(),
        post: String::new(),
        department: "客服部".into(),
        phone_extension: String::new(),
        roles: roles.iter().map(|role| role.to_string()).collect(),
        active: true,
    };
    let member = one.save_member(request).await?.id;
    let invite = one.invite(InviteRequest { member, days: 7 }).await?.text;
    let request = JoinRequest { invite, device_code: code.into(), passphrase: PASSPHRASE.into() };
    two.join_workspace(request).await?;
    let asked = one.pending_joins().await?.into_iter().find(|asked| asked.state == "asked");
    one.admit_device(AdmitRequest { id: asked.ok_or("nobody asks to come in")?.id }).await?;
    two.ask_admission().await?;
    Ok(())
}

/// From nothing to all of it: verified, opened, folded and findable.
async fn first_load(two: &Desk, expected: u32) -> Outcome<Duration> {
    let begun = Instant::now();
    let standing = two.exchange().await?;
    // Reading waits for the indexes.
    let found = two.find(FindRequest { query: "热水器".into(), limit: 1 }).await?;
    let took = begun.elapsed();
    sound(&standing)?;
    let verified = two.verify().await?;
    if found.rows.is_empty() || verified.changes < u64::from(expected) || !verified.problems.is_empty() {
        return Err(format!("not all of {expected} changes are there, or not as they should be: {verified:?}").into());
    }
    Ok(took)
}

/// The rows out of their table, by PostgreSQL itself, some times over; they lie in a file then.
fn bare_out(server: &Postgres) -> Samples {
    let mut out = Samples::default();
    (0..FLOORS).for_each(|_| out.push(timed(server, &format!("COPY kefu.changes TO '{}'", file(server)))));
    out
}

/// The same rows from there into a table of the same shape.
fn bare_in(server: &Postgres, rows: u32) -> Outcome<Samples> {
    let mut into = Samples::default();
    for _ in 0..FLOORS {
        server.sql("kefu", "CREATE TABLE public.bare (LIKE kefu.changes INCLUDING ALL)");
        into.push(timed(server, &format!("COPY public.bare FROM '{}'", file(server))));
        let there: u32 = server.sql("kefu", "SELECT count(*) FROM public.bare").parse()?;
        if there < rows {
            return Err("the floor is not of the same rows".into());
        }
        server.sql("kefu", "DROP TABLE public.bare");
    }
    Ok(into)
}

fn timed(server: &Postgres, sql: &str) -> Duration {
    let begun = Instant::now();
    server.sql("kefu", sql);
    begun.elapsed()
}

fn file(server: &Postgres) -> String {
    format!("{}/bare", server.socket())
}
