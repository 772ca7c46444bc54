//! Guards that commands are read as meant and slips are named.

use super::*;

fn check(line: &str, expected: Result<Command, &str>) {
    let found = parse(line.split_whitespace().map(OsString::from));
    match (found, expected) {
        (Ok(Parsed::Run { folder, seat: None, command }), Ok(expected)) => {
            assert_eq!((folder.to_str(), command), (Some("d"), expected), "{line}");
        }
        (Err(found), Err(expected)) => assert!(found.contains(expected), "{line}: {found}"),
        (found, expected) => panic!("{line}: {found:?}, not {expected:?}"),
    }
}

#[test]
fn commands_are_read_and_slips_named() {
    check("register --data d -", Ok(Command::Register { file: "-".into() }));
    check("find 8021 --data d --limit 3", Ok(Command::Find { query: "8021".into(), limit: 3 }));
    check("find --data d -- -1", Ok(Command::Find { query: "-1".into(), limit: 50 }));
    check("print --data d --blank -o x.pdf", Ok(Command::PrintBlank { sheets: None, out: "x.pdf".into() }));
    let call = |rings| NewCall { from: "110".into(), rings, to: String::new(), at: String::new() };
    check("call --data d --from 110", Ok(Command::Call { call: Box::new(call(None)), lookup: false }));
    check("call --data d --from 110 --rings 5 --lookup", {
        Ok(Command::Call { call: Box::new(call(Some(5))), lookup: true })
    });
    check("call --data d --rings 5", Err("--from"));
    check("call --data d --from 110 --rings five", Err("whole number"));
    check("verify", Err("--data"));
    check("sync --data d --once", Ok(Command::Sync { watch: false }));
    check("sync --data d --watch", Ok(Command::Sync { watch: true }));
    let act =
        |json: Option<&str>| Command::Act { number: "KF-1".into(), act: "close".into(), json: json.map(PathBuf::from) };
    check("act --data d KF-1 close", Ok(act(None)));
    check("act --data d KF-1 close --json -", Ok(act(Some("-"))));
    check("act --data d KF-1", Err("an act"));
    check("queue --data d mine --limit 3", Ok(Command::Queue { key: "mine".into(), offset: 0, limit: 3 }));
    check("rules --data d export", Ok(Command::Rules { whole: true }));
    check("rules --data d import", Err("a file"));
    check("rules --data d bend", Err("unknown bend"));
    check("due --received 2026-11-20T09:10:00+08:00", Err("--preset is needed"));
    check("due --preset s3", Err("--received is needed"));
    check("due --preset s3 --received x --data d", Err("--data does not belong"));
    check("find --data d", Err("a query"));
    check("find --data d a b", Err("unexpected b"));
    check("find --data d a --limit x", Err("whole number"));
    check("find --data d a --seed 1", Err("--seed does not belong"));
    check("demo --data d --forms 10000000", Ok(Command::Demo { forms: MOST_FORMS, seed: 1 }));
    check("demo --data d --forms 10000001", Err("at most 10000000"));
    check("show --data", Err("needs a value"));
    check("member --data d list", Ok(Command::Members));
    check("member import --data d -", Ok(Command::ImportMembers { file: "-".into() }));
    check("member add --data d", Err("--name is needed"));
    let invite = |days| Shared::Invite { member: "王芳".into(), days };
    let shared = |command| Ok(Command::Shared(Box::new(command)));
    check("shared --data d invite --member 王芳", shared(invite(7)));
    check("shared invite --data d --member 王芳 --days 3", shared(invite(3)));
    check("shared revoke --data d", Err("--member or --device"));
    check("shared create --data d --host h --database k --login l", Err("--password-env is needed"));
    check("shared take-over --data d --host h --database k --login l", Err("--kit is needed"));
    check("shared take-over --data d --kit -", Err("--host is needed"));
    check("shared dance --data d", Err("unknown dance"));
    check("list --data d --pooled", Err("--pooled does not belong"));
    check("member dance --data d", Err("unknown dance"));
    check("init --data d --company c --member m --seat x", Err("--seat does not belong"));
    check("dance --data d", Err("unknown command dance"));
    check("show --data d --loud KF", Err("unknown option --loud"));
    let channels = |command| Ok(Command::Channels(Box::new(command)));
    check("channels --data d", channels(ChannelsCommand::List));
    let (channel, who) = ("hotline".into(), Some("supervisor".into()));
    check(
        "channels --data d set hotline --every 5 --who supervisor",
        channels(ChannelsCommand::Set { channel, every: Some(5), who, how: None }),
    );
    check("channels --data d set", Err("the code or the name of a channel"));
    check("channels --data d set hotline --every week", Err("whole number"));
    check("channels --data d check hotline", Err("--result normal|fault is needed"));
    check("channels --data d dance", Err("unknown dance"));
    check("list --data d --every 5", Err("--every does not belong"));
}

#[test]
fn whom_a_command_is_done_for_and_what_a_new_member_is() {
    let line = "member --data d add --name 李强 --roles handler,,records --seat 孙丽 --passphrase-env P";
    let Ok(Parsed::Run { seat, command: Command::AddMember(member), .. }) =
        parse(line.split_whitespace().map(OsString::from))
    else {
        panic!("{line}")
    };
    assert_eq!((seat.as_deref(), member.roles.join("+").as_str()), (Some("孙丽"), "handler+records"));
    assert_eq!((member.name.as_str(), member.passphrase_env.as_deref()), ("李强", Some("P")));
}
