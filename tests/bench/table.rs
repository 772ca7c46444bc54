//! The table at the end: ours, the floor, their ratio, the bound, and whether it holds.

use std::fmt;

use crate::figures::Samples;

/// What a measure must keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// p95 of ours, in the row's unit.
    AtMost(f64),
    /// Ours over the floor, at p50 and at p95.
    TimesFloor(f64),
    /// p95 of ours over that of the floor.
    SlowTimesFloor(f64),
}

/// One line of the table. The pairs are p50 and p95.
struct Row {
    measure: String,
    unit: &'static str,
    ours: (f64, f64),
    floor: Option<(f64, f64)>,
    bound: Option<Bound>,
}

/// Everything measured.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
    /// What the names of the following lines begin with.
    desk: &'static str,
}

impl Report {
    /// The following lines are of another desk than the full one.
    pub(crate) fn of(&mut self, desk: &'static str) {
        self.desk = desk;
    }

    /// Adds a line of times.
    pub(crate) fn row(&mut self, measure: &str, ours: &Samples, floor: Option<&Samples>, bound: Option<Bound>) {
        let pair = |samples: &Samples| (samples.p50(), samples.p95());
        let measure = format!("{}{measure} ({}×)", self.desk, ours.len());
        self.rows.push(Row { measure, unit: "ms", ours: pair(ours), floor: floor.map(pair), bound });
    }

    /// Adds a line of sizes in KB.
    pub(crate) fn sizes(&mut self, measure: &str, mut bytes: Vec<usize>, bound: Bound) {
        bytes.sort_unstable();
        let at = |percent: usize| bytes.get(bytes.len() * percent / 100).map_or(f64::NAN, |n| *n as f64 / 1024.0);
        self.rows.push(Row {
            measure: measure.into(),
            unit: "KB",
            ours: (at(50), at(95)),
            floor: None,
            bound: Some(bound),
        });
    }

    /// Adds a sentence under the table.
    pub(crate) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(format!("{}{}", self.desk, sentence.into()));
    }
}

impl Row {
    fn ratio(&self) -> Option<(f64, f64)> {
        self.floor.map(|floor| (self.ours.0 / floor.0, self.ours.1 / floor.1))
    }

    fn holds(&self) -> Option<bool> {
        Some(match self.bound? {
            Bound::AtMost(most) => self.ours.1 <= most,
            Bound::TimesFloor(most) => self.ratio().is_some_and(|(p50, p95)| p50 <= most && p95 <= most),
            Bound::SlowTimesFloor(most) => self.ratio().is_some_and(|(_, p95)| p95 <= most),
        })
    }

    fn cells(&self) -> [String; 6] {
        let pair = |(p50, p95): (f64, f64)| format!("{} / {}", figure(p50), figure(p95));
        [
            self.measure.clone(),
            format!("{} {}", pair(self.ours), self.unit),
            self.floor.map_or_else(String::new, |floor| format!("{} {}", pair(floor), self.unit)),
            self.ratio().map_or_else(String::new, |(p50, p95)| format!("{p50:.1} / {p95:.1}")),
            match self.bound {
                Some(Bound::AtMost(most)) => format!("≤ {} {}", figure(most), self.unit),
                Some(Bound::TimesFloor(most)) => format!("≤ {} × floor", figure(most)),
                Some(Bound::SlowTimesFloor(most)) => format!("p95 ≤ {} × floor", figure(most)),
                None => String::new(),
            },
            match self.holds() {
                Some(true) => "ok".into(),
                Some(false) => "OVER".into(),
                None => String::new(),
            },
        ]
    }
}

/// Three digits that say something.
fn figure(value: f64) -> String {
    match value {
        v if v >= 99.5 => format!("{v:.0}"),
        v if v >= 9.95 => format!("{v:.1}").trim_end_matches(".0").into(),
        v if v == v.round() => format!("{v:.0}"),
        v => format!("{v:.2}"),
    }
}

const HEAD: [&str; 6] = ["measure", "ours p50 / p95", "floor p50 / p95", "ratio p50 / p95", "bound", ""];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(String::from)];
        lines.extend(self.rows.iter().map(Row::cells));
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                // The name to the left, figures to the right.
                if column == 0 || column == HEAD.len() - 1 {
                    text += &format!("{cell:<width$}  ");
                } else {
                    text += &format!("{cell:>width$}  ");
                }
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        for note in &self.notes {
            writeln!(f, "· {note}")?;
        }
        match self.rows.iter().filter(|row| row.holds() == Some(false)).count() {
            0 => write!(f, "all bounds hold"),
            over => write!(f, "OVER: {over} of {}", self.rows.iter().filter(|row| row.bound.is_some()).count()),
        }
    }
}
