//! What models cost and how much they can read, as far as the project file says it.

use std::collections::BTreeMap;
use std::fmt;

use branchline_schema_model::money::MicroDollars;
use branchline_schema_model::run::Usage;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use toml::value::Datetime;

/// No model costs nearly as much; whoever writes more has mistaken the unit.
const DOLLARS_PER_MILLION_MAX: f64 = 10_000.0;

/// Tokens in a million, the unit of prices.
const MILLION: u128 = 1_000_000;

/// What the tokens of a model cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// A million tokens of the prompt.
    pub input: MicroDollars,
    /// A million tokens of the prompt that the provider had in its cache.
    pub cached: MicroDollars,
    /// A million tokens of the answer.
    pub output: MicroDollars,
    /// The day the price was looked up, such as `2026-09-01`; empty for what is free by its nature.
    pub as_of: String,
}

impl Price {
    /// What a model inside the program costs.
    pub const FREE: Self = Self {
        input: MicroDollars::ZERO,
        cached: MicroDollars::ZERO,
        output: MicroDollars::ZERO,
        as_of: String::new(),
    };

    /// What these tokens cost, rounded up.
    pub fn cost(&self, usage: &Usage) -> MicroDollars {
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let parts = [
            (usage.input_tokens - cached, self.input),
            (cached, self.cached),
            (usage.output_tokens, self.output),
        ];
        let sum: u128 = parts.iter().map(|(tokens, price)| u128::from(*tokens) * u128::from(price.0)).sum();
        MicroDollars(u64::try_from(sum.div_ceil(MILLION)).unwrap_or(u64::MAX))
    }
}

/// The table `[prices]`: a day, and a price for each model.
#[derive(Default)]
pub(super) struct PricesTable {
    pub(super) as_of: Option<String>,
    pub(super) models: BTreeMap<String, PriceEntry>,
}

/// The price of one model, in US dollars per million tokens.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceEntry {
    input: f64,
    output: f64,
    cached: Option<f64>,
    #[serde(default, deserialize_with = "day")]
    as_of: Option<String>,
}

impl PriceEntry {
    /// The price; `as_of` is the day of the table.
    pub(super) fn into_price(self, model: &str, as_of: Option<&String>) -> Result<Price, String> {
        let amount = |key: &str, dollars: f64| {
            if (0.0..=DOLLARS_PER_MILLION_MAX).contains(&dollars) {
                return Ok(MicroDollars((dollars * 1e6).round() as u64));
            }
            Err(format!(
                "`prices.\"{model}\".{key}` is {dollars}; it has to be from 0 to {DOLLARS_PER_MILLION_MAX}, in dollars \
                 per million tokens"
            ))
        };
        let as_of =
            self.as_of.as_ref().or(as_of).ok_or_else(|| format!("`prices.\"{model}\"` has no `as_of`"))?;
        Ok(Price {
            input: amount("input", self.input)?,
            cached: amount("cached", self.cached.unwrap_or(self.input))?,
            output: amount("output", self.output)?,
            as_of: as_of.clone(),
        })
    }
}

impl<'de> Deserialize<'de> for PricesTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PricesVisitor)
    }
}

struct PricesVisitor;

impl<'de> Visitor<'de> for PricesVisitor {
    type Value = PricesTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of prices by `provider/model`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PricesTable, A::Error> {
        let mut table = PricesTable::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "as_of" {
                table.as_of = map.next_value::<Day>()?.0;
            } else {
                table.models.insert(key, map.next_value()?);
            }
        }
        Ok(table)
    }
}

struct Day(Option<String>);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        day(deserializer).map(Self)
    }
}

/// A day, as a date of TOML or as a text.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged, expecting = "expected a day such as 2026-09-01")]
    enum Written {
        Date(Datetime),
        Text(String),
    }
    let date = match Written::deserialize(deserializer)? {
        Written::Date(date) => Some(date),
        Written::Text(text) => text.parse().ok(),
    };
    match date {
        Some(Datetime { date: Some(date), time: None, .. }) => Ok(Some(date.to_string())),
        _ => Err(D::Error::custom("`as_of` is not a day such as 2026-09-01")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_counts_cached_tokens_apart_and_rounds_up() {
        let price = Price {
            input: MicroDollars(250_000),
            cached: MicroDollars(25_000),
            output: MicroDollars(2_000_000),
            as_of: String::new(),
        };
        let cost = |input_tokens, cached_tokens, output_tokens| {
            price.cost(&Usage { input_tokens, cached_tokens, output_tokens, reasoning_tokens: 0 }).0
        };
        assert_eq!(cost(1_000_000, 0, 0), 250_000);
        assert_eq!(cost(1_000_000, 1_000_000, 0), 25_000);
        assert_eq!(cost(1_000, 400, 100), 150 + 10 + 200);
        assert_eq!(cost(1, 0, 0), 1, "a fraction is not nothing");
        assert_eq!(Price::FREE.cost(&Usage { input_tokens: 9, ..Usage::default() }), MicroDollars::ZERO);
    }
}
