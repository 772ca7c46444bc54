//! Likeness of two forms, so that a matter that is already on a sheet is noticed while it is told again.
//!
//! Candidates come from an index elsewhere; this only scores them, some two hundred per keystroke. A [`Gist`] is made
//! once per form and compared without allocating.

mod gist;

pub use gist::Gist;

/// Least likeness at which two forms are taken for the same matter. Set on the labelled pairs of `pairs.json`
/// and `more.json`; low, since a warning too many costs a glance and one too few a second sheet.
pub const SAME_MATTER: f32 = 0.41;

/// Least likeness of the words at which two faults of one product are taken for the same.
const SAME_FAULT: f32 = 0.28;

/// How sure a name is of its customer where no telephone speaks against it.
const NAME_ALONE: f32 = 0.9;

/// Share of the smaller of two sorted sets that is in the other, and their Dice coefficient.
fn overlap<T: Ord>(a: &[T], b: &[T]) -> (f32, f32) {
    if a.is_empty() || b.is_empty() {
        return (0.0, 0.0);
    }
    let (mut i, mut j, mut both) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                i += 1;
                j += 1;
            }
        }
    }
    (both as f32 / a.len().min(b.len()) as f32, 2.0 * both as f32 / (a.len() + b.len()) as f32)
}

/// How sure it is that the same customer speaks: 0 to 1.
///
/// A telephone, serial or order number in common is proof. A name alone is less, much less where telephones differ:
/// there are many 王伟. Where one form names nobody, little is known either way.
fn same_customer(a: &Gist, b: &Gist) -> f32 {
    let equal = |x: &str, y: &str| !x.is_empty() && x == y;
    let phone = overlap(&a.phones, &b.phones).0 > 0.0;
    if phone || equal(&a.serial, &b.serial) || equal(&a.order, &b.order) {
        return 1.0;
    }
    let phones_differ = !a.phones.is_empty() && !b.phones.is_empty();
    if equal(&a.name, &b.name) {
        return if phones_differ { 0.3 } else { NAME_ALONE };
    }
    let named = !a.name.is_empty() && !b.name.is_empty();
    if named || phones_differ { 0.0 } else { 0.3 }
}

/// Whether the products contradict each other: other serials, or names and models without anything in common.
fn other_product(a: &Gist, b: &Gist) -> bool {
    let differ = |x: &str, y: &str| !x.is_empty() && !y.is_empty() && x != y;
    let unlike = !a.product.is_empty() && !b.product.is_empty() && overlap(&a.product, &b.product).0 < 0.34;
    differ(&a.serial, &b.serial) || (unlike && (a.model.is_empty() || a.model != b.model))
}

/// Likeness of what is told: 0 to 1. Characters, pairs of characters, things meant, and fault codes in common.
///
/// Single characters carry short rewordings, pairs tell them from chance, and the things meant find a fault again that
/// is told in other words. Another fault code is another fault, however alike the words.
fn same_words(a: &Gist, b: &Gist) -> f32 {
    let (_, chars) = overlap(&a.chars, &b.chars);
    let (_, grams) = overlap(&a.grams, &b.grams);
    let (_, meant) = overlap(&a.concepts, &b.concepts);
    let (codes, _) = overlap(&a.codes, &b.codes);
    let sum = (chars + 2.0 * grams + meant + 0.5 * codes) / 1.6;
    let other_code = !a.codes.is_empty() && !b.codes.is_empty() && codes == 0.0;
    if other_code { 0.5 * sum.min(1.0) } else { sum.min(1.0) }
}

/// Likeness of two forms, 0 to 1, the same in either order.
pub fn likeness(a: &Gist, b: &Gist) -> f32 {
    let customer = same_customer(a, b);
    let words = same_words(a, b);
    let product = if other_product(a, b) { 0.6 } else { 1.0 };
    customer * (0.2 + 0.8 * words) * product
}

/// Whether two forms are likely to tell of the same matter. Whether they lie within the days that the rules name is
/// for the caller, who knows when each was received.
pub fn same_matter(a: &Gist, b: &Gist) -> bool {
    likeness(a, b) >= SAME_MATTER
}

/// Whether `b` tells of the same fault of the same product as `a`, for counting 第__次. A fault code in common is
/// enough; without one the words decide, more loosely than for a duplicate: a second report of a fault is often no
/// more than that it is back.
pub fn same_fault(a: &Gist, b: &Gist) -> bool {
    if same_customer(a, b) < NAME_ALONE || other_product(a, b) {
        return false;
    }
    let codes = overlap(&a.codes, &b.codes).0;
    match (a.codes.is_empty() || b.codes.is_empty(), codes > 0.0) {
        (_, true) => true,
        (false, false) => false,
        (true, false) => same_words(a, b) >= SAME_FAULT,
    }
}

#[cfg(test)]
mod tests;
