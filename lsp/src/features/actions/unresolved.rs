//! Names that mean nothing yet: what they might mean, brought in or made.

use super::ActionKind::Fix;
use super::Here;
use super::catalog::{Offer, anywhere, inside};
use super::change::Change;
use super::fixes::at_place;
use super::place::Place;
use crate::features::formatting::Replacement;
use carapace_check::NameKind;
use carapace_diagnostic::{Diagnostic, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::{Arg, Expr, ExprKind, ItemKind, Stmt, StmtKind};
use carapace_syntax::walk::Node;

/// `there is no x here`.
const UNKNOWN_NAME: &str = "E0101";
/// `there is no type X`.
const UNKNOWN_TYPE: &str = "E0105";

pub(super) const OFFERS: &[Offer] = &[
    anywhere("add-use", Fix, "brings the module in that a name belongs to", add_use),
    inside("create-function", Fix, "makes the function that is called and not there", create_function),
    inside("create-flow", Fix, "makes the sub-flow that is called and not there", create_flow),
    inside("create-tool", Fix, "makes the tool that an agent names and that is not there", create_tool),
    inside("create-const", Fix, "makes the `const` that is named and not there", create_const),
    inside("create-setting", Fix, "makes the `setting` that is named and not there", create_setting),
    inside("create-state", Fix, "makes the `state` that is written and not there", create_state),
    inside("create-variable", Fix, "makes the `var` that is assigned to and not there", create_variable),
    inside("create-type", Fix, "makes the type that is named and not there", create_type),
    inside("let-to-var", Fix, "makes a `var` of the `let` that is assigned to", let_to_var),
];

/// A name at the place that nothing has, by the code of its mistake.
fn unknown<'a>(here: Here<'a>, code: &str) -> Option<(&'a Diagnostic, &'a str)> {
    let told = at_place(here).find(|told| told.code.0 == code)?;
    let range = told.primary.span.range;
    let name = here.snapshot.text(here.file).get(range.start as usize..range.end as usize)?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && !name.is_empty()).then_some((told, name))
}

fn add_use(here: Here<'_>) -> Vec<Change> {
    let found = unknown(here, UNKNOWN_NAME).or_else(|| unknown(here, UNKNOWN_TYPE));
    let Some((told, name)) = found else { return Vec::new() };
    let (snapshot, outline) = (here.snapshot, &here.snapshot.checked.outline);
    let Some(own) = snapshot.module(here.file).map(|module| module.module) else { return Vec::new() };
    let known = outline.modules_in_scope(own);
    let range = told.primary.span.range;
    let dotted = snapshot.text(here.file).get(range.end as usize..).is_some_and(|rest| rest.starts_with('.'));
    let mut made = Vec::new();
    for module in outline.modules().filter(|module| *module.path != **own && !module.prelude) {
        let Some(last) = module.path.rsplit('/').next() else { continue };
        let here_already = known.iter().find(|(_, other)| other.path == module.path).map(|(alias, _)| alias);
        if dotted && last == name && here_already.is_none() {
            let edits = vec![use_line(here, &module.path)];
            made.push(
                Change::of(here.file, format!("bring in `{}`", module.path), edits)
                    .mending(vec![told.code.0]),
            );
        }
        let has = module.items.iter().any(|item| *item.name == *name && item.kind != NameKind::Broken);
        if !dotted && has {
            let alias = here_already.map_or(last, |alias| alias);
            let mut edits = vec![Replacement {
                range: TextRange::new(range.start, range.start),
                text: format!("{alias}."),
            }];
            if here_already.is_none() {
                edits.push(use_line(here, &module.path));
            }
            let title = format!("take `{name}` of `{}`", module.path);
            made.push(Change::of(here.file, title, edits).mending(vec![told.code.0]));
        }
    }
    made
}

/// `use path`, behind the last one there is; else in front of everything but what is said of the file itself.
fn use_line(here: Here<'_>, path: &str) -> Replacement {
    let text = here.snapshot.text(here.file);
    let mut at = None;
    let mut first = None;
    for (offset, item) in here.snapshot.items(here.file) {
        first.get_or_insert(offset);
        if matches!(item.kind, ItemKind::Use(_)) {
            at = Some(offset.saturating_add(item.range.end));
        }
    }
    match (at, first) {
        (Some(at), _) => Replacement { range: TextRange::new(at, at), text: format!("\nuse {path}") },
        (None, Some(at)) => {
            let gap = if text.get(at as usize..).is_some_and(|t| t.is_empty()) { "" } else { "\n" };
            Replacement { range: TextRange::new(at, at), text: format!("use {path}\n{gap}") }
        }
        (None, None) => Replacement { range: TextRange::new(0, 0), text: format!("use {path}\n") },
    }
}

