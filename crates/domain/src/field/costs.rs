//! What a visit costs, in fen. Never stored: two devices may add parts without seeing each other, and a stored sum would
//! be the last writer's.

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::validate::{FieldError, Problem};
use crate::warranty::code;
use crate::{Line, Values};

/// The sums of a sheet, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct Costs {
    /// 材料费: count × price of every part.
    pub materials: i64,
    /// 工时费: minutes × hourly rate, half a fen rounded up.
    pub labour: i64,
    /// 交通费.
    pub travel: i64,
    /// 合计.
    pub total: i64,
    /// 应收: nothing under warranty or contract, unless it is charged all the same.
    pub payable: i64,
}

/// The sums are beyond counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sums are beyond counting")]
pub struct TooMuch;

impl Costs {
    /// Of a sheet with these values and these parts; what is not filled in counts nothing.
    ///
    /// # Errors
    /// [`TooMuch`] where a sum does not fit into 63 bits.
    pub fn of<'a>(values: &Values, parts: impl IntoIterator<Item = &'a Line>) -> Result<Self, TooMuch> {
        let whole = |values: &Values, key: &str| values.get(key).and_then(Value::as_i64).unwrap_or(0).max(0);
        let mut materials = 0i64;
        for part in parts {
            let line = whole(&part.values, "count").checked_mul(whole(&part.values, "price")).ok_or(TooMuch)?;
            materials = materials.checked_add(line).ok_or(TooMuch)?;
        }
        let worked = i128::from(whole(values, "cost.minutes")) * i128::from(whole(values, "cost.hourly"));
        let labour = i64::try_from((worked + 30) / 60).map_err(|_| TooMuch)?;
        let travel = whole(values, "cost.travel");
        let total = materials.checked_add(labour).and_then(|sum| sum.checked_add(travel)).ok_or(TooMuch)?;
        let warranty = values.get("warranty").and_then(Value::as_str).unwrap_or_default();
        let covered = [code::IN, code::EXTENDED, code::CONTRACT].contains(&warranty);
        let charged = values.get("cost.charged") == Some(&Value::Bool(true));
        Ok(Costs { materials, labour, travel, total, payable: if covered && !charged { 0 } else { total } })
    }

    /// Its sums by field.
    pub fn shown(&self) -> [(&'static str, i64); 4] {
        let Costs { materials, labour, total, payable, .. } = *self;
        [("cost.materials", materials), ("cost.labour", labour), ("cost.total", total), ("cost.payable", payable)]
    }

    /// Sums that were given beside what they are made of, and are not what that comes to.
    pub fn differing(&self, given: &Values) -> Vec<FieldError> {
        let wrong =
            |(key, fen): &(&str, i64)| given.get(*key).is_some_and(|v| !v.is_null() && v.as_i64() != Some(*fen));
        let error = |(key, fen): (&str, i64)| FieldError {
            field: key.into(),
            problem: Problem::OutOfRange,
            detail: Some(fen.to_string()),
        };
        self.shown().into_iter().filter(wrong).map(error).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn values(value: Value) -> Values {
        serde_json::from_value(value).unwrap()
    }

    fn part(count: i64, price: i64) -> Line {
        Line { id: Uuid::nil(), values: values(json!({"count": count, "price": price})), struck: false }
    }

    #[track_caller]
    fn check(sheet: Value, parts: &[(i64, i64)], expected: [i64; 5]) {
        let parts: Vec<Line> = parts.iter().map(|(count, price)| part(*count, *price)).collect();
        let Costs { materials, labour, travel, total, payable } = Costs::of(&values(sheet), &parts).unwrap();
        assert_eq!([materials, labour, travel, total, payable], expected);
    }

    #[test]
    fn sums_in_fen() {
        check(json!({}), &[], [0; 5]);
        check(json!({"cost.minutes": 90, "cost.hourly": 12000}), &[(2, 8850)], [17_700, 18_000, 0, 35_700, 35_700]);
        // A third of a yuan, and half a fen.
        check(json!({"cost.minutes": 20, "cost.hourly": 100}), &[], [0, 33, 0, 33, 33]);
        check(json!({"cost.minutes": 30, "cost.hourly": 1}), &[], [0, 1, 0, 1, 1]);
        check(json!({"cost.minutes": 29, "cost.hourly": 1}), &[], [0; 5]);
        check(json!({"cost.travel": 3000, "warranty": "in"}), &[(1, 100)], [100, 0, 3000, 3100, 0]);
        check(json!({"cost.travel": 3000, "warranty": "in", "cost.charged": true}), &[], [0, 0, 3000, 3000, 3000]);
        check(json!({"cost.travel": 3000, "warranty": "unknown"}), &[], [0, 0, 3000, 3000, 3000]);
    }

    #[test]
    fn a_wrong_sum_is_told_the_right_one() {
        let costs = Costs::of(&values(json!({"cost.travel": 3000})), &[part(3, 333)]).unwrap();
        assert!(costs.differing(&values(json!({"cost.total": 3999, "cost.materials": 999}))).is_empty());
        let errors = costs.differing(&values(json!({"cost.total": 4000})));
        assert_eq!((errors[0].field.as_str(), errors[0].detail.as_deref()), ("cost.total", Some("3999")));
        assert_eq!(Costs::of(&Values::new(), &[part(i64::MAX, 2)]), Err(TooMuch));
    }

    proptest! {
        #[test]
        fn sums_are_exact(
            lines in proptest::collection::vec((0i64..1_000_000, 0i64..100_000_000), 0..20),
            minutes in 0i64..100_000, hourly in 0i64..10_000_000, travel in 0i64..100_000_000,
        ) {
            let parts: Vec<Line> = lines.iter().map(|(count, price)| part(*count, *price)).collect();
            let sheet = values(json!({"cost.minutes": minutes, "cost.hourly": hourly, "cost.travel": travel}));
            let costs = Costs::of(&sheet, &parts).unwrap();
            let materials: i128 = lines.iter().map(|(count, price)| i128::from(*count) * i128::from(*price)).sum();
            prop_assert_eq!(i128::from(costs.materials), materials);
            prop_assert_eq!(costs.total, costs.materials + costs.labour + costs.travel);
            // Within half a fen of the true wage, and never below it by more than that.
            let off = i128::from(costs.labour) * 60 - i128::from(minutes) * i128::from(hourly);
            prop_assert!((-29..=30).contains(&off));
        }
    }
}
