//! `budget: 20_000 tokens per 1h by sender, 1 USD per 1d`: what an agent may use up.

use crate::code;
use crate::constant::constant;
use crate::infer::{Body, Want};
use carapace_diagnostic::suggest;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, Name};
use serde_json::Value as Json;

/// Over what time budgets may be, in milliseconds: 31 days, as the runtime remembers what was used up.
const LONGEST_WINDOW: i64 = 31 * 86_400_000;

/// What may stand behind an amount that is no money.
const TOKENS: &str = "tokens";

impl<'a> Body<'_, 'a> {
    /// One amount with its window and what it is counted by.
    pub(super) fn budget(
        &mut self,
        (amount, unit, window, keys): &'a (ast::Expr, Option<Name>, ast::Expr, Vec<ast::Expr>),
    ) -> Option<Json> {
        let amount = match unit {
            Some(name) if name.text == TOKENS => {
                self.amount_of_tokens(amount).map(|n| (Json::from(n), TOKENS))
            }
            Some(name) => {
                self.no_unit(name);
                None
            }
            None => self.amount_of_money(amount).map(|money| (money, "money")),
        };
        let per =
            self.known_duration(window, "a budget's window").filter(|per| self.is_remembered(*per, window));
        let by: Vec<Json> = keys.iter().filter_map(|k| self.budget_key(k)).map(Into::into).collect();
        let ((amount, unit), per) = amount.zip(per)?;
        Some(serde_json::json!({ "amount": amount, "unit": unit, "per": per, "by": by }))
    }

    fn amount_of_tokens(&mut self, amount: &'a ast::Expr) -> Option<i64> {
        let tokens = self.known_int(amount, "a budget")?;
        self.is_something(amount, tokens).then_some(tokens)
    }

    fn amount_of_money(&mut self, amount: &'a ast::Expr) -> Option<Json> {
        let value = self.infer(amount, Want::Ty(&Type::Money));
        if matches!(value.ty, Type::Int | Type::Number) {
            self.of_nothing(amount, &value.ty);
            return None;
        }
        let value = self.convert(value, &Type::Money);
        let money = self.known_json(&value)?;
        if money.as_str().is_some_and(|text| !text.ends_with(" USD")) {
            let told = self
                .told(code::BUDGET_CURRENCY, amount.range, "what models cost is known in US dollars only")
                .help("write the budget in `USD`, or in tokens: `20_000 tokens`");
            self.report(told);
            return None;
        }
        match constant(self.cx, &value) {
            Some(Value::Money(known)) if !self.is_something(amount, known.mantissa) => None,
            _ => Some(money),
        }
    }

    /// Whether there is anything to use up; else it is told.
    fn is_something(&mut self, amount: &'a ast::Expr, much: i64) -> bool {
        if much <= 0 {
            let told = self.told(code::AGENT_VALUE, amount.range, "a budget is more than nothing").help(
                "an agent that may use up nothing never answers; leave the budget out for one without an end",
            );
            self.report(told);
        }
        much > 0
    }

    /// A number without what it counts.
    fn of_nothing(&mut self, amount: &'a ast::Expr, ty: &Type) {
        let written = self.written(amount.range);
        let told = self.told(
            code::MISMATCH,
            amount.range,
            "a budget is of tokens or of money, and this is a number",
        );
        let help = if *ty == Type::Int {
            format!("say of what: `{written} tokens`, or `{written} USD`")
        } else {
            format!("say of what: `{written} USD`; tokens are whole: `20_000 tokens`")
        };
        self.report(told.help(help));
    }

    fn no_unit(&mut self, name: &Name) {
        let near = suggest(&name.text, [TOKENS, "USD"]);
        let message = format!("a budget is of `tokens` or of money, not of `{}`", name.text);
        let mut told = self.suggesting(code::AGENT_VALUE, name.range, message, near);
        if near.is_none() {
            told = told.help("write `20_000 tokens per 1h`, or `1 USD per 1d`");
        }
        self.report(told);
    }

    fn is_remembered(&mut self, per: i64, window: &'a ast::Expr) -> bool {
        if per > LONGEST_WINDOW {
            let told = self
                .told(code::BUDGET_WINDOW, window.range, "what an agent used up is remembered for 31 days")
                .help("write a shorter time: `per 31d`");
            self.report(told);
        }
        per <= LONGEST_WINDOW
    }

    fn budget_key(&mut self, key: &'a ast::Expr) -> Option<&'a str> {
        match &key.kind {
            ast::ExprKind::Name(name) if matches!(name.text.as_str(), "sender" | "conversation") => {
                self.cx.note_event_key(self.at, name);
                Some(&name.text)
            }
            ast::ExprKind::Error => None,
            _ => {
                let told = self
                    .told(code::KEY, key.range, "a budget is counted by `sender` or by `conversation`")
                    .help("leave `by …` out for one budget for all");
                self.report(told);
                None
            }
        }
    }
}
