//! What kind of value is wanted at the cursor, and what has that kind.

use super::complete::Here;
use super::proposal::{Completion, CompletionKind, Docs};
use carapace_check::{Call, DefinitionSite, NameKind};
use carapace_diagnostic::Span;
use carapace_module::{Type, TypeKind};
use carapace_syntax::ast::{CondOp, Expr, ExprKind, Item, Property, StmtKind};
use carapace_syntax::walk::Node;

/// The type of the value that is wanted, where the place says.
pub(super) fn wanted(here: &Here<'_, '_>) -> Option<Type> {
    let value = here.around(0)?;
    let outline = &here.tried.checked.outline;
    let declared = |name: carapace_diagnostic::TextRange| here.facts.type_of(name).cloned();
    match here.around(1)? {
        Node::Arg(_) => {
            let call = call(here)?;
            let arg = call.args.iter().find(|arg| arg.range == value.range())?;
            call.params.get(arg.param as usize).cloned()
        }
        Node::FieldInit(init) => {
            let Node::Expr(Expr { kind: ExprKind::Record { path, .. }, .. }) = here.around(2)? else {
                return None;
            };
            let ty = super::member::type_named(here, path.names.last()?)?;
            let fields = here.tried.checked.outline.fields(&ty);
            fields.into_iter().find(|field| *field.name == *init.name.text).map(|field| field.ty)
        }
        Node::Expr(Expr { kind: ExprKind::Cond { subject, op, .. }, .. }) => {
            let same = matches!(
                op,
                CondOp::Eq(_) | CondOp::Ne(_) | CondOp::Lt(_) | CondOp::Le(_) | CondOp::Gt(_) | CondOp::Ge(_)
            );
            if same && subject.range != value.range() { declared(subject.range) } else { None }
        }
        Node::Expr(Expr { kind: ExprKind::List(_), .. }) => match here.around(2)? {
            Node::Expr(Expr {
                kind: ExprKind::Cond { subject, op: CondOp::In(_) | CondOp::NotIn(_), .. },
                ..
            }) => declared(subject.range),
            _ => None,
        },
        Node::Stmt(stmt) => match &stmt.kind {
            StmtKind::Let { name, ty: Some(_), .. } | StmtKind::Var { name, ty: Some(_), .. } => {
                declared(name.range)
            }
            StmtKind::Assign { name, .. } => here
                .facts
                .references_at(name.range.end)
                .next()
                .and_then(|r| here.facts.locals.iter().find(|local| local.site == r.site))
                .map(|local| local.ty.clone()),
            StmtKind::Return(_) => match here.path.first()? {
                Node::Item(item) => declared_type(here, item),
                _ => None,
            },
            _ => None,
        },
        Node::TriggerArg(arg) => {
            let callable = outline.item(call(here)?.site)?.callable.as_ref()?;
            let name = arg.name.as_ref()?;
            callable.params.iter().find(|param| *param.name == *name.text).map(|param| param.ty.clone())
        }
        Node::Property(Property::Approve(..)) => {
            outline.of_kind(NameKind::Group).next().map(|group| group.ty.clone().optional())
        }
        Node::Property(Property::Value(name, _)) => match name.text.as_str() {
            "patience" => Some(Type::Duration),
            "model" | "embeddings" | "instructions" | "provider" => Some(Type::Text),
            "max_steps" | "max_tokens" | "window" => Some(Type::Int),
            "temperature" => Some(Type::Number),
            _ => None,
        },
        Node::Param(param) => declared(param.name.range),
        Node::Field(field) => declared(field.name.range),
        Node::Item(item) => declared_type(here, item),
        _ => None,
    }
}

/// The type of an item's value, or of what its call gives.
fn declared_type(here: &Here<'_, '_>, item: &Item) -> Option<Type> {
    let name = item.name.as_ref()?;
    let span = Span::new(here.file, name.range.shift(here.facts.offset));
    here.tried.checked.outline.item(DefinitionSite { span }).map(|item| item.ty.clone())
}

