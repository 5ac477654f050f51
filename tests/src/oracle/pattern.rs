//! `match`: the first arm that fits.

use super::context::{Eval, Machine, Place};
use super::data::{items, same};
use super::exit::{Exit, broken};
use carapace_check::tree::{Arm, Expr, Pattern, PatternKind};
use carapace_module::Value;
use std::rc::Rc;

impl<'p> Machine<'p> {
    pub(super) fn matching<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        subject: &'p Expr,
        arms: &'p [Arm],
    ) -> Eval<'a> {
        Box::pin(async move {
            let value = self.expr(at, subject).await?;
            for arm in arms {
                if !fits(at, &arm.pattern, &value)? {
                    continue;
                }
                if let Some(guard) = &arm.guard
                    && !self.truth(at, guard).await?
                {
                    continue;
                }
                return self.expr(at, &arm.body).await;
            }
            Err(broken("no arm of an exhaustive match fits"))
        })
    }
}

/// Whether the value is of this form; binds what the pattern names.
fn fits(at: &Place<'_>, pattern: &Pattern, value: &Value) -> Result<bool, Exit> {
    match &pattern.kind {
        PatternKind::Rest => Ok(true),
        PatternKind::Bind(local) => {
            at.set(*local, value.clone())?;
            Ok(true)
        }
        PatternKind::Tag(number, fields) => {
            if tag_of(value) != Some(*number) {
                return Ok(false);
            }
            for (slot, pattern) in fields {
                let fields = items(value)?;
                let field = fields.get(*slot as usize).ok_or_else(|| broken("a tag without that field"))?;
                if !fits(at, pattern, field)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        PatternKind::None => Ok(matches!(value, Value::None)),
        PatternKind::Const(constant) => Ok(same(constant, value)),
        PatternKind::Range(first, last) => Ok(matches!(value, Value::Int(i) if first <= i && i <= last)),
        PatternKind::Or(any) => {
            for pattern in any {
                if fits(at, pattern, value)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// The number of a tag.
pub(super) fn tag_of(value: &Value) -> Option<u32> {
    match value {
        Value::Tag(number) | Value::TagWith(number, _) => Some(*number),
        _ => None,
    }
}
