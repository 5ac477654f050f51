//! Making values and looking into them.

use crate::function::Emitter;
use carapace_check::tree::{Expr, ExprKind};
use carapace_module::Value;
use carapace_module::code::Op;

impl Emitter<'_, '_> {
    pub(crate) fn data(&mut self, expr: &Expr, dst: u16) {
        match &expr.kind {
            ExprKind::Text(parts) => self.text(parts, dst),
            ExprKind::Template(native, parts) => self.template(*native, parts, dst),
            ExprKind::List(items) => {
                let base = self.row(items.iter());
                let count = self.operand(items.len());
                self.put(Op::List, dst, base, count);
            }
            ExprKind::Map(entries) => {
                let flat: Vec<&Expr> = entries.iter().flat_map(|(k, v)| [k, v]).collect();
                let base = self.row(flat.into_iter());
                let count = self.operand(entries.len());
                self.put(Op::Map, dst, base, count);
            }
            ExprKind::Range(from, to) => self.binary(Op::Range, from, to, dst),
            ExprKind::Record(slots, order) => self.record(slots, order, dst),
            ExprKind::Tag(tag, fields) if fields.is_empty() => self.put_wide(Op::Tag, dst, *tag),
            ExprKind::Tag(tag, fields) => {
                let base = self.row(fields.iter());
                let count = self.operand(fields.len());
                self.put(Op::TagWith, dst, base, count);
                self.put_wide(Op::Ext, 0, *tag);
            }
            ExprKind::Field(base, slot) => {
                if let Some((register, path)) = self.path(expr) {
                    self.put(Op::Field, dst, register, path.0);
                    return;
                }
                let register = self.value(base);
                let slot = self.operand(*slot as usize);
                self.put(Op::Slot, dst, register, slot);
            }
            ExprKind::OptionalChain { base, local, body } => {
                let out = self.label();
                let register = self.own(*local);
                self.expr(base, register);
                self.put(Op::None, dst, 0, 0);
                self.jump_wide(Op::JumpIfNone, register, out);
                self.expr(body, dst);
                self.place(out);
            }
            ExprKind::ListIndex(base, index) => self.binary(Op::ListIndex, base, index, dst),
            ExprKind::MapIndex(base, key) => self.binary(Op::MapIndex, base, key, dst),
            ExprKind::JsonIndex(base, key) => self.binary(Op::JsonIndex, base, key, dst),
            ExprKind::HasKey(map, key) => self.binary(Op::HasKey, map, key, dst),
            ExprKind::Coalesce(first, second) => {
                let out = self.label();
                self.expr(first, dst);
                self.jump_wide(Op::JumpIfSome, dst, out);
                self.expr(second, dst);
                self.place(out);
            }
            ExprKind::TextToContent(text) => {
                let base = self.temps(3);
                self.expr(text, base);
                let empty = Value::list(Vec::new());
                self.load(base.saturating_add(1), &empty);
                self.load(base.saturating_add(2), &empty);
                self.put(Op::Record, dst, base, 3);
            }
            _ => self.mistake(),
        }
    }

    fn binary(&mut self, op: Op, left: &Expr, right: &Expr, dst: u16) {
        let (a, b) = self.pair(left, right);
        self.put(op, dst, a, b);
    }

    /// Slots are evaluated in the order in which the source has them.
    fn record(&mut self, slots: &[Expr], order: &[u32], dst: u16) {
        let base = self.temps(slots.len());
        let mut done = vec![false; slots.len()];
        let rest = 0..slots.len();
        for slot in order.iter().map(|s| *s as usize).chain(rest) {
            let (Some(expr), Some(seen)) = (slots.get(slot), done.get_mut(slot)) else { continue };
            if !std::mem::replace(seen, true) {
                let register = base.saturating_add(self.operand(slot));
                self.expr(expr, register);
            }
        }
        let count = self.operand(slots.len());
        self.put(Op::Record, dst, base, count);
    }
}
