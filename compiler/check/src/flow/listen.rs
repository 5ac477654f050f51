//! `listen TRIGGER … as NAME { … }`.

use crate::infer::{Body, Want};
use crate::tree::StmtKind;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast;

impl<'a> Body<'_, 'a> {
    /// Buffers events while its block runs.
    pub(crate) fn listen(&mut self, range: TextRange, listen: &'a ast::Listen) -> Option<StmtKind> {
        if !self.may_act(range, "listen") || !self.may_wait(range, "listen") {
            return None;
        }
        self.pauses = true;
        let wait = self.wait_for(range, &listen.events);
        self.waits += 1;
        self.scoped_in(listen.body.range, |inner| {
            let event = wait.as_ref().map_or(Type::Error, |w| w.event.clone());
            let buffer = inner.declare(&listen.name, Type::Nothing, false);
            inner.cx.notes.local_holds(inner.at.file, &event);
            if let Some(info) = inner.info.get_mut(buffer.0 as usize) {
                info.listen = Some(event);
            }
            let (body, _) = inner.block(&listen.body, Want::Discard);
            Some(StmtKind::Listen(buffer, Box::new(wait?), body))
        })
    }
}
