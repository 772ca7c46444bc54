//! Pinyin of names, with the readings that surnames have.

use ::pinyin::{ToPinyin, ToPinyinMulti};

use super::tokens::{Run, folded, runs};

/// Characters that are read otherwise as a surname.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('尤', "you"),
    ('曾', "zeng"),
    ('查', "zha"),
    ('区', "ou"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('任', "ren"),
    ('翟', "zhai"),
    ('覃', "qin"),
    ('乐', "yue"),
    ('缪', "miao"),
    ('宓', "mi"),
    ('种', "chong"),
    ('折', "she"),
    ('员', "yun"),
    ('祭', "zhai"),
    ('冼', "xian"),
    ('洗', "xian"),
    ('秘', "bi"),
    ('重', "chong"),
    ('繁', "po"),
    ('晟', "cheng"),
    ('召', "shao"),
    ('逄', "pang"),
    ('华', "hua"),
    ('宁', "ning"),
    ('应', "ying"),
    ('卜', "bu"),
    ('葛', "ge"),
    ('柏', "bai"),
    ('车', "che"),
    ('谌', "chen"),
    ('郇', "xun"),
    ('訾', "zi"),
    ('石', "shi"),
    ('强', "qiang"),
    ('那', "na"),
    ('过', "guo"),
    ('都', "du"),
    ('隗', "wei"),
    ('牟', "mu"),
    ('撒', "sa"),
    ('燕', "yan"),
    ('盛', "sheng"),
    ('万', "wan"),
    ('长', "zhang"),
];

/// Surnames of two characters with readings of their own.
const DOUBLE_SURNAMES: &[(&str, &[&str; 2])] = &[
    ("尉迟", &["yu", "chi"]),
    ("万俟", &["mo", "qi"]),
    ("单于", &["chan", "yu"]),
    ("长孙", &["zhang", "sun"]),
    ("澹台", &["tan", "tai"]),
    ("鲜于", &["xian", "yu"]),
    ("令狐", &["ling", "hu"]),
];

/// At most so many readings of one name are kept.
const READINGS: usize = 6;
/// A name's later characters are found by themselves up to this many.
const STARTS: usize = 16;

/// Appends the pinyin tokens of a name: whole and initials, from each of its characters on, for each reading.
pub(super) fn push(out: &mut String, name: &str) {
    for run in runs(&folded(name)) {
        let Run::Han(run) = run else { continue };
        let mut tokens = Vec::new();
        for reading in readings(&run) {
            for start in 0..reading.len().min(STARTS) {
                let whole = reading[start..].concat();
                // ü is typed as v, and by some as u.
                tokens.push(whole.replace('ü', "u"));
                tokens.push(whole.replace('ü', "v"));
                tokens.push(reading[start..].iter().filter_map(|s| s.chars().next()).collect());
            }
        }
        tokens.sort_unstable();
        tokens.dedup();
        for token in tokens {
            out.push_str(&token);
            out.push(' ');
        }
    }
}

/// A folded word as it may stand among the pinyin tokens; None where it is no pinyin.
pub(super) fn as_pinyin(word: &str) -> Option<String> {
    let typed = word.replace('ü', "v");
    typed.chars().all(|c| c.is_ascii_lowercase()).then_some(typed)
}

/// The readings of a name, the likeliest first.
fn readings(name: &[char]) -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&'static str>> = vec![Vec::with_capacity(name.len())];
    for (i, syllables) in name.iter().enumerate().map(|(i, c)| (i, syllables(*c, i == 0))) {
        // A character without a reading is left out, as one would in typing.
        let wanted = syllables.len().min(if i < 4 { 2 } else { 1 });
        let before = std::mem::take(&mut all);
        for syllable in syllables.iter().take(wanted.max(1)) {
            all.extend(before.iter().cloned().map(|mut r| {
                r.push(*syllable);
                r
            }));
        }
        if syllables.is_empty() {
            all = before;
        }
        all.truncate(READINGS);
    }
    let whole: String = name.iter().take(2).collect();
    if let Some((_, own)) = DOUBLE_SURNAMES.iter().find(|(surname, _)| *surname == whole) {
        let mut reading = own.to_vec();
        reading.extend(name[2..].iter().filter_map(|c| syllables(*c, false).first().copied()));
        all.insert(0, reading);
    }
    all
}

