//! One form as somebody without need sees it: everything of it is masked by the same words, so that a name that stands
//! in the sheet does not stay readable in the timeline, a line or an excerpt.

use serde_json::{Value, json};

use super::{HIDDEN, Known, class, masked_value};
use crate::{Lists, Template, Values};

/// Masks what is shown of one form.
#[derive(Debug, Clone)]
pub struct Mask<'a> {
    known: Known,
    template: &'a Template,
}

impl<'a> Mask<'a> {
    /// For a form that has, or once had, these values: what was corrected may still stand in a text.
    pub fn of<'v>(values: impl IntoIterator<Item = &'v Values>, template: &'a Template) -> Self {
        let mut known = Known::default();
        values.into_iter().for_each(|values| known.learn(values, template));
        Mask { known, template }
    }

    /// One field. What the template does not have cannot be judged and shows nothing.
    pub fn value(&self, key: &str, value: &Value) -> Value {
        match self.template.field(key) {
            Some(field) => masked_value(class(field), value, &self.known),
            None if value.is_null() => Value::Null,
            None => json!(HIDDEN),
        }
    }

    /// All fields.
    pub fn values(&self, values: &Values) -> Values {
        values.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect()
    }

    /// Lines, by the columns of the template. Of lines it does not have, only numbers and yes or no are shown.
    pub fn lists(&self, lists: &Lists) -> Lists {
        let mut masked = lists.clone();
        for (key, lines) in &mut masked {
            let columns = self.template.field(key).map(|f| f.columns.as_slice()).unwrap_or_default();
            for (name, value) in lines.iter_mut().flat_map(|l| &mut l.values) {
                *value = match (columns.iter().find(|c| c.key == *name), &*value) {
                    (Some(column), value) => masked_value(class(column), value, &self.known),
                    (None, Value::Number(_) | Value::Bool(_) | Value::Null) => continue,
                    (None, _) => json!(HIDDEN),
                };
            }
        }
        masked
    }

    /// A free text that belongs to the form: a reason, a description.
    pub fn text(&self, text: &str) -> String {
        self.known.mask(text).text
    }
}
