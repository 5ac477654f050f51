//! Effects: what they need, what they touch, which kinds of channel can do them.

use super::call::Written;
use super::{Body, Want};
use crate::code;
use crate::collect::{Checker, DefId, DefKind, World};
use crate::infer::Size;
use crate::names::Found;
use crate::needs::{Need, Node};
use crate::tree::{EffectCall, EffectId, Expr, ExprKind, FlowId, Suffixes};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_module::signature::{Delivery, DeliveryClass, EffectSignature};
use carapace_syntax::ast::{self, DeliveryLine, EffectClause, ItemKind};
use std::sync::Arc;

/// The module of the library that holds the flows by which effects are done.
pub(crate) const EXCHANGE: &str = "std/exchange";

impl<'a> Checker<'a> {
    /// The effect's number in the program; entered when first called.
    pub(crate) fn effect(&mut self, id: DefId) -> Option<EffectId> {
        if let Some(known) = self.effects.get(&id) {
            return Some(*known);
        }
        let def = self.def(id);
        let ItemKind::Effect(decl) = &def.item.kind else { return None };
        let sig = self.callable(id)?;
        let mut params: Vec<(Arc<str>, Type)> = Vec::with_capacity(sig.params.len() + 1);
        if let Some(on) = decl.on.as_ref().and_then(|p| p.names.first()) {
            params.push((Arc::from(on.text.as_str()), self.receiver_type(&on.text)));
        }
        params.extend(sig.params.iter().map(|p| (p.name.clone(), p.ty.clone())));
        let signature = EffectSignature {
            name: self.short_name(id),
            version: decl.version,
            params,
            result: sig.result.clone(),
            class: self.delivery_class(decl),
        };
        let made = EffectId(u32::try_from(self.program.effects.len()).unwrap_or(u32::MAX));
        self.program.effects.push(crate::tree::Effect { signature, by: None });
        self.effects.insert(id, made);
        let by = self.performing_flow(decl);
        if let Some(effect) = self.program.effects.get_mut(made.0 as usize) {
            effect.by = by;
        }
        Some(made)
    }

    /// The flow of the library that does what an effect says: `delivery of converse`.
    fn performing_flow(&mut self, decl: &'a ast::Effect) -> Option<FlowId> {
        let name = decl.clauses.iter().find_map(|clause| match clause {
            EffectClause::Delivery(line) => performed_by(line),
            _ => None,
        })?;
        let id = self.library_item(EXCHANGE, name)?;
        self.flow(id)
    }

    /// An item of a module of the library, by its name.
    pub(crate) fn library_item(&self, module: &str, name: &str) -> Option<DefId> {
        self.modules.iter().find(|known| &*known.path == module)?.names.get(name).copied()
    }

    /// Whether an effect takes its time: the engine performs it, and it gives an answer or is told for how long. (What the
    /// engine only writes down, such as a line of a log, gives nothing; and what it tells a turn of an agent it knows already.)
    pub(crate) fn effect_waits(&mut self, id: DefId) -> bool {
        let def = self.def(id);
        let ItemKind::Effect(decl) = &def.item.kind else { return false };
        let told = &*self.module(def.at.module).path == EXCHANGE;
        let engine = !told && decl.clauses.iter().any(|clause| matches!(clause, EffectClause::Engine));
        let timed = |ty: &Type| matches!(ty, Type::Duration | Type::Time);
        engine
            && self.callable(id).is_some_and(|sig| {
                sig.result != Type::Nothing || sig.params.iter().any(|param| timed(&param.ty))
            })
    }

    /// What a receiver is handed over as: slots by name, values of the world as they are.
    fn receiver_type(&self, on: &str) -> Type {
        let declared = self.prelude.iter().find_map(|(name, id)| match self.def(*id).kind {
            DefKind::Type(ty) if name.eq_ignore_ascii_case(&on.replace('_', "")) => Some(ty),
            _ => None,
        });
        match (on, declared) {
            ("channel" | "agent" | "connection" | "room" | "group", _) | (_, None) => Type::Text,
            (_, Some(ty)) => Type::declared(ty),
        }
    }

    pub(crate) fn delivery_class(&mut self, decl: &'a ast::Effect) -> DeliveryClass {
        for clause in &decl.clauses {
            match clause {
                EffectClause::Engine => return DeliveryClass::Engine,
                EffectClause::Delivery(line) => return class(line),
                _ => {}
            }
        }
        DeliveryClass::Blind
    }
}

