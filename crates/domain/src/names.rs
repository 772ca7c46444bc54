//! Personal names as the desk meets them: which part is the surname, so that a customer can be addressed (R81) and
//! his name masked (R120).

/// Compound surnames still in use; a name that begins with one and is longer has it as its surname.
const COMPOUND: [&str; 40] = [
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊",
    "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文",
    "司徒", "鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "令狐", "呼延", "轩辕", "百里", "歐陽",
];

/// Surnames that a name of four characters is believed to begin with (陈李济民); other long names are read as names
/// without a Chinese surname, written without their dot (阿依古丽).
const COMMON: &str = "王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程\
                      吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵";

/// Marks of an organisation in a name.
const ORGANISATION: [&str; 24] = [
    "公司",
    "集团",
    "有限",
    "厂",
    "商店",
    "商行",
    "超市",
    "酒店",
    "宾馆",
    "学校",
    "中学",
    "小学",
    "大学",
    "幼儿园",
    "医院",
    "银行",
    "委员会",
    "居委会",
    "村委会",
    "协会",
    "中心",
    "事务所",
    "研究院",
    "社区",
];

/// Words in place of a name.
const NAMELESS: [&str; 6] = ["匿名", "不详", "未知", "无名", "不愿透露", "保密"];

/// Dots between the parts of a name (阿依古丽·买买提).
const DOTS: [char; 4] = ['·', '•', '‧', '・'];

/// Whether `c` is a Chinese character, those of the extensions included (㛃 䶮 𠮷).
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The name alone: without what stands in brackets behind it, and without spaces around.
pub fn bare(name: &str) -> &str {
    name.split(['（', '(', '，', ',']).next().unwrap_or_default().trim()
}

/// Whether the name is an organisation's and so no personal data by itself. What stands in brackets does not count:
/// 王磊（晨曦公司） is a person.
pub fn is_organisation(name: &str) -> bool {
    let mut depth = 0;
    let outside: String = name
        .chars()
        .filter(|c| {
            match c {
                '（' | '(' => depth += 1,
                '）' | ')' => depth -= 1,
                _ => return depth <= 0,
            }
            false
        })
        .collect();
    ORGANISATION.iter().any(|mark| outside.contains(mark))
}

/// Number of characters of the Chinese surname that `name` begins with; None for other names.
fn surname_length(name: &str) -> Option<usize> {
    let length = name.chars().count();
    if length < 2 || !name.chars().all(is_han) {
        return None;
    }
    if length > 2 && length <= 5 && COMPOUND.iter().any(|s| name.starts_with(s)) {
        return Some(2);
    }
    match length {
        2 | 3 => Some(1),
        4 => name.chars().next().filter(|c| COMMON.contains(*c)).map(|_| 1),
        _ => None,
    }
}

/// Surname of a person with a Chinese name.
pub fn surname(name: &str) -> Option<&str> {
    let name = bare(name);
    let end = surname_length(name)?;
    name.char_indices().nth(end).map(|(at, _)| &name[..at])
}

/// Whether the word stands in place of a name (匿名).
pub fn is_nameless(name: &str) -> bool {
    NAMELESS.contains(&name)
}

/// What stands before 先生 or 女士 when a customer is spoken to: the surname; of names with a dot the part before it
/// (阿依古丽·买买提 → 阿依古丽), of other names the whole. None for organisations and for words in place of a name.
pub fn address(name: &str) -> Option<&str> {
    let alone = bare(name);
    if !alone.chars().any(char::is_alphabetic) || is_organisation(name) || is_nameless(alone) {
        return None;
    }
    surname(alone).or_else(|| alone.split(DOTS).next().map(str::trim).filter(|s| !s.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(address(name), expected, "{name}");
    }

    #[test]
    fn customers_are_addressed_as_they_are_called() {
        check("陈秀英", Some("陈"));
        check("解敏", Some("解"));
        check("欧阳文", Some("欧阳"));
        check("司马相宜", Some("司马"));
        check("欧阳", Some("欧")); // two characters leave no given name behind a compound surname
        check("陈李济民", Some("陈"));
        check("㛃䶮", Some("㛃"));
        check("𠮷喆", Some("𠮷"));
        check("夏老师", Some("夏"));
        check("阿依古丽·买买提", Some("阿依古丽"));
        check("阿依古丽", Some("阿依古丽"));
        check("O'Brien Liam", Some("O'Brien Liam"));
        check("王磊（之子，附委托书）", Some("王"));
        check("义乌市晨曦饰品有限公司", None);
        check("𠮷田设备（宁波）有限公司", None);
        check("王磊（晨曦公司）", Some("王"));
        check("匿名", None);
        check("", None);
        check("123", None);
    }
}
