//! Reads JSON for import: keeps the entries before the place where it breaks off, and notes keys given twice, which a
//! map would swallow.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What was read of the input.
pub(super) struct Input {
    /// An array of forms; else one form.
    pub(super) array: bool,
    /// Entries up to where the JSON breaks off.
    pub(super) entries: Vec<Entry>,
    /// Why it breaks off, if it does.
    pub(super) broken: Option<serde_json::Error>,
}

/// A form as it was given.
#[derive(Default)]
pub(super) struct Entry {
    /// Its value; of a repeated key the last.
    pub(super) value: Value,
    /// Paths of the keys that were given more than once.
    pub(super) repeated: Vec<String>,
}

/// Reads `text`, with or without a byte order mark.
pub(super) fn read(text: &str) -> Input {
    let text = text.trim_start_matches('\u{feff}');
    let array = text.trim_start().starts_with('[');
    let mut entries = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let done = if array {
        Entries(&mut entries).deserialize(&mut reader)
    } else {
        OneEntry.deserialize(&mut reader).map(|entry| entries.push(entry))
    };
    let broken = done.and_then(|()| reader.end()).err();
    // One form with something behind it is no form.
    if !array && broken.is_some() {
        entries.clear();
    }
    Input { array, entries, broken }
}

/// Keeps the entries read so far when a later one cannot be.
struct Entries<'a>(&'a mut Vec<Entry>);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of forms")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element_seed(OneEntry)? {
            self.0.push(entry);
        }
        Ok(())
    }
}

struct OneEntry;

impl<'de> DeserializeSeed<'de> for OneEntry {
    type Value = Entry;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        let mut repeated = Vec::new();
        let value = Noting { path: String::new(), repeated: &mut repeated }.deserialize(deserializer)?;
        Ok(Entry { value, repeated })
    }
}

/// Reads the value at `path` and notes the keys repeated in it.
struct Noting<'a> {
    path: String,
    repeated: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Noting<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Noting<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, items.len());
            match seq.next_element_seed(Noting { path, repeated: self.repeated })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = super::joined(&self.path, &key);
            if members.contains_key(&key) && !self.repeated.contains(&path) {
                self.repeated.push(path.clone());
            }
            let value = map.next_value_seed(Noting { path, repeated: self.repeated })?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
