//! Places where less may stand than a value: the tools of an agent, those that need a yes, the calls that a test is about.

use super::complete::Here;
use super::cursor::Cursor;
use super::proposal::{Completion, CompletionKind, Docs};
use super::{given, name};
use carapace_check::{Callable, ItemOutline, NameKind, Outline};
use carapace_module::Type;
use carapace_syntax::ast::{Agent, Expr, ExprKind, Given, GivenKind, Item, ItemKind, Path, Property};
use carapace_syntax::walk::Node;

/// What a place takes.
enum Place {
    /// The name of a tool, or of a connection that has tools.
    Tool,
    /// A call of a tool, by an agent of a test; its tools, where that is known.
    Call(Option<Vec<String>>),
    /// A call that a test is about: `_` stands for whatever is handed over.
    Pattern,
}

/// Only what may stand at the blank, as it is written there.
pub(super) fn narrowed(here: &Here<'_, '_>, mut found: Vec<Completion>) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    match place(here) {
        Some(Place::Tool) => {
            found.retain(|c| has_tools(outline, c));
            for completion in &mut found {
                completion.snippet = None;
                completion.rank = rank(completion);
            }
        }
        Some(Place::Call(tools)) => {
            let among = |c: &Completion| tools.as_ref().is_none_or(|tools| tools.contains(&c.label));
            let called = |c: &Completion| match c.kind {
                CompletionKind::Name(NameKind::Tool) => among(c),
                CompletionKind::Name(NameKind::Module) => among(c) && has_tools(outline, c),
                _ => false,
            };
            found.retain(called);
            for completion in &mut found {
                if let Some(item) = item(outline, completion) {
                    let front = completion.insert.strip_suffix(&*item.name).unwrap_or_default().to_owned();
                    completion.snippet = said(here.cursor, item).map(|call| format!("{front}{call}"));
                }
                completion.rank = rank(completion);
            }
        }
        Some(Place::Pattern) => {
            for completion in &mut found {
                let called = matches!(
                    completion.kind,
                    CompletionKind::Name(NameKind::Effect | NameKind::Flow | NameKind::Tool)
                );
                let name = completion.insert.clone();
                let anything = item(outline, completion).and_then(|item| item.callable.as_ref());
                if let (true, Some(callable), Some(_)) = (called, anything, &completion.snippet) {
                    let inside = if callable.params.is_empty() { "" } else { "${1:_}" };
                    completion.snippet = Some(format!("{name}({inside})"));
                }
            }
        }
        None => {}
    }
    found.extend(given::more(here));
    found
}

/// Tools before what leads to them.
fn rank(completion: &Completion) -> u8 {
    match completion.kind {
        CompletionKind::Name(NameKind::Tool) if completion.brings.is_none() => 1,
        CompletionKind::Name(NameKind::Connection) => 2,
        _ => completion.rank.max(3),
    }
}

fn item<'s>(outline: &'s Outline, completion: &Completion) -> Option<&'s ItemOutline> {
    match &completion.docs {
        Docs::Site(site) => outline.item(*site),
        _ => None,
    }
}

/// Whether it is a tool, or something that has tools.
fn has_tools(outline: &Outline, completion: &Completion) -> bool {
    match (completion.kind, &completion.docs) {
        (CompletionKind::Name(NameKind::Tool), _) => true,
        (CompletionKind::Name(NameKind::Connection), _) => {
            item(outline, completion).is_some_and(|slot| is_server(outline, slot))
        }
        (CompletionKind::Name(NameKind::Module), Docs::Module(path)) => outline
            .module(path)
            .is_some_and(|module| module.items.iter().any(|item| item.kind == NameKind::Tool)),
        _ => false,
    }
}

/// Whether a connection is one to tools of other programs.
fn is_server(outline: &Outline, slot: &ItemOutline) -> bool {
    slot.kind == NameKind::Connection && outline.effects_of(slot).iter().any(|effect| &*effect.name == "call")
}

fn place(here: &Here<'_, '_>) -> Option<Place> {
    let tools = here
        .path
        .iter()
        .any(|node| matches!(node, Node::Property(Property::Value(name, _)) if name.text == "tools"));
    if tools && matches!(here.around(1), Some(Node::Expr(Expr { kind: ExprKind::List(_), .. }))) {
        return Some(Place::Tool);
    }
    match here.around(1)? {
        Node::Given(given) => of_given(here, given),
        Node::Expect(_) => Some(Place::Pattern),
        _ => None,
    }
}

