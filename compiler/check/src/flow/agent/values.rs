//! What an agent's properties may be, beyond their types: what is known when compiled is not left to the first customer.

use crate::code;
use crate::infer::Body;
use carapace_diagnostic::suggest;
use carapace_syntax::ast;
use serde_json::Value as Json;

/// How long an agent's model may think, from the shortest to the longest.
pub const EFFORTS: [&str; 6] = ["none", "low", "medium", "high", "xhigh", "max"];

/// What providers have called so before: taken, and not proposed.
const FORMER_EFFORTS: [&str; 2] = ["zero", "minimal"];

/// Whose turns an agent remembers together.
pub const MEMORIES: [&str; 2] = ["conversation", "person"];

/// The bounds of `temperature`, as those of the providers that take the most.
const TEMPERATURES: std::ops::RangeInclusive<f64> = 0.0..=2.0;

/// The most tokens that can be asked for, as the wire's number has 32 bits.
const MOST_TOKENS: i64 = u32::MAX as i64;

impl<'a> Body<'_, 'a> {
    /// Whether an agent's property may be that; else it is told.
    pub(super) fn may_be(&mut self, property: &str, value: &'a ast::Expr, known: &Json) -> bool {
        let fits = match property {
            "model" => known.as_str() != Some(""),
            "temperature" => known.as_f64().is_none_or(|n| TEMPERATURES.contains(&n)),
            "max_tokens" => known.as_i64().is_none_or(|n| (1..=MOST_TOKENS).contains(&n)),
            "max_steps" => known.as_i64().is_none_or(|n| n >= 1),
            "effort" => is_effort(known),
            "memory" => known.as_str().is_some_and(|word| MEMORIES.contains(&word)),
            _ => true,
        };
        if !fits {
            self.cannot_be(property, value, known);
        }
        fits
    }

    fn cannot_be(&mut self, property: &str, value: &'a ast::Expr, known: &Json) {
        let shown = match known {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string()),
            other => other.to_string(),
        };
        let (message, words, help): (String, &[&str], &str) = match property {
            "model" => ("a model has a name".to_owned(), &[], "write `model: \"provider/model\"`"),
            "temperature" => (
                format!("a temperature is 0 to 2, and this is {shown}"),
                &[],
                "the higher it is, the less alike are answers; leave it out for what the provider has",
            ),
            "max_tokens" => (
                format!("`max_tokens` is 1 to 4_294_967_295, and this is {shown}"),
                &[],
                "it is the longest answer; leave it out for as long as the provider lets it be",
            ),
            "max_steps" => (
                format!("`max_steps` is at least 1, and this is {shown}"),
                &[],
                "it is how many requests to its model one answer may take; 20 where nothing is said",
            ),
            "effort" => (
                format!("`{shown}` is no effort"),
                &EFFORTS,
                "there is `none`, `low`, `medium`, `high`, `xhigh` and `max`; or how many tokens it may think, as a number",
            ),
            _ => (
                format!("`{shown}` is nothing to remember by"),
                &MEMORIES,
                "there is `conversation`; and `person`, as it is where nothing is said",
            ),
        };
        let told = self.told(code::AGENT_VALUE, value.range, message);
        let near = known.as_str().and_then(|word| suggest(word, words.iter().copied()));
        let told = match near {
            Some(near) => {
                let told = told.help(format!("did you mean `{near}`?"));
                // What a `const` says is written elsewhere.
                match value.kind {
                    ast::ExprKind::Text(_) => told.fix(
                        format!("replace with `\"{near}\"`"),
                        self.span(value.range),
                        format!("\"{near}\""),
                    ),
                    _ => told,
                }
            }
            None => told.help(help),
        };
        self.report(told);
    }
}

fn is_effort(known: &Json) -> bool {
    match known {
        Json::String(word) => EFFORTS.contains(&word.as_str()) || FORMER_EFFORTS.contains(&word.as_str()),
        Json::Number(tokens) => tokens.as_i64().is_some_and(|n| (0..=MOST_TOKENS).contains(&n)),
        _ => false,
    }
}