fn class(line: &DeliveryLine) -> DeliveryClass {
    match line.class.text.as_str() {
        "read" => DeliveryClass::Read,
        "probe" => DeliveryClass::Probe,
        "of" if performed_by(line).is_some() => DeliveryClass::Read,
        "of" => DeliveryClass::OfChannel,
        "engine" => DeliveryClass::Engine,
        "keyed" => match line.window.as_ref().map(|w| &w.kind) {
            Some(ast::ExprKind::Duration(ms)) => DeliveryClass::Keyed(*ms),
            _ => DeliveryClass::Keyed(i64::MAX),
        },
        _ if performed_by(line).is_some() => DeliveryClass::Read,
        _ if line.of.is_some() => DeliveryClass::OfChannel,
        _ => DeliveryClass::Blind,
    }
}

/// The flow that a line names: of anything but a channel.
fn performed_by(line: &DeliveryLine) -> Option<&str> {
    line.of.as_ref().map(|of| of.text.as_str()).filter(|of| *of != "channel")
}

/// Where an effect goes, for capabilities and the manifest.
enum Place {
    /// The run's conversation.
    Conversation,
    /// A slot of the package.
    Slot(DefId),
    /// Wherever a value says.
    Anywhere,
    /// To no place.
    None,
}

impl<'a> Body<'_, 'a> {
    pub(crate) fn is_receiver_effect(&self, id: DefId) -> bool {
        matches!(&self.cx.def(id).item.kind, ItemKind::Effect(e) if e.on.is_some())
    }

    /// An effect's call; `slot` is the agent, channel, … before the dot, `receiver` a value there.
    pub(crate) fn effect_call(
        &mut self,
        id: DefId,
        slot: Option<DefId>,
        receiver: Option<Expr>,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Expr {
        let def = self.cx.def(id);
        let ItemKind::Effect(decl) = &def.item.kind else { return self.give_up(written) };
        if !self.may_act(written.range, def.name) {
            return self.give_up(written);
        }
        if decl.on.is_some() && slot.is_none() && receiver.is_none() {
            let on = decl.on.as_ref().and_then(|p| p.names.last()).map_or("", |n| &n.text);
            let told = self
                .told(
                    code::NOT_CALLABLE,
                    written.range,
                    format!("`{}` is called on something: `….{}(…)`", def.name, def.name),
                )
                .help(format!("name the {on} before it"));
            self.report(told);
            return self.give_up(written);
        }
        let on = decl.on.is_some();
        let (first, receiver) = match (slot, receiver) {
            (Some(slot), _) => {
                let name = self.cx.slot(slot);
                if self.cx.def(slot).kind == DefKind::Agent {
                    self.touch_agent(slot, written.range);
                }
                (Some(self.make(written.range, Type::Text, ExprKind::Slot(name))), None)
            }
            (None, Some(value)) if on => (Some(value), None),
            (None, receiver) => (None, receiver),
        };
        let (rest, result, bound) = self.arguments(id, receiver, written, want);
        let Some(effect) = self.cx.effect(id) else { return self.error(written.range) };
        if let Some(flow) = self.cx.program.effects.get(effect.0 as usize).and_then(|effect| effect.by) {
            self.calls(Node::Flow(flow), written.range);
            if let Some(slot) = slot {
                self.cx.condensed(slot);
            }
        }
        let type_arg = bound.first().cloned().flatten();
        if &*self.cx.short_name(id) == "event.emit"
            && let (Some(name), Some(payload)) = (rest.first(), &type_arg)
            && let Some(name) = crate::constant::constant_text(self.cx, name)
        {
            self.event_carries(&name, payload, written.range);
        }
        self.note_address(&result);
        let size = self.size_of(id, &rest);
        self.effect_needs(id, decl, slot, written, size);
        self.waits += 1;
        let args = first.into_iter().chain(rest).collect();
        let call = EffectCall {
            effect,
            args,
            type_arg,
            delivery: Delivery::Default,
            label: None,
            suffixes: Suffixes::default(),
        };
        self.make(written.range, result, ExprKind::Effect(Box::new(call)))
    }

    fn effect_needs(
        &mut self,
        id: DefId,
        decl: &'a ast::Effect,
        slot: Option<DefId>,
        written: Written<'a>,
        size: Size,
    ) {
        let short = self.cx.short_name(id);
        let name: Arc<str> = Arc::from(self.cx.def(id).name);
        let place = self.effect_place(id, decl, slot, written);
        let span = self.span(written.range);
        let mut capabilities: Vec<Arc<str>> = Vec::new();
        let mut engine = false;
        for clause in &decl.clauses {
            match clause {
                EffectClause::Needs(fields) => {
                    // A named destination takes the place of the run's conversation and sender.
                    if !matches!(place, Place::Conversation | Place::None) {
                        continue;
                    }
                    for field in fields {
                        self.touched.needs.push(Need {
                            size: Size::default(),
                            field: Arc::from(field.text.as_str()),
                            capability: None,
                            effect: name.clone(),
                            span,
                            required: true,
                        });
                    }
                }
                EffectClause::Requires(names) => {
                    capabilities.extend(names.iter().map(|n| Arc::from(n.text.as_str())));
                }
                EffectClause::RequiresFor(param, capability) => {
                    if self.is_given(id, &param.text, written) {
                        capabilities.push(Arc::from(capability.text.as_str()));
                    }
                }
                EffectClause::Engine => engine = true,
                EffectClause::Delivery(_) => {}
            }
        }
        self.implied_needs(id, decl, &place, &name, written);
        self.last_place = match place {
            Place::Slot(slot) => Some(slot),
            _ => None,
        };
        if engine && !self.may_wait(written.range, &name) {
            return;
        }
        self.pauses |= engine && self.cx.effect_waits(id);
        self.goes_to(&place, &name, span, size);
        for capability in capabilities {
            self.require(&place, capability, &name, span);
        }
        match place {
            Place::Conversation => self.touch(format!("conversation: {name}")),
            Place::Slot(slot) => {
                let (full, kind) = (self.cx.full_name(slot), self.cx.def(slot).kind);
                let word = match kind {
                    DefKind::Agent => "agent",
                    DefKind::Room => "room",
                    DefKind::Group => "group",
                    DefKind::Connection => "connection",
                    _ => "channel",
                };
                self.touch(format!("{word} {full}: {name}"));
            }
            Place::Anywhere => self.touch(format!("anyone: {name}")),
            Place::None if engine => {}
            Place::None if self.is_step(id, decl) => {}
            Place::None => self.touch(format!("effect {short}")),
        }
    }

    /// Whether an effect is a step of an agent's turn: whose it is says the call that it is a step of.
    fn is_step(&self, id: DefId, decl: &'a ast::Effect) -> bool {
        let of_agent = decl.params.first().is_some_and(|param| param.name.text == "agent");
        of_agent && &*self.cx.module(self.cx.def(id).at.module).path == EXCHANGE
    }

    /// Where no destination is written it is the run's conversation, and its sender is who is asked.
    fn implied_needs(
        &mut self,
        id: DefId,
        decl: &'a ast::Effect,
        place: &Place,
        name: &Arc<str>,
        written: Written<'a>,
    ) {
        let declared = decl.clauses.iter().any(|c| matches!(c, EffectClause::Needs(_)));
        if declared || !matches!(place, Place::Conversation) {
            return;
        }
        let span = self.span(written.range);
        let mut need = |field: &str| {
            self.touched.needs.push(Need {
                size: Size::default(),
                field: Arc::from(field),
                capability: None,
                effect: name.clone(),
                span,
                required: true,
            });
        };
        need("conversation");
        let Some(sig) = self.cx.callable(id) else { return };
        let user = self.cx.world.user;
        let from = sig.params.iter().position(|p| {
            *p.name == *"from" && matches!(&p.ty, Type::Optional(inner) if World::is(inner, user))
        });
        if from.is_some() && !self.is_given(id, "from", written) {
            self.touched.needs.push(Need {
                size: Size::default(),
                field: Arc::from("sender"),
                capability: None,
                effect: name.clone(),
                span,
                required: true,
            });
        }
    }

    /// What goes to a place has to fit into it.
    fn goes_to(&mut self, place: &Place, name: &Arc<str>, span: carapace_diagnostic::Span, size: Size) {
        match place {
            Place::Slot(slot) => {
                if let Some(kind) = self.cx.kind_of_slot(*slot) {
                    let slot = self.cx.def(*slot).name;
                    self.cx.told_too_large(kind, slot, name, span, size);
                }
            }
            Place::Conversation if size != Size::default() => self.touched.needs.push(Need {
                size,
                field: Arc::from("conversation"),
                capability: None,
                effect: name.clone(),
                span,
                required: false,
            }),
            // Only the platform's answer can tell.
            Place::Conversation | Place::Anywhere | Place::None => {}
        }
    }

    fn require(
        &mut self,
        place: &Place,
        capability: Arc<str>,
        name: &Arc<str>,
        span: carapace_diagnostic::Span,
    ) {
        match place {
            Place::Conversation | Place::None => self.touched.needs.push(Need {
                size: Size::default(),
                field: Arc::from("conversation"),
                capability: Some(capability),
                effect: name.clone(),
                span,
                required: matches!(place, Place::Conversation),
            }),
            Place::Slot(slot) => {
                if let Some(kind) = self.cx.kind_of_slot(*slot)
                    && !self.cx.kind_can(kind, &capability)
                {
                    let kind = self.cx.kinds.get(kind.0 as usize).map_or("", |k| k.name);
                    let slot = self.cx.def(*slot).name;
                    self.cx.kind_cannot(span, name, &capability, kind, slot);
                }
            }
            // Only the platform's answer can tell.
            Place::Anywhere => {}
        }
    }

    fn effect_place(
        &mut self,
        id: DefId,
        decl: &'a ast::Effect,
        slot: Option<DefId>,
        written: Written<'a>,
    ) -> Place {
        if let Some(slot) = slot {
            return Place::Slot(slot);
        }
        let Some(sig) = self.cx.callable(id) else { return Place::None };
        let target = self.cx.world.target;
        let is_target = |ty: &Type| match ty {
            Type::Optional(inner) => World::is(inner, target),
            other => World::is(other, target),
        };
        let to = sig.params.iter().position(|p| is_target(&p.ty) || *p.name == *"by");
        if let Some(at) = to
            && let Some(arg) = self.argument(sig.params.get(at).map_or("", |p| &p.name), at, written)
        {
            return match self.find_path(arg) {
                Found::Item(item)
                    if matches!(
                        self.cx.def(item).kind,
                        DefKind::Channel | DefKind::Room | DefKind::Group
                    ) =>
                {
                    Place::Slot(item)
                }
                _ => Place::Anywhere,
            };
        }
        // A message by name may be anywhere; without one it is the event's own.
        if let Some(at) = sig.params.iter().position(|p| *p.name == *"message")
            && let Some(arg) = self.argument("message", at, written)
        {
            return match &arg.kind {
                ast::ExprKind::Name(name) => match self.find_local(&name.text) {
                    Some(local) => match self.info.get(local.0 as usize).and_then(|i| i.place) {
                        Some(slot) => Place::Slot(slot),
                        None => Place::None,
                    },
                    None => Place::None,
                },
                _ => Place::None,
            };
        }
        let needs = decl.clauses.iter().any(
            |c| matches!(c, EffectClause::Needs(names) if names.iter().any(|n| n.text == "conversation")),
        );
        let requires = decl.clauses.iter().any(|c| matches!(c, EffectClause::Requires(_)));
        let targeted = to.is_some_and(|at| sig.params.get(at).is_some_and(|p| is_target(&p.ty)));
        if needs || requires || targeted { Place::Conversation } else { Place::None }
    }

    /// The argument that is written for a parameter.
    fn argument(&self, name: &str, at: usize, written: Written<'a>) -> Option<&'a ast::Expr> {
        written
            .args
            .iter()
            .enumerate()
            .find(|(index, arg)| match &arg.name {
                Some(given) => given.text == name,
                None => *index == at,
            })
            .map(|(_, arg)| &arg.value)
    }

    fn is_given(&mut self, id: DefId, param: &str, written: Written<'a>) -> bool {
        let Some(sig) = self.cx.callable(id) else { return false };
        sig.params
            .iter()
            .position(|p| *p.name == *param)
            .is_some_and(|at| self.argument(param, at, written).is_some())
    }

    /// The agent is used here: what its tools touch counts too.
    pub(crate) fn touch_agent(&mut self, agent: DefId, range: TextRange) {
        self.calls(Node::Agent(agent), range);
        self.cx.agent_used(agent);
    }
}