fn of_given(here: &Here<'_, '_>, given: &Given) -> Option<Place> {
    if given.target.range.touches(here.at) {
        return Some(Place::Pattern);
    }
    let GivenKind::Script { calls, .. } = &given.kind else { return None };
    let called = calls.iter().any(|call| call.range.touches(here.at));
    called.then(|| Place::Call(agent_of(here, given).map(tools)))
}

/// The agent that a script is of.
fn agent_of<'s>(here: &Here<'s, '_>, given: &Given) -> Option<&'s Agent> {
    let callee = match &given.target.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => &given.target,
    };
    let ExprKind::Field { base, .. } = &callee.kind else { return None };
    let agent = here
        .facts
        .references
        .iter()
        .find(|reference| reference.kind == NameKind::Agent && reference.range.end == base.range.end)?;
    let span = agent.site.span;
    match &here.tried.item_at(span.file, span.range.start)?.item.kind {
        ItemKind::Agent(agent) => Some(agent),
        _ => None,
    }
}

/// What an agent has for tools: their names, and those of the modules that they are named with.
fn tools(agent: &Agent) -> Vec<String> {
    let named = |expr: &Expr| match &expr.kind {
        ExprKind::Name(name) => vec![name.text.clone()],
        ExprKind::Field { base, name, .. } => match &base.kind {
            ExprKind::Name(module) => vec![module.text.clone(), name.text.clone()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let list = agent.properties.iter().find_map(|property| match property {
        Property::Value(name, value) if name.text == "tools" => match &value.kind {
            ExprKind::List(tools) => Some(tools),
            _ => None,
        },
        _ => None,
    });
    list.into_iter().flatten().flat_map(named).collect()
}

/// Which tools may need a yes: those of the agent that have no line yet.
pub(super) fn approvable(here: &Here<'_, '_>) -> Vec<Completion> {
    let Some(Node::Item(Item { kind: ItemKind::Agent(agent), .. })) = here.path.first() else {
        return Vec::new();
    };
    let taken = |path: &Path| path.names.last().map(|name| name.text.clone());
    let pairs = agent.properties.iter().filter_map(|property| match property {
        Property::Approve(_, pairs) => Some(pairs),
        _ => None,
    });
    let taken: Vec<String> = pairs.flatten().filter_map(|(path, _)| taken(path)).collect();
    let outline = &here.tried.checked.outline;
    let mut found = name::of_kinds(here, &[NameKind::Tool, NameKind::Connection]);
    found.retain(|c| has_tools(outline, c) && !taken.contains(&c.label));
    let own = tools(agent);
    if !own.is_empty() {
        found.retain(|c| own.contains(&c.label));
    }
    if !named(here.cursor) {
        for completion in &mut found {
            completion.snippet = Some(format!("{}: ${{1:group}}", completion.insert));
            completion.insert = format!("{}: ", completion.insert);
        }
    }
    found
}

/// Whether a colon follows already.
fn named(cursor: &Cursor<'_>) -> bool {
    let rest = cursor.text.get(cursor.offset as usize..).unwrap_or_default();
    rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start().starts_with(':')
}

/// A tool's call as an agent makes it in a test: with everything that has to be handed over.
fn said(cursor: &Cursor<'_>, item: &ItemOutline) -> Option<String> {
    let callable: &Callable = item.callable.as_ref().filter(|_| !cursor.called())?;
    // What the run says is no argument.
    let by_run = |name: &str| matches!(name, "sender" | "conversation");
    let needed = callable.params.iter().filter(|param| {
        param.default.is_none() && !matches!(param.ty, Type::Optional(_)) && !by_run(&param.name)
    });
    let arguments: Vec<String> = needed
        .enumerate()
        .map(|(at, param)| {
            let at = at.saturating_add(1);
            let value = match &param.ty {
                Type::Text => format!("\"${{{at}:{}}}\"", param.name),
                Type::Int | Type::Number => format!("${{{at}:1}}"),
                Type::Bool => format!("${{{at}:true}}"),
                Type::Money => format!("${{{at}:10 EUR}}"),
                Type::Duration => format!("${{{at}:1h}}"),
                _ => format!("${{{at}:_}}"),
            };
            format!("{}: {value}", param.name)
        })
        .collect();
    Some(format!("{}({})", item.name, arguments.join(", ")))
}
