//! What asking costs.

use crate::provider::Counted;

/// Prices that are known, a model a line.
const KNOWN: &str = include_str!("prices.txt");

/// What a model costs: millionths of a US dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// What it is given.
    pub input: u64,
    /// What it is given and has in its cache.
    pub cached: u64,
    /// What it is given and puts into its cache.
    pub written: u64,
    /// What it says.
    pub output: u64,
}

impl Price {
    /// What that costs, in millionths of a US dollar, rounded up.
    pub(crate) fn of(&self, counted: &Counted) -> u64 {
        let plain = counted.input.saturating_sub(counted.cached).saturating_sub(counted.written);
        let parts = [
            (plain, self.input),
            (counted.cached, self.cached),
            (counted.written, self.written),
            (counted.output, self.output),
        ];
        let sum: u128 = parts.iter().map(|(tokens, price)| u128::from(*tokens) * u128::from(*price)).sum();
        u64::try_from(sum.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }

    /// What is known of the price of a model at its provider's own place.
    pub(crate) fn known(wire: &str, model: &str) -> Option<Price> {
        let fits = |name: &str| {
            model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '@', ':']))
        };
        let lines = KNOWN.lines().filter_map(line);
        let of_it = lines.filter(|(of, name, _)| *of == wire && fits(name));
        of_it.max_by_key(|(_, name, _)| name.len()).map(|(_, _, price)| price)
    }
}

/// A line of the table: wire, name, price.
fn line(line: &str) -> Option<(&str, &str, Price)> {
    let mut words = line.split_whitespace();
    let (wire, name) = (words.next().filter(|word| !word.starts_with('#'))?, words.next()?);
    let mut number = || words.next()?.parse::<u64>().ok();
    let price = Price { input: number()?, cached: number()?, written: number()?, output: number()? };
    Some((wire, name, price))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        for text in KNOWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (wire, name, price) = line(text).unwrap_or_else(|| panic!("{text}"));
            assert!(["anthropic", "openai", "gemini"].contains(&wire), "{text}");
            assert_eq!(Price::known(wire, name), Some(price), "{text}");
            assert!(price.cached <= price.input && price.written >= price.input, "{text}");
        }
    }

    #[test]
    fn a_model_is_found_by_the_longest_name_it_begins_with() {
        let input = |wire: &str, model: &str| Price::known(wire, model).map(|price| price.input);
        assert_eq!(input("anthropic", "claude-sonnet-4-5-20250929"), Some(3_000_000));
        assert_eq!(input("anthropic", "claude-opus-4-1"), Some(15_000_000));
        assert_eq!(input("anthropic", "claude-opus-4-5-20251101"), Some(5_000_000));
        assert_eq!(input("openai", "gpt-5-mini-2025-08-07"), Some(250_000));
        assert_eq!(input("openai", "gpt-5"), Some(1_250_000));
        assert_eq!(input("openai", "gpt-5.9"), None, "no model of that name is known");
        assert_eq!(input("gemini", "claude-sonnet-4-5"), None);
    }

    #[test]
    fn what_was_cached_costs_less_and_is_counted_once() {
        let price = Price { input: 3_000_000, cached: 300_000, written: 3_750_000, output: 15_000_000 };
        let counted = Counted { input: 1_000, cached: 600, written: 200, output: 100 };
        assert_eq!(price.of(&counted), 200 * 3 + 180 + 750 + 1_500);
        let little = Price { input: 1, cached: 1, written: 1, output: 1 };
        assert_eq!(little.of(&counted), 1, "what costs anything costs a millionth at least");
    }
}
