//! The form template: one grid of bordered cells, as data, that drives both the screen and the paper.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::codes::{CodeItem, CodeList};

/// What a field holds, and so how it is filled in, checked and drawn. The JSON shape of its value stands behind each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line: string.
    Text,
    /// Several lines: string.
    Long,
    /// Several lines with key statements marked (重点标注, R29): `{"text": string, "marks": [[start, end], …]}`,
    /// half-open ranges counted in Unicode scalar values, sorted, not overlapping.
    Marked,
    /// Telephone as typed: string; normalised only for search.
    Phone,
    /// E-mail address: string.
    Email,
    /// Day: `"2026-11-02"`.
    Date,
    /// Moment with its zone: RFC 3339 string.
    Datetime,
    /// Whole number.
    Integer,
    /// Money in fen: whole number.
    Money,
    /// Size in bytes: whole number.
    Size,
    /// One option of `list`: its code.
    Choice,
    /// Several options of `list`: array of codes.
    Choices,
    /// Yes or no: boolean.
    Flag,
    /// Options of `list`, each with the moment it was agreed: `{code: RFC 3339 string}`.
    Dated,
    /// Lines that only grow, with `columns`; kept in the record's lists, not in its fields.
    Lines,
    /// The form's number: string.
    Number,
    /// Room for a handwritten signature; holds nothing.
    Signature,
}

/// Who fills a field in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The receptionist, while registering.
    #[default]
    Intake,
    /// Whoever handles the form later.
    Process,
    /// The program; nobody types it.
    System,
    /// A pen.
    Sign,
}

/// One labelled cell of the grid, or one column of a list of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Field {
    /// Key under which the record keeps the value.
    pub key: String,
    /// Label on screen and paper.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Width in grid columns, label included.
    pub w: u8,
    /// Width of the label in grid columns.
    #[serde(default = "label_width")]
    pub lw: u8,
    /// Who fills it in.
    #[serde(default)]
    pub by: Author,
    /// Code list of choice kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub list: Option<String>,
    /// The procedure cannot go on without it.
    #[serde(default)]
    pub required: bool,
    /// Printed as a row of tick boxes instead of the chosen words.
    #[serde(default)]
    pub boxes: bool,
    /// Longest text, in Unicode scalar values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max: Option<u32>,
    /// Least height on paper, in text lines; for lines, least number of blank lines.
    #[serde(default = "one_row")]
    pub rows: u8,
    /// Short advice inside the empty field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hint: Option<String>,
    /// Columns of a `lines` field; widths add up to the grid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Field>,
}

fn label_width() -> u8 {
    3
}

fn one_row() -> u8 {
    1
}

/// A titled group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Block {
    /// Stable key.
    pub key: String,
    /// Title at the left edge.
    pub label: String,
    /// Rows of fields; the widths of each row add up to [`Template::columns`].
    pub rows: Vec<Vec<Field>>,
}

/// A whole form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Template {
    /// Stable name.
    pub id: String,
    /// Raised with every change of the shipped template.
    pub version: u32,
    /// Title over the grid.
    pub title: String,
    /// Grid columns.
    pub columns: u8,
    /// Blocks from top to bottom.
    pub blocks: Vec<Block>,
}

/// A field that the company added to the shipped template (自定义栏目).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomField {
    /// Key, always beginning with `x.`, so that it never meets a shipped one.
    pub key: String,
    /// Label on screen and paper.
    pub label: String,
    /// One of text, long, date, integer, flag, choice.
    pub kind: FieldKind,
    /// Block at whose end it stands.
    pub block: String,
    /// Options of a choice, as labels; the label is the code.
    #[serde(default)]
    pub options: Vec<String>,
    /// The procedure cannot go on without it.
    #[serde(default)]
    pub required: bool,
    /// No longer offered; still shown on forms that have it.
    #[serde(default)]
    pub retired: bool,
}

impl CustomField {
    /// Key of the code list that holds this field's options.
    pub fn list_key(&self) -> String {
        format!("{}.options", self.key)
    }

    /// The code list of a choice, under its key.
    pub fn code_list(&self) -> Option<(String, CodeList)> {
        let item = |label: &String| CodeItem {
            code: label.clone(),
            label: label.clone(),
            initials: label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase(),
            retired: false,
        };
        let list = CodeList { version: 1, label: self.label.clone(), items: self.options.iter().map(item).collect() };
        (self.kind == FieldKind::Choice).then(|| (self.list_key(), list))
    }
}

/// An embedded template. Parsed once, for acts and indexes ask for it each time. Tests read each of them, so the empty one
/// cannot reach a user.
pub(crate) fn embedded(text: &str) -> Template {
    serde_json::from_str(text).unwrap_or_else(|_| Template {
        id: String::new(),
        version: 0,
        title: String::new(),
        columns: 24,
        blocks: Vec::new(),
    })
}

/// Prefix of the keys of custom fields.
pub const CUSTOM_PREFIX: &str = "x.";

