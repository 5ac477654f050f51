//! What stands behind something that happens: how often, how long, what else.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::{Place, is_single};
use carapace_check::NameKind;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_module::signature::DeliveryClass;
use carapace_syntax::ast::{Delivery, Expr, ExprKind, StmtKind, Suffixes, Within};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("add-retry", Rewrite, "tries an effect or a call of a sub-flow again when it fails", retry),
    inside("add-within", Rewrite, "says how long something may take, with what happens else", within),
    inside("add-else", Rewrite, "says what happens when an effect, a call or a block fails", otherwise),
    inside("add-undo", Rewrite, "says what takes a step back when a later one fails", undo),
    inside("at-most-once", Rewrite, "chooses that an effect rather does not happen than twice", at_most_once),
    inside("at-least-once", Rewrite, "chooses that an effect rather happens twice than not", at_least_once),
    inside(
        "add-on-unknown",
        Rewrite,
        "says what the flow does when nobody can know whether a step happened",
        on_unknown,
    ),
    inside(
        "name-the-wait",
        Rewrite,
        "gives a wait a name, so that runs that stand there can be moved",
        label,
    ),
    inside("else-to-block", Rewrite, "turns `else value` into `else { value }`", to_block),
    inside("else-to-value", Rewrite, "turns `else { value }` into `else value`", to_value),
    inside("name-the-error", Rewrite, "names the error of an `else { … }`", name_error),
    inside("else-to-coalesce", Rewrite, "turns `x else value` into `x ?? value`", to_coalesce),
    inside("coalesce-to-else", Rewrite, "turns `x ?? value` into `x else value`", from_coalesce),
];

/// The suffixes in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Retry,
    Within,
    Undo,
    Delivery,
    Unknown,
    Else,
    Label,
}

/// Something that happens, and what stands behind it.
struct Step<'a> {
    base: &'a Expr,
    whole: TextRange,
    suffixes: Option<&'a Suffixes>,
}

impl Step<'_> {
    /// Where each of its suffixes begins.
    fn starts(&self, place: &Place<'_>) -> Vec<(Rank, u32)> {
        let Some(s) = self.suffixes else { return Vec::new() };
        let mut found = Vec::new();
        let mut word = |rank, word: &str, before: u32| {
            found.extend(place.word_before(word, before).map(|range| (rank, range.start)));
        };
        if let Some(retry) = &s.retry {
            word(Rank::Retry, "retry", retry.count.range.start);
        }
        match &s.within {
            Some(Within::For(e)) => word(Rank::Within, "within", e.range.start),
            Some(Within::Until(e)) => word(Rank::Within, "until", e.range.start),
            None => {}
        }
        if let Some(undo) = &s.undo {
            word(Rank::Undo, "undo", undo.body.range.start);
        }
        if let Some(unknown) = &s.on_unknown {
            word(Rank::Unknown, "on", unknown.range.start);
        }
        if let Some(otherwise) = &s.otherwise {
            word(Rank::Else, "else", otherwise.value.range.start);
        }
        if let Some(label) = &s.label {
            word(Rank::Label, "as", label.range.start);
        }
        found.extend(s.delivery.map(|(_, range)| (Rank::Delivery, range.start)));
        found.sort_unstable();
        found
    }

    fn has(&self, rank: Rank, place: &Place<'_>) -> bool {
        self.starts(place).iter().any(|(known, _)| *known == rank)
    }
}

