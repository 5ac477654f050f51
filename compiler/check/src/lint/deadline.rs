//! W0309: a question that waits without end.

use super::pass::Lint;
use super::walk::{Part, Role, each_part, suffixes_of};
use crate::code;
use crate::tree::{EffectCall, ExprKind, Flow, FlowId};
use carapace_diagnostic::{Diagnostic, Span};
use carapace_module::Type;
use carapace_module::signature::DeliveryClass;
use rustc_hash::FxHashSet;

/// What a flow does without saying how long.
#[derive(Default)]
struct Endless {
    questions: Vec<(Span, String)>,
    calls: Vec<FlowId>,
    /// Flows that it starts: they have their own time.
    starts: Vec<FlowId>,
}

/// Tells the questions that nobody has to answer ever: neither they, nor anything around them, nor the flow's `timeout`
/// ends the waiting. A sub-flow waits as long as those that call it.
pub(super) fn look(lint: &mut Lint<'_>) {
    let program = lint.program;
    let all: Vec<Endless> = program.flows.iter().map(|flow| of_flow(lint, flow)).collect();
    let mut seen: FxHashSet<FlowId> = FxHashSet::default();
    let begin = (0u32..).zip(&program.flows).filter(|(_, flow)| !flow.triggers.is_empty());
    let mut queue: Vec<FlowId> = begin.map(|(index, _)| FlowId(index)).collect();
    while let Some(id) = queue.pop() {
        let Some(endless) = all.get(id.0 as usize).filter(|_| seen.insert(id)) else { continue };
        queue.extend(endless.calls.iter().chain(&endless.starts));
        for (span, name) in &endless.questions {
            if lint.is_own(span.file) {
                lint.told.push(told(*span, name));
            }
        }
    }
}

fn told(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(code::NO_DEADLINE, span, format!("nothing says how long `{name}` waits for an answer"))
        .help("say it behind the question: `within 1h else …`; or for all of the flow: `timeout 2d` in its header")
}

fn of_flow(lint: &Lint<'_>, flow: &Flow) -> Endless {
    let mut found = Endless::default();
    let bounded = flow.timeout.is_some();
    let handlers = flow.on_failure.as_ref().map(|f| &f.1).into_iter().chain(&flow.on_cancel);
    let limits = flow.limits.iter().filter_map(|l| l.otherwise.as_ref());
    for block in std::iter::once(&flow.body).chain(handlers).chain(limits) {
        gather(lint, Part::Block(block), bounded, &mut found);
    }
    found
}

fn gather(lint: &Lint<'_>, part: Part<'_>, bounded: bool, found: &mut Endless) {
    let mut inside = bounded;
    if let Part::Expr(expr) = part {
        let within = suffixes_of(expr).is_some_and(|s| s.within.is_some());
        // The other branch ends a race.
        inside = bounded || within || matches!(expr.kind, ExprKind::Race(..));
        match &expr.kind {
            ExprKind::Effect(call) if !inside && is_question(lint, call) => {
                found.questions.push((expr.span, short_name(lint, call)));
            }
            ExprKind::CallFlow(flow, ..) if !inside => found.calls.push(*flow),
            ExprKind::Start(flow, _) => found.starts.push(*flow),
            _ => {}
        }
    }
    each_part(part, &mut |role, inner| {
        gather(lint, inner, if role == Role::Inside { inside } else { bounded }, found);
    });
}

/// What the engine does itself and what goes to somebody waits for what they say.
fn is_question(lint: &Lint<'_>, call: &EffectCall) -> bool {
    let Some(effect) = lint.program.effects.get(call.effect.0 as usize) else { return false };
    let to_somebody = |ty: &Type| match ty {
        Type::Optional(inner) => lint.is_target(inner),
        other => lint.is_target(other),
    };
    effect.signature.class == DeliveryClass::Engine
        && effect.signature.params.iter().any(|(_, ty)| to_somebody(ty))
}

fn short_name(lint: &Lint<'_>, call: &EffectCall) -> String {
    let name = lint.program.effects.get(call.effect.0 as usize).map_or("", |e| &*e.signature.name);
    name.rsplit('.').next().unwrap_or(name).to_owned()
}