impl Template {
    /// 《客服登记表》 as shipped (forms.md).
    pub fn registration() -> Self {
        // `shipped_template_fills_its_grid` reads it.
        static KEPT: LazyLock<Template> = LazyLock::new(|| embedded(include_str!("../templates/registration.json")));
        KEPT.clone()
    }

    /// What the process keeps and the sheet has no cell for: fields and, under the key of their list, columns. Never
    /// drawn; the record keeps them, and acts check what they write against it.
    pub fn process() -> Self {
        // `every_field_of_an_act_is_known` in tests/process.rs reads it.
        static KEPT: LazyLock<Template> = LazyLock::new(|| embedded(include_str!("../templates/process.json")));
        KEPT.clone()
    }

    /// 《客户回访记录表》 as shipped (forms.md), without its questions ([`crate::visits::template`] puts them in).
    pub fn visit() -> Self {
        // `the_visit_sheet_fills_its_grid` reads it.
        static KEPT: LazyLock<Template> = LazyLock::new(|| embedded(include_str!("../templates/visit.json")));
        KEPT.clone()
    }

    /// What visits keep and their sheet has no cell for; see [`Template::process`].
    pub fn visit_process() -> Self {
        // `the_visit_sheet_fills_its_grid` reads it.
        static KEPT: LazyLock<Template> = LazyLock::new(|| embedded(include_str!("../templates/visit_process.json")));
        KEPT.clone()
    }

    /// All fields in paper order: left to right, top to bottom.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.blocks.iter().flat_map(|b| b.rows.iter().flatten())
    }

    /// The field under `key`.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|f| f.key == key)
    }

    /// Adds the company's own fields at the end of their blocks, two short ones or one long one to a row.
    pub fn with_custom(mut self, custom: &[CustomField]) -> Self {
        let columns = self.columns;
        for block in &mut self.blocks {
            let mut half: Option<Field> = None;
            for own in custom.iter().filter(|c| c.block == block.key) {
                let wide = own.kind == FieldKind::Long || own.kind == FieldKind::Choice;
                let field = own.as_field(if wide { columns } else { columns / 2 });
                match (wide, half.take()) {
                    (true, waiting) => {
                        block.rows.extend(waiting.map(|f| vec![widened(f, columns)]));
                        block.rows.push(vec![field]);
                    }
                    (false, Some(left)) => block.rows.push(vec![left, field]),
                    (false, None) => half = Some(field),
                }
            }
            block.rows.extend(half.map(|f| vec![widened(f, columns)]));
        }
        self
    }
}

fn widened(mut field: Field, columns: u8) -> Field {
    field.w = columns;
    field
}

impl CustomField {
    fn as_field(&self, w: u8) -> Field {
        let choice = self.kind == FieldKind::Choice;
        Field {
            key: self.key.clone(),
            label: self.label.clone(),
            kind: self.kind,
            w,
            lw: label_width(),
            by: if self.retired { Author::System } else { Author::Intake },
            list: choice.then(|| self.list_key()),
            required: self.required && !self.retired,
            boxes: choice,
            max: matches!(self.kind, FieldKind::Text | FieldKind::Long).then_some(4000),
            rows: if self.kind == FieldKind::Long { 2 } else { 1 },
            hint: None,
            columns: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeLists;
    use std::collections::BTreeSet;

    fn check_grid(template: &Template) {
        for block in &template.blocks {
            for row in &block.rows {
                let width: u8 = row.iter().map(|f| f.w).sum();
                assert_eq!(width, template.columns, "a row of {} does not fill the grid", block.key);
                for field in row.iter().filter(|f| f.kind == FieldKind::Lines) {
                    let width: u8 = field.columns.iter().map(|c| c.w).sum();
                    assert_eq!(width, template.columns, "columns of {}", field.key);
                }
            }
        }
    }

    #[test]
    fn shipped_template_fills_its_grid() {
        let template = Template::registration();
        assert!(template.fields().count() > 80, "the embedded file did not parse");
        check_grid(&template);
        let keys: BTreeSet<_> = template.fields().map(|f| &f.key).collect();
        assert_eq!(keys.len(), template.fields().count(), "a key stands twice");
        let lists = CodeLists::shipped();
        for field in template.fields().chain(template.fields().flat_map(|f| &f.columns)) {
            if let Some(list) = &field.list {
                assert!(lists.list(list).is_some(), "{} names the unknown list {list}", field.key);
            }
        }
    }

    #[test]
    fn own_fields_keep_the_grid_full() {
        let own = |key: &str, kind| CustomField {
            key: format!("x.{key}"),
            label: key.into(),
            kind,
            block: "product".into(),
            options: vec!["甲".into()],
            required: false,
            retired: false,
        };
        let custom = [
            own("a", FieldKind::Text),
            own("b", FieldKind::Long),
            own("c", FieldKind::Text),
            own("d", FieldKind::Flag),
            own("e", FieldKind::Choice),
            own("f", FieldKind::Date),
        ];
        let template = Template::registration().with_custom(&custom);
        check_grid(&template);
        for c in &custom {
            assert!(template.field(&c.key).is_some(), "{} is missing", c.key);
        }
    }
}
