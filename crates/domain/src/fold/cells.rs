//! The fields of a record as they are kept: a cell that the same change wrote as the one before it, in the order of keys,
//! does not say so again. Most of a form was written by few changes, and who wrote a field when is longer than most
//! values.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::{Cell, Rival};
use crate::Stamp;

/// A cell for writing.
#[derive(Serialize)]
struct Written<'a> {
    value: &'a Value,
    #[serde(flatten)]
    by: Option<Writer>,
    #[serde(skip_serializing_if = "<[Rival]>::is_empty")]
    rivals: &'a [Rival],
}

#[derive(Clone, Copy, PartialEq, Serialize)]
struct Writer {
    at: Stamp,
    seat: Uuid,
}

/// A cell as read.
#[derive(Deserialize)]
struct Read {
    value: Value,
    at: Option<Stamp>,
    seat: Option<Uuid>,
    #[serde(default)]
    rivals: Vec<Rival>,
}

/// Writes the cells in the order of their keys.
pub(super) fn serialize<S: Serializer>(cells: &BTreeMap<String, Cell>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut last = None;
    serializer.collect_map(cells.iter().map(|(key, cell)| {
        let writer = Some(Writer { at: cell.at, seat: cell.seat });
        let by = writer.filter(|_| last != writer);
        last = writer;
        (key, Written { value: &cell.value, by, rivals: &cell.rivals })
    }))
}

/// Reads them in the order of the text.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Cell>, D::Error> {
    deserializer.deserialize_map(Cells)
}

struct Cells;

impl<'de> Visitor<'de> for Cells {
    type Value = BTreeMap<String, Cell>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut cells, mut last) = (BTreeMap::new(), None);
        while let Some((key, Read { value, at, seat, rivals })) = map.next_entry::<String, Read>()? {
            last = at.zip(seat).or(last);
            let (at, seat) = last.ok_or_else(|| A::Error::missing_field("at"))?;
            cells.insert(key, Cell { value, at, seat, rivals });
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_value, json, to_value};

    use super::*;
    use crate::Record;

    const AT: &str = "000000000001-00000000-00000000000000000000000000000001";
    const SEAT: &str = "00000000-0000-0000-0000-000000000001";

    fn record(fields: Value) -> serde_json::Result<Record> {
        from_value(json!({"kind": "form", "state": "", "fields": fields, "last": null, "changes": 1}))
    }

    #[test]
    fn a_record_kept_by_an_earlier_program_is_read_and_kept_shorter() {
        let long = json!({
            "customer.name": {"value": "陈秀英", "at": AT, "seat": SEAT},
            "customer.phone": {"value": "13805718021", "at": AT, "seat": SEAT},
        });
        let record = record(long).unwrap();
        assert_eq!(record.fields["customer.phone"].at.to_string(), AT);
        assert_eq!(
            to_value(&record).unwrap()["fields"],
            json!({
                "customer.name": {"value": "陈秀英", "at": AT, "seat": SEAT},
                "customer.phone": {"value": "13805718021"},
            })
        );
    }

    #[test]
    fn a_first_field_by_nobody_is_no_record() {
        let refused = record(json!({"customer.name": {"value": "陈秀英"}})).unwrap_err();
        assert_eq!(refused.to_string(), "missing field `at`");
    }

    fn cell() -> impl Strategy<Value = Cell> {
        let rival = (any::<u8>(), 0u64..3).prop_map(|(value, ms)| Rival {
            value: json!(value),
            at: Stamp { ms, n: 0, device: Uuid::nil() },
            seat: Uuid::nil(),
        });
        (prop_oneof![Just(Value::Null), any::<u8>().prop_map(|value| json!(value))], 0u64..3, 0u128..2).prop_flat_map(
            move |(value, ms, seat)| {
                let (at, seat) = (Stamp { ms, n: 0, device: Uuid::nil() }, Uuid::from_u128(seat));
                proptest::collection::vec(rival.clone(), 0..2).prop_map(move |rivals| Cell {
                    value: value.clone(),
                    at,
                    seat,
                    rivals,
                })
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_back(fields in proptest::collection::btree_map("[a-d]\\.[a-d]", cell(), 0..12)) {
            let record = Record { kind: "form".into(), fields, ..Record::default() };
            let read: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
            prop_assert_eq!(read, record);
        }
    }
}
