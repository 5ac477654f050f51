//! What the grammar would have taken, in a person's words.

use crate::grammar::Rule;
use pest::error::{Error, ErrorVariant};

/// What is missing at the place of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Expression,
    Type,
    Name,
    Pattern,
    Block,
    Text,
    Trigger,
    Word(String),
    Expectation,
    /// Only what could go on: an operator, a suffix. So the thing before was whole.
    Continuation,
    /// A sign the grammar does not name.
    Unclear,
}

impl Wanted {
    /// Behind "expected".
    pub(super) fn words(&self) -> String {
        match self {
            Wanted::Expression => "an expression".to_owned(),
            Wanted::Type => "a type".to_owned(),
            Wanted::Name => "a name".to_owned(),
            Wanted::Pattern => "a pattern".to_owned(),
            Wanted::Block => "`{`".to_owned(),
            Wanted::Text => "a text".to_owned(),
            Wanted::Trigger => "a trigger".to_owned(),
            Wanted::Word(word) => format!("`{word}`"),
            Wanted::Expectation => "an expectation".to_owned(),
            Wanted::Continuation | Wanted::Unclear => "something else".to_owned(),
        }
    }
}

pub(super) fn wanted(error: &Error<Rule>) -> Wanted {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Wanted::Unclear };
    let has = |rules: &[Rule]| positives.iter().any(|p| rules.contains(p));
    if has(&[Rule::pattern, Rule::pat_let, Rule::pat_tag]) {
        return Wanted::Pattern;
    }
    if has(&[Rule::expectation, Rule::x_other]) {
        return Wanted::Expectation;
    }
    if has(&[
        Rule::expr,
        Rule::expr_plain,
        Rule::operand,
        Rule::operand_plain,
        Rule::name_ref,
        Rule::number,
        Rule::paren,
        Rule::arith,
        Rule::keys,
        Rule::arg,
        Rule::entry,
        Rule::trigger_arg,
        Rule::x_arg,
        Rule::lambda,
    ]) {
        return Wanted::Expression;
    }
    if has(&[Rule::type_expr, Rule::type_named, Rule::upper_type]) {
        return Wanted::Type;
    }
    if has(&[Rule::trigger_ref]) {
        return Wanted::Trigger;
    }
    if has(&[Rule::block, Rule::branches]) && !has(&[Rule::name]) {
        return Wanted::Block;
    }
    let goes_on = has(&[
        Rule::infix,
        Rule::infix_arith,
        Rule::p_call,
        Rule::p_field,
        Rule::p_index,
        Rule::t_is,
        Rule::k_is,
        Rule::type_args,
        Rule::optional,
        Rule::s_retry,
        Rule::k_retry,
        Rule::EOI,
        Rule::trigger_args,
    ]);
    if goes_on {
        return Wanted::Continuation;
    }
    if has(&[
        Rule::name,
        Rule::word,
        Rule::path,
        Rule::use_path,
        Rule::set_target,
        Rule::capability,
        Rule::param,
        Rule::field,
        Rule::field_init,
        Rule::variant,
    ]) {
        return Wanted::Name;
    }
    if has(&[Rule::text]) {
        return Wanted::Text;
    }
    match positives.as_slice() {
        [only] => keyword(*only).map_or(Wanted::Unclear, Wanted::Word),
        _ => Wanted::Unclear,
    }
}

/// `k_within` is `within`.
fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("k_").map(str::to_owned)
}

/// How a thing that begins with `word` is written.
pub(super) fn shape_of(word: &str, rule: Rule) -> Option<&'static str> {
    if rule == Rule::arm_only {
        return Some("a case is written `pattern => expression`");
    }
    if rule == Rule::field_only {
        return Some("a field is written `name: Type`");
    }
    if rule == Rule::property_only {
        return Some(match word {
            "budget" => "a budget is written `20_000 tokens per 1h` or `1 USD per 1d by sender`",
            "approve" => "it is written `approve: { refund: managers }`",
            _ => "a property is written `name: value`",
        });
    }
    Some(match word {
        "let" => "it is written `let name = value`",
        "var" => "it is written `var name = value`",
        "set" => "it is written `set name = value` or `set name[key] = value`",
        "if" => "it is written `if condition { … } else { … }`",
        "while" => "it is written `while condition { … }`",
        "for" => "it is written `for item in list { … }`",
        "repeat" => "it is written `repeat 3 { … }`",
        "match" => "it is written `match value { pattern => … }`",
        "listen" => "it is written `listen support.message as messages { … }`",
        "given" => {
            "it is written `given call(_) = value`, or with `fails`, `takes`, `costs`, `unknown`, `calls`, `says`"
        }
        "when" => "it is written `when support.message(\"…\", from: \"ana\")`",
        "advance" => "it is written `advance 15m`",
        "crash" => "it is written `crash` or `crash after each await`",
        "expect" => "it is written `expect room.said(\"…\")`, `expect call(_).called`, or with a condition",
        "use" => "it is written `use folder/file` or `use folder/file as name`",
        "channel" => "it is written `channel name: kind`",
        "room" => "it is written `room name: kind`",
        "connection" => "it is written `connection name: kind`",
        "group" => "it is written `group name`",
        "setting" => "it is written `setting name: Type = value`",
        "const" => "it is written `const name = value`",
        "state" => "it is written `state name: Type = value by key keep 30d`",
        "type" => "it is written `type Name { field: Type }` or `type Name = one | two`",
        "fn" => "it is written `fn name(x: Int) -> Int = x * 2`, or with a block",
        "tool" => "it is written `tool name(x: Int) -> Text { … }`",
        "agent" => "it is written `agent name { model: \"…\" }`",
        "test" => "it is written `test \"title\" { … }`",
        "flow" => "it is written `flow name on trigger { … }` or `flow name(x: Int) -> Text { … }`",
        "on" if rule == Rule::clause_only => "it is written `on support.message`",
        "where" => "it is written `where condition`",
        "limit" => "it is written `limit 5 per 1m by sender`",
        "debounce" => "it is written `debounce 3s by conversation`",
        "dedupe" => "it is written `dedupe message.id for 1h`",
        "serial" => "it is written `serial by conversation`",
        "timeout" => "it is written `timeout 2d`",
        "priority" => "it is written `priority 10`",
        "cancellable" => "it is written `cancellable by \"stop\"`",
        "effect" => "it is written `effect name@1(x: Text) -> Text delivery read`",
        "trigger" => "it is written `trigger name on channel { field: Type }`",
        "tag" => "it is written `tag name -> Type by function`",
        "extern" => "it is written `extern fn name@1(x: Text) -> Text` or `extern type Name`",
        _ => return None,
    })
}