/// A call of a bare name that nothing has.
fn missing_call<'a>(place: &Place<'a>) -> Option<(&'a str, &'a Expr, &'a [Arg], Node<'a>)> {
    let (_, name) = unknown(place.here, UNKNOWN_NAME)?;
    place.exprs().find_map(|(expr, parent)| match &expr.kind {
        ExprKind::Call { callee, args, .. } => match &callee.kind {
            ExprKind::Name(called) if called.text == name => Some((name, expr, args.as_slice(), parent)),
            _ => None,
        },
        _ => None,
    })
}

/// The parameters that suit arguments.
fn params(place: &Place<'_>, args: &[Arg]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    let mut made = Vec::new();
    for arg in args {
        let wish = match (&arg.name, &arg.value.kind) {
            (Some(name), _) | (None, ExprKind::Name(name)) | (None, ExprKind::Field { name, .. }) => {
                name.text.clone()
            }
            _ => "value".to_owned(),
        };
        let numbered = (2..100).map(|n| format!("{wish}{n}"));
        let name = std::iter::once(wish.clone()).chain(numbered).find(|n| !names.contains(n))?;
        let ty =
            type_of(place, &arg.value).and_then(|ty| place.written(&ty)).unwrap_or_else(|| "Text".to_owned());
        made.push(format!("{name}: {ty}"));
        names.push(name);
    }
    Some(made.join(", "))
}

/// The type of an expression, also where a mistake around it kept the checker from looking.
fn type_of(place: &Place<'_>, expr: &Expr) -> Option<Type> {
    if let Some(known) = place.type_of(expr.range) {
        return Some(known.clone());
    }
    Some(match &expr.kind {
        ExprKind::Int(_) => Type::Int,
        ExprKind::Number(_) => Type::Number,
        ExprKind::Bool(_) => Type::Bool,
        ExprKind::Duration(_) => Type::Duration,
        ExprKind::Money(..) => Type::Money,
        ExprKind::Text(_) => Type::Text,
        ExprKind::Paren(inner) => return type_of(place, inner),
        ExprKind::Name(name) => {
            let known = place.locals(name.range.start);
            known.iter().find(|local| *local.name == *name.text)?.ty.clone()
        }
        ExprKind::Field { base, name, .. } => {
            let fields = place.outline().fields(&type_of(place, base)?);
            fields.into_iter().find(|field| *field.name == *name.text)?.ty
        }
        _ => return None,
    })
}

/// The type that is wanted where an expression stands; nothing where its value is thrown away.
fn wanted(place: &Place<'_>, expr: &Expr, parent: Node<'_>) -> Option<Type> {
    match parent {
        Node::Stmt(Stmt { kind: StmtKind::Expr(_), .. }) => None,
        Node::Stmt(Stmt { kind: StmtKind::Return(_), .. }) => match &place.item.kind {
            ItemKind::Fn(function) => function.result.as_ref().and_then(|ty| named(place.slice(ty.range))),
            _ => None,
        }
        .or(Some(Type::Text)),
        Node::Stmt(Stmt {
            kind: StmtKind::Let { ty: Some(ty), .. } | StmtKind::Var { ty: Some(ty), .. },
            ..
        }) => named(place.slice(ty.range)).or(Some(Type::Text)),
        Node::Arg(_) => of_argument(place, expr).or(Some(Type::Text)),
        Node::Expr(Expr { kind: ExprKind::If(branch), .. }) if branch.cond.range == expr.range => {
            Some(Type::Bool)
        }
        Node::Expr(Expr { kind: ExprKind::Binary(op, a, b), .. }) => {
            use carapace_syntax::ast::BinaryOp::{And, Or};
            let other = if a.range == expr.range { b } else { a };
            match op {
                And | Or => Some(Type::Bool),
                _ => type_of(place, other).or(Some(Type::Int)),
            }
        }
        Node::Expr(Expr { kind: ExprKind::Cond { subject, op, .. }, .. }) => {
            use carapace_syntax::ast::CondOp::{Eq, Ge, Gt, Le, Lt, Ne};
            let other = match op {
                Eq(r) | Ne(r) | Lt(r) | Le(r) | Gt(r) | Ge(r) => {
                    if subject.range == expr.range {
                        r
                    } else {
                        subject
                    }
                }
                _ => return Some(Type::Text),
            };
            type_of(place, other).or(Some(Type::Text))
        }
        _ => Some(Type::Text),
    }
}

