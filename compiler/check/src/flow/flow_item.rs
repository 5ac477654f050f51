//! Flows, sub-flows and tools as items.

use super::function::docs;
use super::trigger::TriggerUse;
use crate::code;
use crate::collect::{Checker, DefId, World};
use crate::facts::NameKind;
use crate::infer::{Body, Mode, Want};
use crate::needs::{Entry, Node};
use crate::tree::{Block, Expr, ExprKind, Flow, FlowId, LocalId};
use carapace_module::Type;
use carapace_module::signature::Trigger;
use carapace_syntax::ast::{self, ItemKind, Name};
use std::sync::Arc;

/// The parts that flows and tools have in common.
struct Parts<'a> {
    params: &'a [ast::Param],
    header: Option<&'a ast::FlowHeader>,
    timeout: Option<&'a ast::Expr>,
    body: &'a ast::Block,
    on_failure: Option<&'a (Option<Name>, ast::Block)>,
    on_cancel: Option<&'a ast::Block>,
}

fn parts(item: &ast::Item) -> Option<Parts<'_>> {
    Some(match &item.kind {
        ItemKind::Tool(t) => Parts {
            params: &t.params,
            header: None,
            timeout: t.timeout.as_ref(),
            body: &t.body,
            on_failure: t.on_failure.as_ref(),
            on_cancel: t.on_cancel.as_ref(),
        },
        ItemKind::Flow(f) => Parts {
            params: f.params.as_deref().unwrap_or_default(),
            header: Some(&f.header),
            timeout: f.header.timeout.as_ref(),
            body: &f.body,
            on_failure: f.on_failure.as_ref(),
            on_cancel: f.on_cancel.as_ref(),
        },
        _ => return None,
    })
}

impl<'a> Checker<'a> {
    /// The number of a flow, sub-flow or tool; its body is put on the list when first asked for.
    pub(crate) fn flow(&mut self, id: DefId) -> Option<FlowId> {
        if let Some(known) = self.flows.get(&id) {
            return Some(*known);
        }
        let def = self.def(id);
        parts(def.item)?;
        let made = FlowId(u32::try_from(self.program.flows.len()).unwrap_or(u32::MAX));
        self.flows.insert(id, made);
        let span = def.at.span(def.item.range);
        self.program.flows.push(Flow {
            name: self.full_name(id),
            docs: docs(def.item),
            tool: matches!(def.item.kind, ItemKind::Tool(_)),
            triggers: Vec::new(),
            event: None,
            params: Vec::new(),
            locals: Vec::new(),
            result: Type::Error,
            body: Block { stmts: Vec::new(), value: None, span },
            guard: None,
            guard_reads_state: false,
            limits: Vec::new(),
            debounce: None,
            dedupe: None,
            serial: None,
            timeout: None,
            priority: 0,
            exclusive: false,
            observes: false,
            filter: false,
            cancellable: Vec::new(),
            on_failure: None,
            on_cancel: None,
            span,
        });
        self.queue.push(id);
        Some(made)
    }

    /// Looks at a flow's header, body and handlers.
    pub(crate) fn lower_flow(&mut self, id: DefId) {
        let Some(flow) = self.flow(id) else { return };
        let def = self.def(id);
        let (Some(parts), Some(sig)) = (parts(def.item), self.callable(id)) else { return };
        let Some(mut made) = self.program.flows.get(flow.0 as usize).cloned() else { return };
        let full = self.full_name(id);
        let verdict = self.verdict_type();
        let mut body = Body::new(self, def.at, Mode::Flow);
        made.filter = parts.header.is_some_and(|h| h.filter.is_some());
        body.no_waits = made.filter;
        made.result = if made.filter { verdict } else { sig.result.clone() };
        let entry = match parts.header {
            Some(header) if !header.triggers.is_empty() => {
                Some(body.triggers(&mut made, header, flow, &full))
            }
            _ => {
                made.params = parts
                    .params
                    .iter()
                    .zip(&sig.params)
                    .map(|(p, s)| {
                        body.note_address(&s.ty);
                        body.parameter(&p.name, s.ty.clone(), false)
                    })
                    .collect();
                None
            }
        };
        if let Some(header) = parts.header {
            body.header(&mut made, header, &full);
        }
        if let Some(timeout) = parts.timeout {
            made.timeout = body.known_duration(timeout, "a timeout");
        }
        made.body = body.flow_body(parts.body, &made.result, made.filter);
        body.handlers(&mut made, parts.on_failure, parts.on_cancel);
        if made.filter {
            made.result = Type::Bool;
        }
        made.locals = body.finish(Some(Node::Flow(flow)));
        if let Some(slot) = self.program.flows.get_mut(flow.0 as usize) {
            *slot = made;
        }
        self.graph.entries.extend(entry);
    }

    /// The library's `Verdict`, or `Bool` where it declares none.
    pub(crate) fn verdict_type(&self) -> Type {
        match self.prelude.get("Verdict").map(|id| self.def(*id).kind) {
            Some(crate::collect::DefKind::Type(ty)) => Type::declared(ty),
            _ => Type::Bool,
        }
    }
}

