//! Masks of single values: enough stays to tell two entries apart, not enough to reach or find a person.

use super::HIDDEN;
use crate::names;
use crate::phone::Phone;
use crate::text::to_half_width;

/// Country codes behind which a foreign number is cut; others count as two digits.
const COUNTRIES: [&str; 28] = [
    "852", "853", "855", "856", "880", "886", "971", "976", "996", "992", "993", "998", "351", "353", "358", "420",
    "380", "234", "254", "7", "1", "20", "27", "30", "31", "33", "44", "81",
];

fn tail(digits: &str) -> &str {
    if digits.len() > 4 { &digits[digits.len() - 4..] } else { "" }
}

/// A telephone: 138****8021 · 0571-****1234 转 *** · +852 ****6789. What is no telephone shows nothing.
pub fn mask_phone(typed: &str) -> String {
    if typed.trim().is_empty() {
        return String::new();
    }
    let Some(Phone { digits, extension }) = Phone::parse(typed) else { return HIDDEN.into() };
    let written = to_half_width(typed);
    let written = written.trim_start();
    let foreign = match digits.strip_prefix("00") {
        Some(rest) => Some(rest),
        None => (written.starts_with('+') && !written.starts_with("+86")).then_some(digits.as_str()),
    };
    let main = match foreign {
        Some(digits) => {
            let code = COUNTRIES.iter().find(|c| digits.starts_with(*c)).map_or(2, |c| c.len()).min(digits.len());
            format!("+{} ****{}", &digits[..code], tail(&digits[code..]))
        }
        None if digits.len() == 11 && digits.starts_with('1') => format!("{}****{}", &digits[..3], tail(&digits)),
        None if digits.len() >= 9 && digits.starts_with('0') => {
            let area = if digits.starts_with("010") || digits.starts_with("02") { 3 } else { 4 };
            format!("{}-****{}", &digits[..area], tail(&digits[area..]))
        }
        None if digits.len() >= 7 => format!("****{}", tail(&digits)),
        None => "****".into(),
    };
    if extension.is_some() { main + " 转 ***" } else { main }
}

/// A name: 陈** · 欧阳** · 阿*** · O***. Two stars stand for any given name, so that its length is not told.
/// Organisations and words such as 匿名 name no person and stay.
pub fn mask_name(name: &str) -> String {
    let alone = names::bare(name);
    if name.trim().is_empty() || names::is_organisation(name) || names::is_nameless(alone) {
        return name.to_string();
    }
    match (names::surname(alone), alone.chars().next()) {
        (Some(surname), _) => format!("{surname}**"),
        (None, Some(first)) if first.is_alphabetic() => format!("{first}***"),
        _ => HIDDEN.into(),
    }
}

/// An e-mail address: a***@x.cn.
pub fn mask_email(email: &str) -> String {
    match email.trim().split_once('@') {
        _ if email.trim().is_empty() => String::new(),
        Some((name, host)) => format!("{}***@{host}", name.chars().next().map_or(String::new(), String::from)),
        None => HIDDEN.into(),
    }
}

/// A number that identifies a thing bought: its last four characters stay, if there are more than six.
pub fn mask_number(number: &str) -> String {
    let number = number.trim();
    let length = number.chars().count();
    match length {
        0 => String::new(),
        1..=6 => "****".into(),
        _ => number.chars().skip(length - 4).fold("****".to_string(), |out, c| out + c.encode_utf8(&mut [0; 4])),
    }
}

/// Provinces, autonomous regions and municipalities by the words that addresses begin with.
const PROVINCES: [&str; 34] = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

/// What may follow the name of a province, longest first.
const PROVINCE_ENDS: [&str; 7] = ["维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市"];

/// What a city ends with.
const CITY_ENDS: [&str; 4] = ["自治州", "地区", "盟", "市"];

