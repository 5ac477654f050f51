//! Text with parts, and templates.

use crate::function::Emitter;
use carapace_check::tree::{NativeId, Part};
use carapace_module::code::Op;
use carapace_module::{Type, Value};

impl Emitter<'_, '_> {
    pub(crate) fn text(&mut self, parts: &[Part], dst: u16) {
        match parts {
            [] => self.load(dst, &Value::text("")),
            [Part::Literal(text)] => self.load(dst, &Value::text(&**text)),
            _ => {
                let base = self.temps(parts.len());
                for (offset, part) in parts.iter().enumerate() {
                    let register = base.saturating_add(self.operand(offset));
                    self.part(part, register);
                }
                let count = self.operand(parts.len());
                self.put(Op::Concat, dst, base, count);
            }
        }
    }

    /// One call of the tag's native: the literals, of which there is one more than values, and the values.
    pub(crate) fn template(&mut self, native: NativeId, parts: &[Part], dst: u16) {
        let mut literals = vec![String::new()];
        let mut values = Vec::new();
        for part in parts {
            match (part, literals.last_mut()) {
                (Part::Literal(text), Some(last)) => last.push_str(text),
                _ => {
                    literals.push(String::new());
                    values.push(part);
                }
            }
        }
        let base = self.temps(2);
        self.load(base, &Value::list(literals.into_iter().map(Value::text).collect()));
        let mark = self.mark();
        let row = self.temps(values.len());
        for (offset, part) in values.iter().enumerate() {
            let register = row.saturating_add(self.operand(offset));
            self.part(part, register);
        }
        let count = self.operand(values.len());
        self.put(Op::List, base.saturating_add(1), row, count);
        self.release(mark);
        let native = self.operand(native.0 as usize);
        self.put(Op::CallNative, dst, native, base);
    }

    /// A part as text.
    fn part(&mut self, part: &Part, register: u16) {
        match part {
            Part::Literal(text) => self.load(register, &Value::text(&**text)),
            Part::Value(value) => {
                self.expr(value, register);
                if value.ty != Type::Text {
                    let ty = self.builder.type_ref(&value.ty);
                    let ty = self.fits(ty);
                    self.put(Op::Display, register, register, ty);
                }
            }
        }
    }
}
