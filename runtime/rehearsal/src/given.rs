//! What the simulated world answers.

use crate::matching::{Called, Pattern};
use carapace_effect::{Failure, FailureKind};
use carapace_module::testing::Answer;
use carapace_module::{Type, TypeKind, TypeTable, Value};
use std::sync::Arc;

/// A `given` for calls.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) pattern: Pattern,
    pub(crate) kind: GivenKind,
    used: usize,
}

/// The two shapes.
#[derive(Debug, Clone)]
pub(crate) enum GivenKind {
    /// Answers in turn; the last repeats.
    Answers(Vec<Link>),
    /// Tools an agent calls, with their arguments by name, and what it says at the end.
    Script { calls: Vec<ToolCall>, says: Option<Value> },
}

/// A tool that an agent calls: its full name, and arguments by name.
pub(crate) type ToolCall = (Arc<str>, Vec<(Arc<str>, Value)>);

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) outcome: LinkOutcome,
    pub(crate) takes: i64,
    pub(crate) costs: Option<Value>,
}

/// What an answer comes to.
#[derive(Debug, Clone)]
pub(crate) enum LinkOutcome {
    /// A value.
    Value(Value),
    /// A known failure.
    Fails(Failure),
    /// Nobody can know.
    Unknown,
    /// Nothing is said about it: as it is without a `given`, but slower or dearer.
    Default,
}

impl Given {
    pub(crate) fn answers(
        pattern: Pattern,
        answers: &[Answer],
        args: &mut impl Iterator<Item = Value>,
    ) -> Given {
        let links = answers.iter().map(|answer| Link::take(answer, args)).collect();
        Given { pattern, kind: GivenKind::Answers(links), used: 0 }
    }

    pub(crate) fn script(
        pattern: Pattern,
        calls: &[(Arc<str>, Vec<Arc<str>>)],
        says: bool,
        args: &mut impl Iterator<Item = Value>,
    ) -> Given {
        let mut scripted = Vec::new();
        for (tool, params) in calls {
            let values = params.iter().filter_map(|name| Some((name.clone(), args.next()?))).collect();
            scripted.push((tool.clone(), values));
        }
        let says = if says { args.next() } else { None };
        Given { pattern, kind: GivenKind::Script { calls: scripted, says }, used: 0 }
    }

    pub(crate) fn answers_to(&self, call: &Called) -> bool {
        self.pattern.matches(call)
    }

    /// The next answer; the last one again when all were given.
    pub(crate) fn next(&mut self) -> Option<Link> {
        let GivenKind::Answers(links) = &self.kind else { return None };
        let link = links.get(self.used).or_else(|| links.last()).cloned();
        self.used += 1;
        link
    }
}

impl Link {
    fn take(answer: &Answer, args: &mut impl Iterator<Item = Value>) -> Link {
        let mut outcome = LinkOutcome::Default;
        if answer.value {
            outcome = LinkOutcome::Value(args.next().unwrap_or(Value::None));
        }
        if answer.fails {
            let message = args.next();
            let message = message.as_ref().and_then(Value::as_text).unwrap_or("it failed").to_owned();
            let kind = answer.kind.as_deref().and_then(kind_named);
            // A failure without a kind is a passing one: so `retry` sees it, and `else` takes every kind.
            outcome = LinkOutcome::Fails(Failure::new(kind.unwrap_or(FailureKind::Transient), message));
        }
        let takes = if answer.takes { args.next() } else { None };
        let costs = if answer.costs { args.next() } else { None };
        if answer.unknown {
            outcome = LinkOutcome::Unknown;
        }
        let takes = if let Some(Value::Duration(ms)) = takes { ms.max(0) } else { 0 };
        Link { outcome, takes, costs }
    }
}

fn kind_named(name: &str) -> Option<FailureKind> {
    FailureKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// Modules of the library whose names are in scope everywhere: `User`, not `world.User`.
const EVERYWHERE: [&str; 5] = ["std/world", "std/chat", "std/run", "std/webhook", "std/log"];

/// A type's name as it is written in a module: `Order`, `orders.Order`.
fn name_in(full: &str, module: &str) -> String {
    let (of, name) = full.rsplit_once('.').unwrap_or(("", full));
    // A package's name stands before its modules' paths.
    if of == module || of.ends_with(&format!("/{module}")) || EVERYWHERE.contains(&of) {
        return name.to_owned();
    }
    format!("{}.{name}", of.rsplit('/').next().unwrap_or(of))
}

/// A value of the type, as somebody would write it in a module, to be pasted and changed.
pub(crate) fn example(ty: &Type, types: &TypeTable, module: &str, depth: u32) -> String {
    match ty {
        Type::Bool => "true".to_owned(),
        Type::Int => "0".to_owned(),
        Type::Number => "0.0".to_owned(),
        Type::Text | Type::Template(_) => "\"…\"".to_owned(),
        Type::Duration => "5m".to_owned(),
        Type::Money => "1 EUR".to_owned(),
        Type::Time => "now()".to_owned(),
        Type::List(_) => "[]".to_owned(),
        Type::Map(..) => "[:]".to_owned(),
        Type::Optional(inner) if depth == 0 => example(inner, types, module, depth),
        Type::Optional(_) => "none".to_owned(),
        Type::Declared(id, _) => types.get(*id).map_or_else(String::new, |def| {
            let name = name_in(&def.name, module);
            match &def.kind {
                _ if depth > 3 => format!("{name} {{ … }}"),
                TypeKind::Record(fields) => {
                    let fields: Vec<String> = fields
                        .iter()
                        .filter(|field| !matches!(field.ty, Type::Optional(_)))
                        .map(|field| {
                            format!("{}: {}", field.name, example(&field.ty, types, module, depth + 1))
                        })
                        .collect();
                    format!("{name} {{ {} }}", fields.join(", "))
                }
                TypeKind::Union(variants) => variants.first().map_or_else(String::new, |variant| {
                    let fields: Vec<String> = variant
                        .fields
                        .iter()
                        .map(|field| {
                            format!("{}: {}", field.name, example(&field.ty, types, module, depth + 1))
                        })
                        .collect();
                    let fields =
                        if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
                    format!("{}{fields}", variant.name)
                }),
            }
        }),
        _ => "none".to_owned(),
    }
}
