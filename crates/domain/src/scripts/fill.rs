//! Placeholders of scripts, filled from form and seat.

use ts_rs::TS;

use crate::names;

/// What stands in for the placeholders; what is None leaves a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, TS)]
#[serde(default)]
pub struct Placeholders {
    /// {公司名}.
    pub company: Option<String>,
    /// {部门} of the agent; when a call is transferred, of the one it goes to.
    pub department: Option<String>,
    /// {岗位} of the agent.
    pub post: Option<String>,
    /// {工号} of the agent.
    pub employee_number: Option<String>,
    /// {姓名} of the agent.
    pub agent: Option<String>,
    /// Name of the customer, or of the contact where the customer is an organisation; {姓} is read out of it.
    pub customer: Option<String>,
    /// {称谓}: 先生 or 女士.
    pub salutation: Option<String>,
    /// {编号} of the form.
    pub number: Option<String>,
    /// {承诺时间} as it is to be read.
    pub promised: Option<String>,
}

impl Placeholders {
    fn of(&self, name: &str) -> Option<Option<&str>> {
        Some(match name {
            "公司名" => self.company.as_deref(),
            "部门" => self.department.as_deref(),
            "岗位" => self.post.as_deref(),
            "工号" => self.employee_number.as_deref(),
            "姓名" => self.agent.as_deref(),
            "姓" => self.customer.as_deref().and_then(names::address),
            "称谓" => self.salutation.as_deref(),
            "编号" => self.number.as_deref(),
            "承诺时间" => self.promised.as_deref(),
            _ => return None,
        })
    }
}

/// Fills the placeholders of `text`. One that is not known yet leaves a gap to read over, as 〔编号〕; for 称谓 the
/// gap names both words, since the agent hears which. Braces around any other word are left alone: they are text.
///
/// What is filled in is not read for placeholders again: a customer may be called `{工号}`.
pub fn fill(text: &str, with: &Placeholders) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let named = rest.find('}').map(|close| (&rest[1..close], &rest[close + 1..]));
        match named.and_then(|(name, after)| with.of(name).map(|value| (name, value, after))) {
            Some((name, value, after)) => {
                match value.map(str::trim).filter(|v| !v.is_empty()) {
                    Some(value) => out.push_str(value),
                    None if name == "称谓" => out.push_str("〔先生/女士〕"),
                    None => out.extend(["〔", name, "〕"]),
                }
                rest = after;
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(customer: Option<&str>, salutation: Option<&str>, expected: &str) {
        let with = Placeholders {
            company: Some("晨曦电器".into()),
            employee_number: Some("0217".into()),
            customer: customer.map(Into::into),
            salutation: salutation.map(Into::into),
            ..Placeholders::default()
        };
        assert_eq!(fill("{姓}{称谓}，{公司名}{工号}为您服务，{编号}{怪}{", &with), expected);
    }

    #[test]
    fn what_is_known_is_filled_and_the_rest_leaves_a_gap() {
        check(Some("陈秀英"), Some("女士"), "陈女士，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(Some("欧阳文"), Some("先生"), "欧阳先生，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(Some("阿依古丽·买买提"), Some("女士"), "阿依古丽女士，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(Some("O'Brien Liam"), Some("先生"), "O'Brien Liam先生，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(Some("晨曦饰品有限公司"), None, "〔姓〕〔先生/女士〕，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(None, Some(" "), "〔姓〕〔先生/女士〕，晨曦电器0217为您服务，〔编号〕{怪}{");
        check(Some("x{工号}"), Some("{编号}"), "x{工号}{编号}，晨曦电器0217为您服务，〔编号〕{怪}{");
    }
}
