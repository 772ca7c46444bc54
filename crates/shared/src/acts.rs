//! The coarse copy of the process table that the server keeps: who may send which act, made from the one table.

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::book;
use kefu_domain::change::{act, kind};
use kefu_domain::channels;
use kefu_domain::field::{act as own, acts};
use kefu_domain::knowledge;
use kefu_domain::privacy::ERASABLE;
use kefu_domain::process::role::{ADMIN, EVERY, SUPERVISOR, TECHNICIAN};
use kefu_domain::process::{Row, TABLE, To, course, state};
use kefu_domain::visits::{self, TABLE as VISITS};

/// Kind and act → roles that may, and those of them that may in the archive. Acts that are not named are open to office
/// roles, and to technicians on what they have in hand: they are a newer version's, or of no process.
fn rows() -> BTreeMap<(&'static str, &'static str), [BTreeSet<&'static str>; 2]> {
    let mut rows: BTreeMap<_, [BTreeSet<&'static str>; 2]> = BTreeMap::new();
    for (kind, row) in TABLE.iter().map(|row| (kind::FORM, row)).chain(VISITS.iter().map(|row| (kind::VISIT, row))) {
        let [may, archived] = rows.entry((kind, row.act)).or_default();
        may.extend(row.roles);
        // A visit is never filed away: what goes for it goes on.
        if kind != kind::FORM || row.from.contains(&state::ARCHIVED) {
            archived.extend(row.roles);
        }
    }
    // The field service has a table of its own; its sheets are never archived.
    let office = || acts::OFFICE.iter().copied();
    for row in acts::TABLE {
        rows.entry((kind::SERVICE, row.act)).or_default()[0].extend(row.roles);
    }
    rows.entry((kind::STOCK, own::STOCK)).or_default()[0].extend(office().chain(acts::CREW.iter().copied()));
    rows.entry((kind::PLAN, own::PLAN)).or_default()[0].extend(office());
    rows.entry((kind::CREW, act::CONFIGURE)).or_default()[0].extend(office());
    for act in [act::RESERVE, act::TAKE_IN, act::SPOIL] {
        rows.entry((kind::BOOK, act)).or_default()[0].extend(book::KEEPERS);
    }
    rows.entry((kind::CHANNEL, act::CONFIGURE)).or_default()[0].extend(channels::RULERS);
    rows.entry((kind::CHANNEL, act::CHECK_CHANNEL)).or_default()[0].extend(channels::CHECKERS);
    rows.entry((kind::KNOWLEDGE, act::CONFIGURE)).or_default()[0].extend(knowledge::KEEPERS);
    for kind in ERASABLE {
        for roles in rows.entry((kind, act::ERASE)).or_default() {
            roles.extend([SUPERVISOR, ADMIN]);
        }
    }
    for kind in kind::SHARED {
        rows.entry((kind, act::SHARE)).or_default()[0].extend(EVERY.iter().filter(|role| **role != TECHNICIAN));
    }
    for (kind, act) in [(kind::COMPANY, act::FOUND), (kind::COMPANY, act::CONFIGURE), (kind::MEMBER, act::ENROL)] {
        rows.insert((kind, act), [BTreeSet::from([ADMIN]), BTreeSet::from([ADMIN])]);
    }
    rows
}

/// Whether an act moves who has the record in hand. Of a form those that move its state, and those that pass it on within
/// one; of a sheet those that plan it. All others name the assignees as their author knew them, which may be long ago. What
/// is no matter of one person is given to whoever needs it with each of its changes.
fn assigns(kind: &str, name: &str) -> bool {
    if name == act::ERASE {
        return true; // out of everybody's
    }
    let passes_on = [act::TRANSFER, act::ACCEPT, act::DECLINE, act::UNDO].contains(&name);
    match kind {
        kind::FORM => passes_on || TABLE.iter().any(|row| row.act == name && row.to != To::Stay),
        kind::SERVICE => [act::DISPATCH, own::MOVE, act::ACCEPT, act::DECLINE, act::VOID].contains(&name),
        _ => true,
    }
}

/// Whether an act makes its author one of those who handled a form, and the states after which it did not.
fn handles(kind: &str, name: &str) -> (bool, BTreeSet<&'static str>) {
    let of_form = TABLE.iter().filter(|row| kind == kind::FORM && row.act == name);
    let after = |row: &Row, from: &'static str| match row.to {
        To::Go(state) => state,
        To::Stay | To::Back => from,
    };
    let places = of_form.flat_map(|row| row.from.iter().map(move |from| (*from, after(row, from))));
    let (yes, no): (Vec<_>, Vec<_>) = places.partition(|(from, _)| course::handles(name, from));
    (!yes.is_empty(), no.into_iter().map(|(_, after)| after).filter(|_| !yes.is_empty()).collect())
}

