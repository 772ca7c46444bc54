//! What people type into the search box, drawn from the forms themselves.

use kefu_local::pinyin_key;

use crate::Outcome;
use crate::desk::MadeDesk;
use crate::figures::Dice;

/// A query and of which sort it is.
pub(crate) struct Query {
    pub(crate) sort: &'static str,
    pub(crate) typed: String,
}

/// Forms that queries are drawn from; each gives one query of each sort.
const FORMS: u32 = 15;

/// A mixed list of some two hundred, the sorts taking turns.
pub(crate) async fn drawn(made: &MadeDesk) -> Outcome<Vec<Query>> {
    let mut dice = Dice(7);
    let mut queries = Vec::new();
    for (_, form) in made.sample(FORMS).await? {
        let text = |key: &str| form.text(key).unwrap_or_default().to_string();
        let told = form.get("description").and_then(|told| told["text"].as_str());
        let description = told.unwrap_or_default().to_string();
        let mut add = |sort, typed: String| {
            if !typed.is_empty() {
                queries.push(Query { sort, typed });
            }
        };
        let (name, number, telephone) = (text("customer.name"), text("number"), text("customer.phone"));
        let syllables = syllables(&name);
        add("number tail", tail(&number, 4));
        add("number", number);
        add("telephone tail", tail(&telephone, 4));
        add("telephone", telephone);
        add("serial tail", tail(&text("product.serial"), 5));
        add("order number", text("product.order_number"));
        add("pinyin", syllables.concat());
        add("initials", syllables.iter().filter_map(|s| s.chars().next()).collect());
        for length in 1..=4 {
            add(
                ["", "1 character", "2 characters", "3 characters", "4 characters"][length],
                piece(&mut dice, &description, length),
            );
        }
        let longer = 5 + dice.below(4);
        add("5–8 characters", piece(&mut dice, &description, longer));
        add("name and text", format!("{name} {}", piece(&mut dice, &description, 2)));
        add("name", name);
    }
    Ok(queries)
}

fn tail(text: &str, length: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    all[all.len().saturating_sub(length)..].iter().collect()
}

/// `length` Chinese characters that stand together somewhere in the text.
fn piece(dice: &mut Dice, text: &str, length: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    let chinese = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    let pieces: Vec<&[char]> = all.windows(length).filter(|piece| piece.iter().all(chinese)).collect();
    pieces.get(dice.below(pieces.len())).map(|piece| piece.iter().collect()).unwrap_or_default()
}

/// Pinyin of a name by syllables: the sorting key without the name at its end.
fn syllables(name: &str) -> Vec<String> {
    let key = pinyin_key(name);
    key.strip_suffix(name).unwrap_or_default().split_whitespace().map(String::from).collect()
}
