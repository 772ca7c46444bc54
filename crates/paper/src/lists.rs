//! Lists of lines (过程, 措施, 督办, 附件) as tables inside the form, and the trailing rows for what the template does not know.

use std::collections::BTreeSet;

use kefu_domain::{Author, Field, Line as ListLine};
use serde_json::Value;

use crate::cells;
use crate::geometry::{GRID_W, PEN_ROW, ROW};
use crate::layout::{Cell, Role, Row, Section, Setter, closed};
use crate::wrap::{self, Ink};

/// Longest unknown key that is printed as a label.
const LONGEST_LABEL: usize = 60;

impl Setter<'_> {
    /// A list: its label left of all its rows, column heads, the lines, and blank lines up to the template's number.
    pub fn list(&self, field: &Field, section: &mut Section) {
        let span = section.spans.len();
        let label = self.column(f32::from(field.lw));
        section.spans.push(self.label(&field.label, 0.0, label, Role::Label));
        let total: f32 = field.columns.iter().map(|c| f32::from(c.w)).sum();
        let mut edges = vec![label];
        let mut at = 0.0;
        for column in &field.columns {
            at += f32::from(column.w);
            edges.push(label + (GRID_W - label) * at / total.max(1.0));
        }
        let mut push = |cells: Vec<Cell>, least: f32, head: bool| {
            let row = Row { span: Some(span), head, ..closed(cells, least, 0.0) };
            section.rows.push(row);
        };
        let columns = || field.columns.iter().zip(edges.windows(2));
        push(columns().map(|(c, e)| self.label(&c.label, e[0], e[1] - e[0], Role::Head)).collect(), ROW - 2.0, true);
        let lines = self.sheet.lists.get(&field.key).map(Vec::as_slice).unwrap_or_default();
        let pen = if field.by == Author::Process { PEN_ROW } else { ROW };
        for line in lines {
            let ink = Ink { struck: line.struck, ..Ink::default() };
            let cell = |(column, edge): (&Field, &[f32])| {
                let value = line.values.get(&column.key).unwrap_or(&Value::Null);
                let pieces = cells::content(self.faces, self.sheet.codes, column, value, ink);
                self.filled(&pieces, edge[0], edge[1] - edge[0])
            };
            push(columns().map(|(c, e)| cell((c, e))).collect(), ROW, false);
        }
        for _ in lines.len()..usize::from(field.rows) {
            push(columns().map(|(_, e)| self.filled(&[], e[0], e[1] - e[0])).collect(), pen, false);
        }
    }

    /// Values, lists and columns that the template does not know, label and content across the sheet.
    pub fn other(&self) -> Vec<Row> {
        let template = self.sheet.template;
        let mut found: Vec<(String, String, bool)> = Vec::new();
        let known: BTreeSet<&str> = template.fields().map(|f| f.key.as_str()).collect();
        for (key, value) in self.sheet.values.iter().filter(|(key, _)| !known.contains(key.as_str())) {
            found.push((key.clone(), cells::anything(value), false));
        }
        for (key, lines) in self.sheet.lists {
            let field = template.field(key);
            for (index, line) in lines.iter().enumerate() {
                let text = unknown_columns(field, line);
                let name = field.map_or(key.as_str(), |f| &f.label);
                found.push((format!("{name} {}", index + 1), text, line.struck));
            }
        }
        let label = self.column(4.0);
        found
            .into_iter()
            .filter(|(_, text, _)| !text.is_empty())
            .map(|(name, text, struck)| {
                // A label cannot go on overleaf, text can.
                let endless = name.chars().count() > LONGEST_LABEL;
                let (name, text) =
                    if endless { ("其他".to_owned(), format!("{name}：{text}")) } else { (name, text) };
                let pieces = wrap::plain(self.faces, &text, Ink { struck, ..Ink::default() });
                let cells =
                    vec![self.label(&name, 0.0, label, Role::Label), self.filled(&pieces, label, GRID_W - label)];
                closed(cells, ROW, 0.0)
            })
            .collect()
    }
}

fn unknown_columns(field: Option<&Field>, line: &ListLine) -> String {
    let known = |key: &String| field.is_some_and(|f| f.columns.iter().any(|c| c.key == *key));
    let parts: Vec<_> = line
        .values
        .iter()
        .filter(|(key, _)| !known(key))
        .map(|(key, value)| format!("{key}：{}", cells::anything(value)))
        .collect();
    parts.join("；")
}