/// The step at the cursor: a call that is one, or the first word of a block that waits.
fn step<'a>(place: &Place<'a>) -> Option<Step<'a>> {
    let (base, parent) = place.exprs().find(|(expr, _)| happens(place, expr))?;
    let head = match &base.kind {
        ExprKind::Call { .. } | ExprKind::Await(_) => base.range,
        _ => TextRange::new(base.range.start, base.range.start.saturating_add(8)),
    };
    if !place.within(head) || in_a_block_of(place, base) {
        return None;
    }
    let (whole, suffixes, home) = match parent {
        Node::Expr(Expr { kind: ExprKind::Suffixed { base: inner, suffixes }, range, .. })
            if inner.range == base.range =>
        {
            let at = place.path.iter().position(|node| *node == parent)?;
            (*range, Some(&**suffixes), *place.path.get(at.checked_sub(1)?)?)
        }
        other => (base.range, None, other),
    };
    let whole_statement = match home {
        Node::Stmt(stmt) => match &stmt.kind {
            StmtKind::While { .. } | StmtKind::Repeat { .. } => false,
            StmtKind::Expr(_)
            | StmtKind::Let { .. }
            | StmtKind::Var { .. }
            | StmtKind::Assign { .. }
            | StmtKind::Set { .. }
            | StmtKind::Return(_) => true,
            _ => false,
        },
        Node::Arm(arm) => arm.body.range == whole,
        Node::Branch(_) => true,
        _ => false,
    };
    (whole_statement && place.acts()).then_some(Step { base, whole, suffixes })
}

/// Whether the cursor stands in a block inside of the expression.
fn in_a_block_of(place: &Place<'_>, expr: &Expr) -> bool {
    place
        .path
        .iter()
        .rev()
        .take_while(|node| **node != Node::Expr(expr))
        .any(|node| matches!(node, Node::Block(_)))
}

fn happens(place: &Place<'_>, expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Await(_) | ExprKind::Parallel(_) | ExprKind::Race(_) | ExprKind::Do(_) => true,
        ExprKind::Call { .. } => place.call(expr.range).is_some_and(|call| {
            matches!(call.kind, NameKind::Effect | NameKind::Flow | NameKind::Tool)
                && call.result != Type::Never
        }),
        _ => false,
    }
}

/// The class of the effect that is called; none where something else is.
fn class(place: &Place<'_>, step: &Step<'_>) -> Option<DeliveryClass> {
    let call = place.call(step.base.range)?;
    Some(place.callee(call)?.effect.as_ref()?.class)
}

/// Whether it is an effect that the engine performs.
fn by_the_engine(place: &Place<'_>, step: &Step<'_>) -> bool {
    matches!(class(place, step), Some(DeliveryClass::Engine))
}

/// Puts a suffix in where the order wants it.
fn put(place: &Place<'_>, step: &Step<'_>, rank: Rank, title: &str, text: &str) -> Vec<Change> {
    let starts = step.starts(place);
    if starts.iter().any(|(known, _)| *known == rank) {
        return Vec::new();
    }
    let next = starts.iter().find(|(known, _)| *known > rank);
    let edit = match next {
        Some((_, at)) => place.insert(*at, format!("{text} ")),
        None => place.insert(step.whole.end, format!(" {text}")),
    };
    vec![place.change(title, vec![edit])]
}

fn retry(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place).filter(|step| !by_the_engine(place, step)) else { return Vec::new() };
    if matches!(step.base.kind, ExprKind::Await(_)) {
        return Vec::new();
    }
    put(place, &step, Rank::Retry, "try again when it fails", "retry 3")
}

fn within(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place) else { return Vec::new() };
    let engine = by_the_engine(place, &step);
    let waits = place
        .call(step.base.range)
        .and_then(|call| place.callee(call)?.effect.as_ref())
        .is_some_and(|e| e.waits);
    let sleeps = place.call(step.base.range).is_some_and(|call| call.result == Type::Nothing) && engine;
    if engine && !waits || sleeps {
        return Vec::new();
    }
    let mut text = "within 1h".to_owned();
    if !step.has(Rank::Else, place) && step.suffixes.is_none() {
        text.push_str(&format!(" {}", way_out(place, &step)));
    }
    put(place, &step, Rank::Within, "say how long it may take", &text)
}

fn otherwise(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place).filter(|step| !by_the_engine(place, step) || has_answer(place, step)) else {
        return Vec::new();
    };
    put(place, &step, Rank::Else, "say what happens when it fails", &way_out(place, &step))
}

