//! A number of things of which a run decides the rest.

use std::collections::BTreeMap;
use std::fmt;

/// A number, a range, or either of them times the lengths of lists that only the run will know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The fewest and the most, lists left out.
    known: (u64, u64),
    lists: Vec<UnknownList>,
}

/// A list whose length only the run will know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnknownList {
    pub(super) name: String,
    /// How long it is declared, or assumed, to be.
    pub(super) bounds: (u64, u64),
}

impl Amount {
    /// A known number.
    pub const fn exactly(number: u64) -> Self {
        Self { known: (number, number), lists: Vec::new() }
    }

    pub(super) const fn new(known: (u64, u64), lists: Vec<UnknownList>) -> Self {
        Self { known, lists }
    }

    /// This number, or nothing at all.
    #[must_use]
    pub(super) fn or_none(self) -> Self {
        Self { known: (0, self.known.1), ..self }
    }

    /// The number, when it is known.
    pub fn exact(&self) -> Option<u64> {
        let (low, high) = self.known;
        (low == high && (self.lists.is_empty() || high == 0)).then_some(high)
    }

    /// The fewest and the most, with assumed lengths of unknown lists.
    pub fn bounds(&self) -> (u64, u64) {
        self.lists.iter().fold(self.known, |(low, high), list| {
            (low.saturating_mul(list.bounds.0), high.saturating_mul(list.bounds.1))
        })
    }

    /// Whether it depends on a list whose length is not known.
    pub fn has_unknown_list(&self) -> bool {
        self.exact().is_none() && !self.lists.is_empty()
    }

    /// A sum such as `4 + 2 × n(openings)`.
    pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a Self>) -> String {
        let mut by_lists: BTreeMap<&[UnknownList], (u64, u64)> = BTreeMap::new();
        for amount in amounts.into_iter().filter(|amount| amount.known.1 > 0) {
            let known = by_lists.entry(&amount.lists).or_default();
            *known = (known.0.saturating_add(amount.known.0), known.1.saturating_add(amount.known.1));
        }
        let terms: Vec<String> =
            by_lists.into_iter().map(|(lists, known)| Self::new(known, lists.to_vec()).to_string()).collect();
        if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
    }
}

/// `3`, `0–3`, `n(openings)`, `2 × n(openings)`, `(1–3) × n(openings)`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.exact() {
            return write!(f, "{number}");
        }
        let known = match self.known {
            (1, 1) => None,
            (low, high) if low == high => Some(high.to_string()),
            (low, high) if self.lists.is_empty() => Some(format!("{low}–{high}")),
            (low, high) => Some(format!("({low}–{high})")),
        };
        let lists = self.lists.iter().map(|list| format!("n({})", list.name));
        f.write_str(&known.into_iter().chain(lists).collect::<Vec<_>>().join(" × "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_ranges_or_formulas() {
        let lists = |names: &[&str]| -> Vec<UnknownList> {
            names.iter().map(|name| UnknownList { name: (*name).to_owned(), bounds: (1, 10) }).collect()
        };
        let amount = |low, high, names: &[&str]| Amount::new((low, high), lists(names));
        let all = [
            (amount(3, 3, &[]), "3", (3, 3)),
            (amount(1, 3, &[]), "1–3", (1, 3)),
            (amount(1, 1, &["xs"]), "n(xs)", (1, 10)),
            (amount(6, 6, &["xs", "ys"]), "6 × n(xs) × n(ys)", (6, 600)),
            (amount(0, 1, &["xs"]), "(0–1) × n(xs)", (0, 10)),
            (amount(0, 0, &["xs"]), "0", (0, 0)),
            (amount(u64::MAX, u64::MAX, &["xs"]), "18446744073709551615 × n(xs)", (u64::MAX, u64::MAX)),
        ];
        for (amount, shown, bounds) in &all {
            assert_eq!((amount.to_string().as_str(), amount.bounds()), (*shown, *bounds));
        }
        let sum = Amount::sum(all[..5].iter().map(|(amount, ..)| amount));
        assert_eq!(sum, "4–6 + (1–2) × n(xs) + 6 × n(xs) × n(ys)");
        assert_eq!(Amount::sum([]), "0");
    }
}