fn syllables(c: char, surname: bool) -> Vec<&'static str> {
    let mut all = Vec::new();
    if surname {
        all.extend(SURNAMES.iter().find(|(s, _)| *s == c).map(|(_, reading)| *reading));
    }
    // The usual reading comes before the rarer ones.
    all.extend(c.to_pinyin().map(|p| p.plain()));
    all.extend(c.to_pinyin_multi().into_iter().flatten().map(|p| p.plain()));
    let mut seen = Vec::new();
    all.retain(|s| {
        !seen.contains(s) && {
            seen.push(*s);
            true
        }
    });
    all
}

/// Whether `word`, in small letters, spells characters that stand in `text` on end: their pinyin, as far as it was typed,
/// or their initials.
pub fn sounds_like(text: &str, word: &str) -> bool {
    let mut tokens = String::new();
    push(&mut tokens, text);
    as_pinyin(word).is_some_and(|typed| tokens.split_whitespace().any(|token| token.starts_with(&typed)))
}

/// A key that sorts names as a Chinese directory does: by pinyin, then by the characters themselves.
pub fn pinyin_key(name: &str) -> String {
    let mut key = String::new();
    for run in runs(&folded(name)) {
        match run {
            Run::Han(run) => {
                let reading = readings(&run).into_iter().next().unwrap_or_default();
                key.push_str(&reading.join(" "));
            }
            Run::Word(word) => key.push_str(&word),
        }
        key.push(' ');
    }
    key.push_str(name);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        let mut out = String::new();
        push(&mut out, name);
        let tokens: Vec<_> = out.split_whitespace().collect();
        for token in expected {
            assert!(tokens.contains(token), "{name}: {token} is not among {tokens:?}");
        }
    }

    #[test]
    fn surnames_are_read_as_surnames() {
        check("单雄信", &["shanxiongxin", "sxx", "xiongxin", "xx"]);
        check("解缙", &["xiejin", "xj"]);
        check("仇英", &["qiuying", "qy"]);
        check("尤芳", &["youfang", "yf"]);
        check("尉迟恭", &["yuchigong", "ycg"]);
        check("欧阳文", &["ouyangwen", "oyw"]);
        check("司马相宜", &["simaxiangyi", "smxy"]);
        check("吕绿", &["lvlv", "lulu", "ll", "lv", "lu", "l"]);
        check("略女士", &["lvenvshi", "luenushi", "lns"]);
        check("阿依古丽·买买提", &["ayigulimaimaiti", "ayglmmt"]);
        check("陳秀英", &["chenxiuying", "cxy"]);
        check("义乌市晨曦饰品有限公司", &["chenxishipinyouxiangongsi", "cxspyxgs"]);
    }

    #[test]
    fn a_word_is_found_by_its_sound() {
        for (word, found) in [("reshuiqi", true), ("rsq", true), ("shuiq", true), ("dianshi", false), ("热水", false)]
        {
            assert_eq!(sounds_like("燃气热水器 E1 怎么办", word), found, "{word}");
        }
    }

    #[test]
    fn what_may_be_pinyin() {
        let typed = ["lülü", "lvlv", "obrien", "e1", "müller", "ñandu"].map(as_pinyin);
        let expected = [Some("lvlv"), Some("lvlv"), Some("obrien"), None, Some("mvller"), None];
        assert_eq!(typed.each_ref().map(Option::as_deref), expected);
    }

    #[test]
    fn names_sort_by_pinyin() {
        let mut names = ["仇英", "单雄信", "陈秀英", "阿依古丽", "O'Brien", "安娜"];
        names.sort_by_cached_key(|n| pinyin_key(n));
        assert_eq!(names, ["阿依古丽", "安娜", "陈秀英", "O'Brien", "仇英", "单雄信"]);
    }
}
