//! Conditions.

use super::module::{Helper, Module};
use super::place::Place;
use super::text::literal;
use crate::old::{Condition, Operator};

/// What a condition comes to.
pub(super) enum Judged {
    /// This expression.
    Is(String),
    /// It cannot be said here; why, for a person. It is left out.
    Left(String),
    /// It can never hold; why, for a person.
    Never(String),
}

/// A condition where a flow starts or branches.
pub(super) fn judge(module: &mut Module<'_>, place: &Place, condition: &Condition) -> Judged {
    let no_message = |what: &str| {
        Judged::Never(format!("the condition is about {what}, and what starts this flow has none"))
    };
    match condition {
        Condition::Text { .. } | Condition::HasAttachment { .. } | Condition::WordCount { .. }
            if !place.has_message() =>
        {
            no_message("a message")
        }
        Condition::Sender { .. } | Condition::SenderIn { .. } | Condition::SenderRole { .. }
            if place.person().is_none() =>
        {
            no_message("a person")
        }
        Condition::Text { operator, value } => compare(module, "message.text", *operator, value),
        Condition::Sender { operator, value } => {
            compare(module, &format!("{}.id", who(place)), *operator, value)
        }
        Condition::SenderIn { users } => Judged::Is(format!("{}.id in {}", who(place), list(users))),
        Condition::SenderRole { role } => Judged::Is(format!("{}.role == {}", who(place), literal(role))),
        Condition::HasAttachment { type_: None } => Judged::Is("message.attachments is not empty".to_owned()),
        Condition::HasAttachment { type_: Some(kind) } => Judged::Is(attachment(kind)),
        Condition::WordCount { operator, value } => count(module, *operator, value),
        Condition::Expression { expression } => Judged::Left(format!(
            "the condition `{expression}` was never looked at, and always held: write what it should say"
        )),
    }
}

fn who(place: &Place) -> &'static str {
    place.person().unwrap_or("sender")
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| literal(item.trim())).collect();
    format!("[{}]", items.join(", "))
}

fn compare(module: &mut Module<'_>, left: &str, operator: Operator, value: &str) -> Judged {
    let right = literal(value);
    let parts = || list(&value.split(',').map(str::to_owned).collect::<Vec<_>>());
    Judged::Is(match operator {
        Operator::Equals => format!("{left} == {right}"),
        Operator::NotEquals => format!("{left} != {right}"),
        Operator::Contains => format!("{left} contains {right}"),
        Operator::StartsWith => format!("{left} starts with {right}"),
        Operator::EndsWith => format!("{left} ends with {right}"),
        Operator::Regex => match regex(value) {
            Some(regex) => format!("{left} matches {regex}"),
            None => return Judged::Never("its regular expression has a line break in it".to_owned()),
        },
        Operator::In => format!("{left} in {}", parts()),
        Operator::NotIn => format!("{left} not in {}", parts()),
        Operator::GreaterThan => number(module, Helper::GreaterThan, left, value),
        Operator::LessThan => number(module, Helper::LessThan, left, value),
        Operator::GreaterEqual => number(module, Helper::GreaterEqual, left, value),
        Operator::LessEqual => number(module, Helper::LessEqual, left, value),
    })
}

/// The old engine took what is no number for 0 on the right side.
fn limit(value: &str) -> i64 {
    value.trim().parse().unwrap_or_default()
}

fn number(module: &mut Module<'_>, helper: Helper, left: &str, value: &str) -> String {
    module.helpers.insert(helper);
    format!("{}({left}, {})", helper.name(), limit(value))
}

/// A raw text of its own: quotes in it are written as the expression can.
fn regex(value: &str) -> Option<String> {
    (!value.contains(['\n', '\r'])).then(|| format!("re\"{}\"", value.replace('"', "\\x22")))
}

fn attachment(kind: &str) -> String {
    let kind = kind.to_lowercase();
    let known = ["image", "audio", "video", "voice", "document", "other"];
    let of = known.iter().find(|known| **known == kind || kind.starts_with(&format!("{known}/")));
    match (of, kind.as_str()) {
        (Some(of), _) => format!("message.has_attachment(AttachmentKind.{of})"),
        (None, "photo" | "picture") => "message.has_attachment(AttachmentKind.image)".to_owned(),
        (None, "file") => "message.has_attachment(AttachmentKind.document)".to_owned(),
        (None, _) => format!("message.attachments.any(it => it.media_type == {})", literal(&kind)),
    }
}

fn count(module: &mut Module<'_>, operator: Operator, value: &str) -> Judged {
    let (words, number) = ("message.word_count()", limit(value));
    Judged::Is(match operator {
        Operator::Equals => format!("{words} == {number}"),
        Operator::NotEquals => format!("{words} != {number}"),
        Operator::GreaterThan => format!("{words} > {number}"),
        Operator::LessThan => format!("{words} < {number}"),
        Operator::GreaterEqual => format!("{words} >= {number}"),
        Operator::LessEqual => format!("{words} <= {number}"),
        _ => return compare(module, "\"{message.word_count()}\"", operator, value),
    })
}