/// An address: province and city stay (浙江省杭州市***); without them nothing.
pub fn mask_address(address: &str) -> String {
    let address = address.trim();
    if address.is_empty() {
        return String::new();
    }
    let spaces = |at: usize| at + address[at..].len() - address[at..].trim_start().len();
    let mut end = 0;
    if let Some(province) = PROVINCES.iter().find(|p| address.starts_with(*p)) {
        end = province.len();
        end += PROVINCE_ENDS.iter().find(|e| address[end..].starts_with(*e)).map_or(0, |e| e.len());
        end = spaces(end);
    }
    // Before a city's ending stand two to eight characters, and none that only smaller places have.
    let rest = &address[end..];
    let city = CITY_ENDS.iter().filter_map(|e| rest.find(e).map(|at| (at, at + e.len()))).min();
    let is_city = |name: &str| {
        let length = name.chars().count();
        (2..=8).contains(&length)
            && name.chars().all(names::is_han)
            && !name.contains(['区', '县', '镇', '乡', '村', '路'])
    };
    if let Some((_, to)) = city.filter(|(at, _)| is_city(&rest[..*at])) {
        end += to;
    }
    let kept = address[..end].trim_end();
    if kept.len() == address.len() { kept.to_string() } else { format!("{kept}{HIDDEN}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mask: fn(&str) -> String, rows: &[(&str, &str)]) {
        for (plain, expected) in rows {
            assert_eq!(mask(plain), *expected, "{plain}");
        }
    }

    #[test]
    fn telephones() {
        check(
            mask_phone,
            &[
                ("138 0013 8021", "138****8021"),
                ("+86 186 2104 5577", "186****5577"),
                ("0571-8888 1234 转 801", "0571-****1234 转 ***"),
                ("０１０－８８８８１２３４", "010-****1234"),
                ("021-5555666", "021-****5666"),
                ("+852 2345 6789", "+852 ****6789"),
                ("00852 2345 6789", "+852 ****6789"),
                ("+1 212 555 0134", "+1 ****0134"),
                ("400-820-8820", "****8820"),
                ("8888 1234", "****1234"),
                ("110", "****"),
                ("没有", "***"),
                ("", ""),
            ],
        );
    }

    #[test]
    fn persons_names() {
        check(
            mask_name,
            &[
                ("陈秀英", "陈**"),
                ("解敏", "解**"),
                ("欧阳文", "欧阳**"),
                ("㛃䶮", "㛃**"),
                ("𠮷喆", "𠮷**"),
                ("阿依古丽·买买提", "阿***"),
                ("O'Brien Liam", "O***"),
                ("王磊（之子，附委托书）", "王**"),
                ("=HYPERLINK(\"http://x\",\"点我\")", "***"),
                ("𠮷田设备（宁波）有限公司", "𠮷田设备（宁波）有限公司"),
                ("匿名", "匿名"),
                ("", ""),
            ],
        );
    }

    #[test]
    fn addresses_keep_province_and_city() {
        check(
            mask_address,
            &[
                ("浙江省杭州市余杭区良渚街道杜甫村 12 组", "浙江省杭州市***"),
                ("浙江 杭州市 余杭区", "浙江 杭州市***"),
                ("浙江杭州余杭", "浙江***"),
                ("北京市朝阳区建国路 88 号", "北京市***"),
                ("新疆维吾尔自治区喀什地区疏附县托克扎克镇", "新疆维吾尔自治区喀什地区***"),
                ("湖北省恩施土家族苗族自治州恩施市", "湖北省恩施土家族苗族自治州***"),
                ("杭州市西湖区文三西路", "杭州市***"),
                ("西湖区菜市场旁", "***"),
                ("香港特别行政区", "香港特别行政区"),
                ("文三西路 1 号", "***"),
                ("", ""),
            ],
        );
    }

    #[test]
    fn mails_and_numbers() {
        check(mask_email, &[("abc@x.cn", "a***@x.cn"), ("abc", "***"), ("@x.cn", "***@x.cn"), ("", "")]);
        check(
            mask_number,
            &[("LN16-2409-003817", "****3817"), ("A1", "****"), ("", ""), ("𠮷一二三四五六", "****三四五六")],
        );
    }
}