impl<'a> Body<'_, 'a> {
    /// Event fields into scope; several triggers have their common ones, and `trigger`.
    fn triggers(
        &mut self,
        made: &mut Flow,
        header: &'a ast::FlowHeader,
        flow: FlowId,
        full: &Arc<str>,
    ) -> Entry {
        let used: Vec<TriggerUse> = header.triggers.iter().filter_map(|t| self.trigger(t)).collect();
        let whole = used.len() == header.triggers.len();
        let mut fields: Vec<(Arc<str>, Type)> = used.first().map(|t| t.fields.clone()).unwrap_or_default();
        for other in used.iter().skip(1) {
            fields.retain(|f| other.fields.contains(f));
        }
        if used.len() > 1 {
            let tags = trigger_tags(&used).into_iter().map(|n| (n, None)).collect();
            let ty = self.cx.unnamed_union(tags);
            self.note_trigger_tags(&used, &ty);
            fields.push((Arc::from("trigger"), ty));
        }
        let trigger = header.triggers.first().map(|trigger| self.span(trigger.range));
        for (name, ty) in &fields {
            let local = self.hidden(name, ty.clone(), false);
            let declared = used.first().and_then(|t| t.sites.iter().find(|(known, _)| known == name));
            match declared {
                Some((_, site)) => self.comes_from(local, Some(*site), NameKind::EventField),
                None => self.comes_from(local, trigger, NameKind::It),
            }
            self.bring(local);
            self.note_address(ty);
            made.params.push(local);
        }
        if !whole {
            // What the lost trigger would have brought is unknown, and no second mistake.
            for name in
                ["message", "sender", "conversation", "channel", "received_at", "body", "payload", "input"]
            {
                if !fields.iter().any(|(n, _)| **n == *name) {
                    let local = self.hidden(name, Type::Error, false);
                    self.bring(local);
                }
            }
        }
        made.event = Some(self.cx.unnamed_record(fields.clone()));
        for t in &used {
            if let Some((_, channel)) = &t.kind {
                self.touch(format!("channel {channel}: on {}", t.name));
            }
        }
        let first = header
            .triggers
            .first()
            .map_or(self.at.span(carapace_diagnostic::TextRange::default()), |t| self.span(t.range));
        let entry = Entry {
            flow,
            name: full.clone(),
            fields: if whole { fields.iter().map(|(n, _)| n.clone()).collect() } else { all_needs() },
            triggers: used.iter().map(|t| t.name.clone()).collect(),
            span: first,
            kinds: used.iter().filter_map(|t| t.kind.clone()).filter_map(|(k, c)| Some((k?, c))).collect(),
        };
        made.triggers = used.into_iter().map(|t| Trigger::new(t.spec, fields.clone())).collect();
        entry
    }

    /// A tag of `trigger` is declared with its trigger.
    fn note_trigger_tags(&mut self, used: &[TriggerUse], ty: &Type) {
        if let (Type::Declared(id, _), true) = (ty, self.cx.notes.any()) {
            for (tag, trigger) in trigger_tags(used).iter().zip(used) {
                let on_channel = self.cx.triggers_on_channel.get(&*trigger.name);
                let declared = on_channel.or_else(|| self.cx.effects_on.get(&("trigger", &*trigger.name)));
                if let Some(site) = declared.map(|id| self.cx.def(*id).span()) {
                    self.cx.notes.unnamed(*id, tag, site);
                }
            }
        }
    }

    fn flow_body(&mut self, block: &'a ast::Block, result: &Type, filter: bool) -> Block {
        self.result = Some(result.clone());
        let body = self.scoped(|inner| {
            if !filter {
                return inner.result_block(block, result);
            }
            let (mut body, ty) = inner.open_block(block, Want::Discard);
            if ty != Type::Never {
                let yes = ExprKind::Const(carapace_module::Value::Bool(true));
                body.value = Some(Box::new(inner.make(block.range, Type::Bool, yes)));
            }
            body
        });
        self.result = None;
        body
    }

    /// Whether a type is what filters give.
    pub(crate) fn is_verdict(&self, ty: &Type) -> bool {
        self.no_waits && *ty == self.cx.verdict_type()
    }

    /// A verdict as the flow's Bool: whether the event passes.
    pub(crate) fn verdict(&mut self, value: Expr) -> Expr {
        let Some(pass) = self.tag_number(&value.ty, "pass") else { return value };
        let span = value.span;
        Expr { ty: Type::Bool, span, kind: ExprKind::IsTag(Box::new(value), pass) }
    }

    fn handlers(
        &mut self,
        made: &mut Flow,
        failure: Option<&'a (Option<Name>, ast::Block)>,
        cancel: Option<&'a ast::Block>,
    ) {
        self.result = Some(Type::Nothing);
        let waits = self.no_waits;
        if let Some((name, block)) = failure {
            made.on_failure = Some(self.scoped_in(block.range, |inner| {
                let local: Option<LocalId> = name.as_ref().filter(|n| !n.text.is_empty()).map(|name| {
                    let ty = World::ty(inner.cx.world.error);
                    inner.declare(name, ty, false)
                });
                (local, inner.block(block, Want::Discard).0)
            }));
        }
        if let Some(block) = cancel {
            made.on_cancel = Some(self.block(block, Want::Discard).0);
        }
        self.no_waits = waits;
        self.result = None;
    }

    /// A clause that goes only with another one.
    pub(crate) fn header_clash(&mut self, range: carapace_diagnostic::TextRange, message: &str, help: &str) {
        let told = self.told(code::HEADER, range, message).help(help);
        self.report(told);
    }
}

/// A tag for each trigger: its event, with the channel in front where two have the same.
fn trigger_tags(used: &[TriggerUse]) -> Vec<Arc<str>> {
    used.iter()
        .map(|t| {
            let twins = used.iter().filter(|o| o.name == t.name).count();
            match &t.kind {
                Some((_, channel)) if twins > 1 => {
                    let short = channel.rsplit('.').next().unwrap_or(channel);
                    Arc::from(format!("{short}_{}", t.name))
                }
                _ => t.name.clone(),
            }
        })
        .collect()
}

/// Everything that could be needed, where the trigger itself is a mistake.
fn all_needs() -> Vec<Arc<str>> {
    ["conversation", "sender", "webhook"].map(Arc::from).to_vec()
}
