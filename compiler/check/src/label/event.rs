//! What events bring.

use super::path::{self, What};
use super::shape::Shape;
use super::solve::{ContextId, Shared, Solver};
use crate::tree::{Flow, FlowId, WaitFor};
use carapace_diagnostic::Span;
use carapace_module::Type;
use carapace_module::signature::TriggerSpec;
use std::sync::Arc;

/// The fields of the event that starts a flow; with several triggers, of any of them.
pub(super) fn of_flow<'p>(
    solver: &mut Solver<'p>,
    context: ContextId,
    id: FlowId,
    flow: &'p Flow,
) -> Vec<Shape<'p>> {
    let span = solver.declared.flows.get(id.0 as usize).and_then(|d| d.triggers).unwrap_or(flow.span);
    let mut all = vec![Shape::CLEAN; flow.params.len()];
    for trigger in &flow.triggers {
        for (shape, (name, ty)) in all.iter_mut().zip(&trigger.fields) {
            *shape = shape.join(&field(solver, context, &trigger.spec, name, ty, span));
        }
    }
    all
}

/// The record of an event that is waited for.
pub(super) fn of_wait<'p>(
    solver: &mut Solver<'p>,
    context: ContextId,
    wait: &'p WaitFor,
    span: Span,
) -> Shape<'p> {
    let fields = wait.fields.iter();
    Shape::parts(fields.map(|(name, ty)| field(solver, context, &wait.trigger, name, ty, span)).collect())
}

fn field<'p>(
    solver: &mut Solver<'p>,
    context: ContextId,
    spec: &TriggerSpec,
    name: &Arc<str>,
    ty: &Type,
    span: Span,
) -> Shape<'p> {
    let trail = path::begin(span, What::Event(name.clone()));
    match spec {
        // What a person writes behind a command may name anybody.
        TriggerSpec::Command { args, .. } if args.iter().any(|(arg, _)| arg == name) => {
            solver.types.foreign(ty, &trail)
        }
        TriggerSpec::Channel { .. } | TriggerSpec::Command { .. } => {
            solver.types.vouched(ty, &trail, &Shape::CLEAN)
        }
        TriggerSpec::Event { name: event, .. } if **name == *"payload" => {
            let carried = solver.read_shared(Shared::Event(event.clone()), context);
            let other = solver.read_shared(Shared::Event(Arc::from("")), context);
            let received = What::Received(event.clone());
            let shape = carried.join(&other).relabelled(&mut |_, label| super::shape::Label {
                bits: label.bits,
                trail: path::step(label.trail.as_ref(), span, received.clone()),
            });
            solver.types.filtered(ty, shape)
        }
        // Which run and which flow it was, the runtime says itself.
        TriggerSpec::Failed { .. } if matches!(&**name, "run" | "flow") => Shape::CLEAN,
        TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_) | TriggerSpec::Started => {
            Shape::CLEAN
        }
        TriggerSpec::Event { .. }
        | TriggerSpec::Failed { .. }
        | TriggerSpec::Webhook { .. }
        | TriggerSpec::Manual { .. } => solver.types.foreign(ty, &trail),
    }
}