fn of_argument(place: &Place<'_>, expr: &Expr) -> Option<Type> {
    let call = place.exprs().skip(1).find_map(|(outer, _)| place.call(outer.range))?;
    let known = call.args.iter().find(|arg| arg.range == expr.range)?;
    call.params.get(known.param as usize).filter(|ty| !matches!(ty, Type::Error)).cloned()
}

fn named(written: &str) -> Option<Type> {
    [Type::Bool, Type::Int, Type::Number, Type::Text, Type::Duration, Type::Money, Type::Time]
        .into_iter()
        .find(|ty| format!("{ty:?}") == written)
}

fn create_function(place: &Place<'_>) -> Vec<Change> {
    let Some((name, expr, args, parent)) = missing_call(place) else { return Vec::new() };
    let Some(ty) = wanted(place, expr, parent) else { return Vec::new() };
    let made = || Some((params(place, args)?, place.written(&ty)?, place.filler("", &ty)?));
    let Some((params, result, value)) = made() else { return Vec::new() };
    let item = place.item_behind(&format!("fn {name}({params}) -> {result} = {value}"));
    vec![place.change(format!("make a function `{name}`"), vec![item]).mending(vec![UNKNOWN_NAME])]
}

fn create_flow(place: &Place<'_>) -> Vec<Change> {
    let Some((name, expr, args, parent)) = missing_call(place).filter(|_| place.acts()) else {
        return Vec::new();
    };
    let in_an_argument = matches!(parent, Node::Expr(Expr { kind: ExprKind::Text(_), .. }));
    let Some(params) = params(place, args).filter(|_| !in_an_argument) else { return Vec::new() };
    let text = match wanted(place, expr, parent) {
        None => format!("flow {name}({params}) {{\nlog(\"{name}\")\n}}"),
        Some(ty) => {
            let (Some(result), Some(value)) = (place.written(&ty), place.filler("", &ty)) else {
                return Vec::new();
            };
            format!("flow {name}({params}) -> {result} {{\nreturn {value}\n}}")
        }
    };
    vec![
        place
            .change(format!("make a sub-flow `{name}`"), vec![place.item_behind(&text)])
            .mending(vec![UNKNOWN_NAME]),
    ]
}

fn create_tool(place: &Place<'_>) -> Vec<Change> {
    let Some((_, name)) = unknown(place.here, UNKNOWN_NAME) else { return Vec::new() };
    if !matches!(place.item.kind, ItemKind::Agent(_)) {
        return Vec::new();
    }
    let text = format!(
        "/// What it does, for the model to read.\ntool {name}(what: Text) -> Text {{\nreturn what\n}}"
    );
    vec![
        place
            .change(format!("make a tool `{name}`"), vec![place.item_behind(&text)])
            .mending(vec![UNKNOWN_NAME]),
    ]
}

/// A bare name that nothing has and that is not called, with the type that is wanted of it.
fn missing_value<'a>(place: &Place<'a>) -> Option<(&'a str, Type)> {
    let (_, name) = unknown(place.here, UNKNOWN_NAME)?;
    let (expr, parent) =
        place.exprs().find(|(expr, _)| matches!(&expr.kind, ExprKind::Name(n) if n.text == name))?;
    let called = match parent {
        Node::Expr(Expr { kind: ExprKind::Call { callee, .. }, .. }) => callee.range == expr.range,
        Node::Expr(Expr { kind: ExprKind::Field { .. } | ExprKind::Index { .. }, .. }) => true,
        Node::Stmt(Stmt { kind: StmtKind::Set { target, .. }, .. }) => target.range == expr.range,
        _ => false,
    };
    let written = place.acts() || matches!(place.item.kind, ItemKind::Fn(_) | ItemKind::Const(_));
    let ty = wanted(place, expr, parent).unwrap_or(Type::Text);
    (!called && written).then_some((name, ty))
}