/// Whether what the engine does gives something, and so may fail: a question.
fn has_answer(place: &Place<'_>, step: &Step<'_>) -> bool {
    place.call(step.base.range).is_some_and(|call| call.result != Type::Nothing)
}

/// An `else` that suits every type: the run ends, and says why.
fn way_out(place: &Place<'_>, step: &Step<'_>) -> String {
    let name = place.free_name("problem");
    let says = format!("{}: {{{name}.message}}", what(place, step));
    format!("else {name} {{\nfail(\"{says}\")\n}}")
}

/// What a step is called in a message.
fn what(place: &Place<'_>, step: &Step<'_>) -> String {
    place
        .call(step.base.range)
        .and_then(|call| place.callee(call))
        .map_or("it failed".to_owned(), |item| item.name.to_string())
}

fn undo(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place).filter(|step| !by_the_engine(place, step)) else { return Vec::new() };
    if !matches!(step.base.kind, ExprKind::Call { .. }) {
        return Vec::new();
    }
    let text = format!("undo {{\nlog(\"take {} back\")\n}}", what(place, &step));
    put(place, &step, Rank::Undo, "say what takes it back", &text)
}

fn at_most_once(place: &Place<'_>) -> Vec<Change> {
    deliver(place, Delivery::AtMostOnce, "at most once", "let it happen at most once")
}

fn at_least_once(place: &Place<'_>) -> Vec<Change> {
    deliver(place, Delivery::AtLeastOnce, "at least once", "let it happen at least once")
}

fn deliver(place: &Place<'_>, wanted: Delivery, text: &str, title: &str) -> Vec<Change> {
    let Some(step) = step(place) else { return Vec::new() };
    let chosen = matches!(
        class(place, &step),
        Some(
            DeliveryClass::Blind | DeliveryClass::Probe | DeliveryClass::Keyed(_) | DeliveryClass::OfChannel
        )
    );
    match step.suffixes.and_then(|s| s.delivery) {
        Some((known, range)) if known != wanted => vec![place.replace(title, range, text)],
        None if chosen => put(place, &step, Rank::Delivery, title, text),
        _ => Vec::new(),
    }
}

fn on_unknown(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place) else { return Vec::new() };
    let told = matches!(
        class(place, &step),
        Some(
            DeliveryClass::Blind | DeliveryClass::Probe | DeliveryClass::Keyed(_) | DeliveryClass::OfChannel
        )
    );
    if !told {
        return Vec::new();
    }
    let text = format!("on unknown {{\nfail(\"nobody knows what became of {}\")\n}}", what(place, &step));
    put(place, &step, Rank::Unknown, "say what happens when nobody knows", &text)
}

fn label(place: &Place<'_>) -> Vec<Change> {
    let Some(step) = step(place).filter(|step| by_the_engine(place, step)) else { return Vec::new() };
    let call = place.call(step.base.range).and_then(|call| place.callee(call));
    if !call.is_some_and(|item| matches!(&*item.name, "wait" | "wait_until")) {
        return Vec::new();
    }
    let name = place.free_name("waiting");
    put(place, &step, Rank::Label, "give the wait a name", &format!("as {name}"))
}

/// The `else` that the selection is in, but not in a block inside of it, with the expression it belongs to.
fn other<'a>(place: &Place<'a>) -> Option<(&'a Expr, &'a Expr, &'a Suffixes)> {
    let at = place
        .path
        .iter()
        .rposition(|node| matches!(node, Node::Expr(Expr { kind: ExprKind::Suffixed { .. }, .. })))?;
    let Some(Node::Expr(whole)) = place.path.get(at) else { return None };
    let ExprKind::Suffixed { base, suffixes } = &whole.kind else { return None };
    let otherwise = suffixes.otherwise.as_ref()?;
    let start = place.word_before("else", otherwise.value.range.start)?.start;
    let body = matches!(&otherwise.value.kind, ExprKind::Do(_));
    let end = if body { otherwise.value.range.start.saturating_add(1) } else { otherwise.value.range.end };
    place.within(TextRange::new(start, end)).then_some((whole, base, suffixes))
}

