//! How large a message is, as far as the source says: W0315 and W0316 where its channel takes less at once.

use super::Body;
use crate::code;
use crate::collect::{Checker, DefId, KindId};
use crate::tree::{Expr, ExprKind, Part};
use carapace_diagnostic::{Diagnostic, Span};
use carapace_module::Value;

/// At least so large, whatever is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Size {
    /// Characters of the text.
    text: usize,
    /// Choices, which are shown as buttons.
    choices: usize,
}

impl Body<'_, '_> {
    /// The size of what an effect is told: its texts, and its choices.
    pub(crate) fn size_of(&mut self, id: DefId, args: &[Expr]) -> Size {
        let Some(sig) = self.cx.callable(id) else { return Size::default() };
        let mut size = Size::default();
        for (param, arg) in sig.params.iter().zip(args) {
            match &arg.kind {
                ExprKind::TextToContent(text) => {
                    let known = crate::constant::constant_text(self.cx, text);
                    let here = known.map_or_else(|| length(text), |text| text.chars().count());
                    size.text = size.text.max(here);
                }
                ExprKind::List(items) if *param.name == *"choices" => size.choices = items.len(),
                _ => {}
            }
        }
        size
    }
}

/// The characters of a text that stand in the source.
fn length(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Const(Value::Text(text)) => text.0.chars().count(),
        ExprKind::Text(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.chars().count(),
                Part::Value(value) => length(value),
            })
            .fold(0, usize::saturating_add),
        _ => 0,
    }
}

impl Checker<'_> {
    /// Tells what does not fit into one message of that kind of channel; whether there was something.
    pub(crate) fn told_too_large(
        &mut self,
        kind: KindId,
        channel: &str,
        effect: &str,
        span: Span,
        size: Size,
    ) -> bool {
        let Some(kind) = self.kinds.get(kind.0 as usize) else { return false };
        let (name, text, buttons) = (kind.name, kind.max_text, kind.max_buttons);
        let short = channel.rsplit('.').next().unwrap_or(channel);
        if let Some(most) = text.filter(|most| size.text > *most) {
            let who = match name {
                "any" => format!("not every kind of channel takes more than {most}"),
                _ => format!("{name} takes no more than {most}"),
            };
            let message =
                format!("`{effect}` says {} characters to `{short}`, and {who} in one message", size.text);
            let told = Diagnostic::new(code::TEXT_TOO_LONG, span, message);
            self.report(
                told.help("it would go out in several pieces: say less, or put it where a link leads"),
            );
            return true;
        }
        if let Some(most) = buttons.filter(|most| size.choices > *most) {
            let message = format!(
                "`{effect}` gives {} choices, and {name} has {most} buttons under a message",
                size.choices
            );
            let told =
                Diagnostic::new(code::TOO_MANY_BUTTONS, span, message).label(format!("goes to `{short}`"));
            self.report(told.help("ask in two steps, or let the answer be written: leave `choices` out"));
            return true;
        }
        false
    }
}
