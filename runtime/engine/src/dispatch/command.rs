//! `/name args` as a command with typed arguments.

use carapace_module::{Type, TypeKind, TypeTable, Value};
use std::sync::Arc;

/// A command's text, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed {
    /// Argument values by name.
    pub(crate) args: Vec<(Arc<str>, Value)>,
    /// How specific the match is: words of the name, then arguments that are more than text.
    pub(crate) rank: (usize, usize),
}

/// The words behind the slash, the first in lower case and without `@botname`; none if it is no command.
pub(crate) fn command_words(text: &str) -> Option<(String, &str)> {
    let rest = text.trim_start().strip_prefix('/')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    let word = word.split('@').next().unwrap_or_default();
    (!word.is_empty()).then(|| (word.to_lowercase(), rest))
}

/// Reads a text as the command `name` with these arguments.
pub(crate) fn parse_command(
    types: &TypeTable,
    name: &str,
    args: &[(Arc<str>, Type)],
    text: &str,
) -> Option<Parsed> {
    let (first, mut rest) = command_words(text)?;
    let mut words = name.split_whitespace();
    if words.next()? != first {
        return None;
    }
    let mut rank = (1, 0);
    for word in words {
        let (next, behind) = next_word(rest)?;
        if next.to_lowercase() != word {
            return None;
        }
        rest = behind;
        rank.0 += 1;
    }
    let mut values = Vec::new();
    for (i, (name, ty)) in args.iter().enumerate() {
        let value = if i + 1 == args.len() && is_text(ty) {
            let line = std::mem::take(&mut rest).trim();
            let value = Value::text(unquote(line));
            if line.is_empty() { absent(ty)? } else { value }
        } else {
            match next_words(rest, words_of(ty)) {
                None => absent(ty)?,
                Some((word, behind)) => {
                    rest = behind;
                    rank.1 += usize::from(!is_text(ty));
                    read(types, ty, unquote(word))?
                }
            }
        };
        values.push((name.clone(), value));
    }
    rest.trim().is_empty().then_some(Parsed { args: values, rank })
}

fn is_text(ty: &Type) -> bool {
    match ty {
        Type::Text => true,
        Type::Optional(inner) => is_text(inner),
        _ => false,
    }
}

fn absent(ty: &Type) -> Option<Value> {
    matches!(ty, Type::Optional(_)).then_some(Value::None)
}

/// How many words a value of the type is written in: `50 EUR` are two.
fn words_of(ty: &Type) -> usize {
    match ty {
        Type::Money => 2,
        Type::Optional(inner) => words_of(inner),
        _ => 1,
    }
}

/// So many words, or quoted text, and what stands behind them; fewer where there are no more.
fn next_words(text: &str, count: usize) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (first, mut behind) = next_word(text)?;
    if !first.starts_with('"') {
        for _ in 1..count {
            behind = next_word(behind).map_or(behind, |(_, behind)| behind);
        }
    }
    text.split_at_checked(text.len() - behind.len())
}

/// The next word, or quoted text, and what stands behind it.
fn next_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if text.is_empty() {
        return None;
    }
    if let Some(inside) = text.strip_prefix('"')
        && let Some(end) = inside.find('"')
    {
        return Some(text.split_at(end + 2));
    }
    Some(text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())))
}

fn unquote(word: &str) -> &str {
    word.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap_or(word)
}

/// A text that a person wrote as a value of the type; none if it does not read as one.
pub(crate) fn read(types: &TypeTable, ty: &Type, text: &str) -> Option<Value> {
    let text = text.trim();
    match ty {
        Type::Optional(inner) => read(types, inner, text),
        Type::Text => Some(Value::text(text)),
        Type::Bool => match text.to_lowercase().as_str() {
            "yes" | "y" | "true" | "on" => Some(Value::Bool(true)),
            "no" | "n" | "false" | "off" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Number => carapace_module::Decimal::parse(text).map(Value::Number),
        Type::Money => carapace_module::MoneyValue::parse(text).map(Value::Money),
        Type::Int => text.replace('_', "").parse().ok().map(Value::Int),
        Type::Duration => read_duration(text).map(Value::Duration),
        Type::Time => text.parse::<jiff::Timestamp>().ok().map(|t| Value::Time(t.as_millisecond())),
        Type::Date => {
            let date: jiff::civil::Date = text.parse().ok()?;
            let days = date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
            Some(Value::Date(days))
        }
        Type::Declared(id, _) => match &types.get(*id)?.kind {
            TypeKind::Union(variants) => {
                let tag = variants
                    .iter()
                    .position(|v| v.fields.is_empty() && v.name.to_lowercase() == text.to_lowercase())?;
                u32::try_from(tag).ok().map(Value::Tag)
            }
            TypeKind::Record(fields) => match fields.as_slice() {
                [field] if field.name.as_ref() == "digits" => {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    (digits.len() >= 5).then(|| Value::record(vec![Value::text(digits)]))
                }
                _ => json(types, ty, text),
            },
        },
        _ => json(types, ty, text),
    }
}

fn json(types: &TypeTable, ty: &Type, text: &str) -> Option<Value> {
    let json = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.to_owned()));
    carapace_module::json::from_json(&json, ty, types).ok()
}

/// `90s`, `1h30m`, `2d`.
fn read_duration(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match rest.get(..letters)? {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = rest.get(letters..)?.trim_start();
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_two_words_wherever_it_stands() {
        let args: Vec<(Arc<str>, Type)> = vec![
            ("amount".into(), Type::Money),
            ("tip".into(), Type::Money.optional()),
            ("reason".into(), Type::Text.optional()),
        ];
        let read = |text: &str| {
            let parsed = parse_command(&TypeTable::default(), "spend", &args, text)?;
            Some(parsed.args.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
        };
        let money = |text| Value::Money(carapace_module::MoneyValue::parse(text).unwrap());
        assert_eq!(
            read("/spend 12.50 EUR 1 EUR a  train"),
            Some(vec![money("12.50 EUR"), money("1 EUR"), Value::text("a  train")])
        );
        assert_eq!(read("/spend \"12.50 EUR\""), Some(vec![money("12.50 EUR"), Value::None, Value::None]));
        assert_eq!(read("/spend 12.50"), None);
        assert_eq!(read("/spend"), None);
    }
}