/// The SQL that fills `kefu.acts`: what `migrations/shared/acts.sql` must say.
pub fn acts_sql() -> String {
    let list = |roles: &BTreeSet<&str>| roles.iter().copied().collect::<Vec<_>>().join(",");
    let mut sql = String::from(
        "-- Made from the process table by `UPDATE_ACTS=1 cargo test -p kefu-shared acts`; a test fails when they part.\n\
         DELETE FROM kefu.acts;\n\
         INSERT INTO kefu.acts (kind, act, roles, archived, assigns, handles, spares, asks, once) VALUES\n",
    );
    let rows = rows();
    let lines = rows.iter().map(|((kind, act), [may, archived])| {
        let (handles, spares) = handles(kind, act);
        let asks = *kind == kind::VISIT && visits::by_others(act);
        let once = (*kind, *act) == (kind::SERVICE, own::RATE);
        format!(
            "    ('{kind}', '{act}', '{{{}}}', '{{{}}}', {}, {handles}, '{{{}}}', {asks}, {once})",
            list(may),
            list(archived),
            assigns(kind, act),
            list(&spares)
        )
    });
    sql += &lines.collect::<Vec<_>>().join(",\n");
    sql + ";\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_of_the_server_are_those_of_the_process_table() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/shared/acts.sql");
        if std::env::var_os("UPDATE_ACTS").is_some() {
            std::fs::write(file, acts_sql()).unwrap();
        }
        assert!(std::fs::read_to_string(file).unwrap() == acts_sql(), "acts.sql has drifted: UPDATE_ACTS=1");
        let (rows, close) = (rows(), (kind::FORM, act::CLOSE));
        assert!(rows[&close][1].is_empty() && rows[&close][0].contains(ADMIN));
        // What every device has is not every device's to write, also by acts of a newer version.
        let mut shared = kind::SHARED;
        shared.sort_unstable();
        let push = include_str!("../../../migrations/shared/push.sql");
        assert!(push.contains(&format!("ALL ('{{{}}}'::text[])", shared.join(","))), "push.sql names them");
        assert!(assigns(kind::FORM, act::DISPATCH) && assigns(kind::FORM, act::TRANSFER));
        assert!(!assigns(kind::FORM, act::NOTE) && !assigns(kind::FORM, act::PRINT));
        assert_eq!(rows[&(kind::FORM, act::REGISTER)][0], BTreeSet::from(["reception"]));
        let keepers = BTreeSet::from(["admin", "records", "supervisor"]);
        assert_eq!(rows[&(kind::KNOWLEDGE, act::CONFIGURE)][0], keepers, "R71: not everybody says what is checked");
        // A department records no ratings; who else handled the matter, push() asks.
        let record = BTreeSet::from(["inspector", "reception", "supervisor"]);
        assert_eq!(rows[&(kind::VISIT, act::VISIT_RECORD)][0], record);
        let desk = BTreeSet::from([state::REGISTERED, state::TO_INFORM]);
        assert_eq!(handles(kind::FORM, act::ACCEPT), (true, desk));
        assert_eq!(handles(kind::FORM, act::SETTLE), (true, BTreeSet::new()));
        assert_eq!(handles(kind::FORM, act::INFORM), (false, BTreeSet::new()));
        assert_eq!(handles(kind::SERVICE, act::ACCEPT), (false, BTreeSet::new()));
    }
}