/// The call whose argument the cursor is in.
fn call<'s>(here: &Here<'s, '_>) -> Option<&'s Call> {
    let calls = here.path.iter().rev().find_map(|node| match node {
        Node::Expr(Expr { kind: ExprKind::Call { .. }, range, .. }) => Some(*range),
        Node::Trigger(trigger) => Some(trigger.range),
        _ => None,
    })?;
    here.facts.calls.iter().find(|call| call.range == calls)
}

/// Values of the wanted type.
pub(super) fn values(here: &Here<'_, '_>) -> Vec<Completion> {
    let Some(ty) = wanted(here) else { return Vec::new() };
    let outline = &here.tried.checked.outline;
    let cursor = here.cursor;
    // People and places stand for a target themselves.
    let target = outline.show(&ty).trim_end_matches('?') == "Target";
    let tags = if target { Vec::new() } else { outline.tags(&ty) };
    let mut found: Vec<Completion> = tags.iter().map(|tag| Completion::tag(cursor, tag)).collect();
    let value = |text: &str, docs: String| Completion {
        rank: 1,
        docs: Docs::Text(docs),
        ..Completion::plain(cursor, text, CompletionKind::Value)
    };
    let inner = match &ty {
        Type::Optional(inner) => {
            found.push(Completion { rank: 3, ..Completion::keyword(cursor, "none") });
            inner
        }
        other => other,
    };
    match inner {
        Type::Bool => found.extend(
            ["true", "false"].map(|word| Completion { rank: 1, ..Completion::keyword(cursor, word) }),
        ),
        Type::Duration => {
            let usual = [("30s", 30_000), ("15m", 900_000), ("1h", 3_600_000), ("1d", 86_400_000)];
            found.extend(usual.map(|(text, ms)| value(text, crate::features::hover::duration_words(ms))));
        }
        Type::Money => found.extend(
            ["EUR", "USD"]
                .map(|code| value(&format!("10 {code}"), crate::features::hover::money_words("10", code))),
        ),
        Type::Declared(id, _) => {
            if let Some(TypeKind::Record(fields)) = outline.types.get(*id).map(|def| &def.kind)
                && let Some(item) =
                    outline.of_kind(NameKind::Type).find(|item| item.ty == Type::declared(*id))
            {
                let filled: Vec<String> = fields
                    .iter()
                    .filter(|field| !matches!(field.ty, Type::Optional(_)))
                    .enumerate()
                    .map(|(at, field)| format!("{}: ${{{}}}", field.name, at.saturating_add(1)))
                    .collect();
                found.push(Completion {
                    rank: 3,
                    detail: item.signature.to_string(),
                    docs: Docs::Site(item.site),
                    snippet: Some(format!("{} {{ {} }}", item.name, filled.join(", "))),
                    ..Completion::plain(cursor, &*item.name, CompletionKind::Name(NameKind::Type))
                });
            }
        }
        _ => {}
    }
    found
}

/// Parameters of the call that have no argument yet, where the cursor is a whole argument.
pub(super) fn parameters(here: &Here<'_, '_>) -> Vec<Completion> {
    let is_arg = matches!(here.around(0), Some(Node::Arg(_)))
        || matches!(here.around(1), Some(Node::Arg(arg)) if arg.name.is_none())
        || matches!(here.around(1), Some(Node::TriggerArg(arg)) if arg.name.is_none());
    let Some(call) = is_arg.then(|| call(here)).flatten() else { return Vec::new() };
    let outline = &here.tried.checked.outline;
    let Some(callable) = outline.item(call.site).and_then(|item| item.callable.as_ref()) else {
        return Vec::new();
    };
    let given = |at: usize| {
        let by = call.args.iter().find(|arg| arg.param as usize == at);
        by.is_some_and(|arg| !arg.range.touches(here.at)) || (at == 0 && call.method)
    };
    let params = callable.params.iter().enumerate().filter(|(at, _)| !given(*at));
    params
        .map(|(_, param)| Completion {
            detail: param.text.to_string(),
            insert: format!("{}: ", param.name),
            rank: 3,
            docs: Docs::Site(param.site),
            ..Completion::plain(
                here.cursor,
                format!("{}:", param.name),
                CompletionKind::Name(NameKind::Param),
            )
        })
        .collect()
}