fn to_block(place: &Place<'_>) -> Vec<Change> {
    let Some((_, _, suffixes)) = other(place) else { return Vec::new() };
    let Some(otherwise) = suffixes.otherwise.as_ref().filter(|o| !matches!(o.value.kind, ExprKind::Do(_)))
    else {
        return Vec::new();
    };
    let inner = match &otherwise.value.kind {
        ExprKind::Paren(inner) => inner,
        _ => &otherwise.value,
    };
    let text = format!("{{ {} }}", place.slice(inner.range));
    vec![place.replace("turn the value into a block", otherwise.value.range, text)]
}

fn to_value(place: &Place<'_>) -> Vec<Change> {
    let Some((_, _, suffixes)) = other(place) else { return Vec::new() };
    let Some(otherwise) = suffixes.otherwise.as_ref().filter(|o| o.error.is_none()) else {
        return Vec::new();
    };
    let ExprKind::Do(block) = &otherwise.value.kind else { return Vec::new() };
    let [only] = block.stmts.as_slice() else { return Vec::new() };
    let StmtKind::Expr(value) = &only.kind else { return Vec::new() };
    let text = place.slice(value.range);
    let nothing = place.type_of(value.range).is_none_or(|ty| matches!(ty, Type::Nothing | Type::Never));
    if nothing || text.contains('\n') {
        return Vec::new();
    }
    let text = if is_single(value) { text.to_owned() } else { format!("({text})") };
    vec![place.replace("turn the block into a value", block.range, text)]
}

fn name_error(place: &Place<'_>) -> Vec<Change> {
    let Some((_, base, suffixes)) = other(place) else { return Vec::new() };
    let Some(otherwise) = suffixes.otherwise.as_ref().filter(|o| o.error.is_none()) else {
        return Vec::new();
    };
    let ExprKind::Do(block) = &otherwise.value.kind else { return Vec::new() };
    if !happens(place, base) {
        return Vec::new();
    }
    let name = place.free_name("problem");
    vec![place.change(
        format!("name the error `{name}`"),
        vec![place.insert(block.range.start, format!("{name} "))],
    )]
}

fn to_coalesce(place: &Place<'_>) -> Vec<Change> {
    let Some((whole, base, suffixes)) = other(place) else { return Vec::new() };
    let Some(otherwise) = suffixes.otherwise.as_ref().filter(|o| is_single(&o.value)) else {
        return Vec::new();
    };
    let missing = matches!(place.type_of(base.range), Some(Type::Optional(_))) && !happens(place, base);
    if !missing || !is_single(base) {
        return Vec::new();
    }
    let text = format!("{} ?? {}", place.slice(base.range), place.slice(otherwise.value.range));
    vec![place.replace("write it with `??`", whole.range, text)]
}

fn from_coalesce(place: &Place<'_>) -> Vec<Change> {
    let Some((whole, parent)) = place
        .exprs()
        .find(|(e, _)| matches!(&e.kind, ExprKind::Binary(carapace_syntax::ast::BinaryOp::Coalesce, ..)))
    else {
        return Vec::new();
    };
    let ExprKind::Binary(_, left, right) = &whole.kind else { return Vec::new() };
    let alone = matches!(parent, Node::Stmt(stmt) if matches!(stmt.kind, StmtKind::Let { .. } | StmtKind::Var { .. }));
    let between = TextRange::new(left.range.end, right.range.start);
    if !alone || !place.within(between) || !is_single(left) || happens(place, left) {
        return Vec::new();
    }
    let value = place.slice(right.range);
    let value = if is_single(right) { value.to_owned() } else { format!("({value})") };
    vec![place.replace(
        "write it with `else`",
        whole.range,
        format!("{} else {value}", place.slice(left.range)),
    )]
}
