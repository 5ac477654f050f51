//! `await`, and what `listen` has in common with it.

use super::{Body, Want};
use crate::code;
use crate::collect::World;
use crate::facts::NameKind;
use crate::flow::TriggerUse;
use crate::infer::Size;
use crate::needs::Need;
use crate::tree::{Expr, ExprKind, Lambda, WaitFor};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast;
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// `await TRIGGER …`: gives the event.
    pub(crate) fn await_(&mut self, range: TextRange, wait: &'a ast::Await) -> Expr {
        if !self.may_act(range, "await") || !self.may_wait(range, "await") {
            return self.error(range);
        }
        self.pauses = true;
        match self.wait_for(range, wait) {
            Some(wait) => {
                self.waits += 1;
                let ty = wait.event.clone();
                self.make(range, ty, ExprKind::Await(Box::new(wait), Box::default()))
            }
            None => self.error(range),
        }
    }

    /// What is waited for.
    pub(crate) fn wait_for(&mut self, range: TextRange, wait: &'a ast::Await) -> Option<WaitFor> {
        let used = self.trigger(&wait.trigger);
        let from = wait.from.as_ref().map(|from| self.awaited_user(from));
        let conversation = wait.within_conversation.as_ref().map(|c| Box::new(self.awaited_place(c)));
        let Some(used) = used else {
            // `it` would only lead to more messages.
            return None;
        };
        let event = self.cx.unnamed_record(used.fields.clone());
        self.note_event_type(&event, &used);
        self.note_address(&event);
        let has = |name: &str| used.fields.iter().any(|(n, _)| **n == *name);
        if from.is_none() && has("sender") {
            self.wait_needs(range, "sender");
        }
        if conversation.is_none() && has("conversation") {
            self.wait_needs(range, "conversation");
        }
        let from = if has("sender") { from } else { Some(None) };
        let name = wait.trigger.path.names.last().map_or(wait.trigger.range, |name| name.range);
        let condition = wait.condition.as_ref().map(|c| Box::new(self.event_condition(c, name, &event)));
        self.note_trigger(&used);
        Some(WaitFor { trigger: used.spec, fields: used.fields, event, from, conversation, condition })
    }

    /// The fields of an event's record are those of the trigger.
    pub(crate) fn note_event_type(&mut self, event: &Type, used: &TriggerUse) {
        if let (Type::Declared(id, _), true) = (event, self.cx.notes.any()) {
            for (name, site) in &used.sites {
                self.cx.notes.unnamed(*id, name, *site);
            }
        }
    }

    fn note_trigger(&mut self, used: &TriggerUse) {
        if let Some((_, channel)) = &used.kind {
            self.touch(format!("channel {channel}: await {}", used.name));
        }
    }

    fn wait_needs(&mut self, range: TextRange, field: &str) {
        let span = self.span(range);
        self.touched.needs.push(Need {
            size: Size::default(),
            field: Arc::from(field),
            capability: None,
            effect: Arc::from("await"),
            span,
            required: true,
        });
    }

    /// `from anyone` takes everybody.
    fn awaited_user(&mut self, from: &'a ast::Expr) -> Option<Box<Expr>> {
        if let ast::ExprKind::Name(name) = &from.kind
            && name.text == "anyone"
            && !self.names.iter().any(|(n, _)| **n == *"anyone")
        {
            return None;
        }
        let user = World::ty(self.cx.world.user);
        let value = self.infer(from, Want::Ty(&user));
        if value.ty == Type::Text {
            return Some(Box::new(value));
        }
        Some(Box::new(self.convert(value, &user)))
    }

    fn awaited_place(&mut self, place: &'a ast::Expr) -> Expr {
        let conversation = World::ty(self.cx.world.conversation);
        let value = self.infer(place, Want::Ty(&conversation));
        if World::is(&value.ty, self.cx.world.room) {
            return value;
        }
        self.convert(value, &conversation)
    }

    /// `where it.…`: pure.
    fn event_condition(&mut self, condition: &'a ast::Expr, trigger: TextRange, event: &Type) -> Lambda {
        let mode = std::mem::replace(&mut self.mode, super::Mode::Guard("the `where` of a wait"));
        let ((it, body), captures) = self.framed("the `where` of a wait", condition.range, |inner| {
            let it = inner.hidden("it", event.clone(), false);
            inner.comes_from(it, Some(inner.span(trigger)), NameKind::It);
            inner.bring(it);
            let (body, _) = inner.cond(condition);
            (it, body)
        });
        self.mode = mode;
        Lambda { params: vec![it], captures, body }
    }

    /// Tells that nothing may wait here, where it is so.
    pub(crate) fn may_wait(&mut self, range: TextRange, name: &str) -> bool {
        if !self.no_waits {
            return true;
        }
        let told = self
            .told(code::WAIT, range, format!("`{name}` waits, and a `filter` decides at once"))
            .help("let the filter decide, and wait in another flow");
        self.report(told);
        false
    }
}