fn create_const(place: &Place<'_>) -> Vec<Change> {
    let Some((name, ty)) = missing_value(place) else { return Vec::new() };
    let Some(value) = place.filler("", &ty) else { return Vec::new() };
    let item = place.item_before(&format!("const {name} = {value}"));
    vec![place.change(format!("make a constant `{name}`"), vec![item]).mending(vec![UNKNOWN_NAME])]
}

fn create_setting(place: &Place<'_>) -> Vec<Change> {
    let Some((name, ty)) = missing_value(place).filter(|_| place.acts()) else { return Vec::new() };
    let (Some(written), Some(value)) = (place.written(&ty), place.filler("", &ty)) else { return Vec::new() };
    let item = place.item_before(&format!("setting {name}: {written} = {value}"));
    vec![place.change(format!("make a setting `{name}`"), vec![item]).mending(vec![UNKNOWN_NAME])]
}

/// The statement at the cursor.
fn statement<'a>(place: &Place<'a>) -> Option<&'a Stmt> {
    place.innermost(|node| match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    })
}

fn create_state(place: &Place<'_>) -> Vec<Change> {
    let Some((told, name)) = unknown(place.here, UNKNOWN_NAME) else { return Vec::new() };
    let Some(Stmt { kind: StmtKind::Set { target, key, value }, .. }) = statement(place) else {
        return Vec::new();
    };
    if target.range.shift(place.offset) != told.primary.span.range {
        return Vec::new();
    }
    let made = || {
        let ty = type_of(place, value)?;
        let by = match key {
            Some(key) => format!(" by {}", place.written(&type_of(place, key)?)?),
            None => String::new(),
        };
        Some(format!("state {name}: {} = {}{by}", place.written(&ty)?, place.filler("", &ty)?))
    };
    let Some(item) = made() else { return Vec::new() };
    vec![
        place
            .change(format!("make a state `{name}`"), vec![place.item_before(&item)])
            .mending(vec![UNKNOWN_NAME]),
    ]
}

fn create_variable(place: &Place<'_>) -> Vec<Change> {
    let Some((told, _)) = unknown(place.here, UNKNOWN_NAME) else { return Vec::new() };
    let Some(Stmt { kind: StmtKind::Assign { name, .. }, range, .. }) = statement(place) else {
        return Vec::new();
    };
    if name.range.shift(place.offset) != told.primary.span.range {
        return Vec::new();
    }
    let edit = place.insert(range.start, "var ");
    vec![place.change(format!("make a variable `{}`", name.text), vec![edit]).mending(vec![UNKNOWN_NAME])]
}

fn create_type(place: &Place<'_>) -> Vec<Change> {
    let Some((_, name)) = unknown(place.here, UNKNOWN_TYPE) else { return Vec::new() };
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Vec::new();
    }
    let item = place.item_before(&format!("type {name} {{\nname: Text\n}}"));
    vec![place.change(format!("make a type `{name}`"), vec![item]).mending(vec![UNKNOWN_TYPE])]
}

fn let_to_var(place: &Place<'_>) -> Vec<Change> {
    let Some(Stmt { kind: StmtKind::Assign { name, .. }, .. }) = statement(place) else { return Vec::new() };
    let own = name.range.shift(place.offset);
    let Some(told) = at_place(place.here).find(|told| told.is_error() && told.primary.span.range == own)
    else {
        return Vec::new();
    };
    let known = place.locals(name.range.start);
    let Some(local) = known.iter().find(|l| *l.name == *name.text && l.kind == NameKind::Local) else {
        return Vec::new();
    };
    let at = local.site.span.range.start.saturating_sub(place.offset);
    let Some(word) = place.word_before("let", at) else { return Vec::new() };
    let direct = place.slice(TextRange::new(word.end, at)).trim().is_empty();
    let declared = place.path.iter().any(|node| match node {
        Node::Block(block) => block
            .stmts
            .iter()
            .any(|s| matches!(&s.kind, StmtKind::Let { name, .. } if name.range.start == at)),
        _ => false,
    });
    if !direct || !declared {
        return Vec::new();
    }
    vec![place.replace(format!("make `{}` a `var`", name.text), word, "var").mending(vec![told.code.0])]
}
