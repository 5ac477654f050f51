//! Text: interpolation, templates, conditions, natives.

use super::context::{Eval, Machine, Place};
use super::data::{list, text};
use super::exit::{Exit, Fault, broken};
use carapace_check::tree::{Native, NativeId, Part, TextOp};
use carapace_module::Value;
use std::rc::Rc;
use std::sync::Arc;

impl<'p> Machine<'p> {
    /// A text with its values filled in.
    pub(super) fn interpolated<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, parts: &'p [Part]) -> Eval<'a> {
        Box::pin(async move {
            let mut out = String::new();
            for part in parts {
                match part {
                    Part::Literal(words) => out.push_str(words),
                    Part::Value(expr) => {
                        let value = self.expr(at, expr).await?;
                        out.push_str(&carapace_module::value::display(&value, &expr.ty, &self.program.types));
                    }
                }
            }
            Ok(text(&out))
        })
    }

    /// Tagged text: its literals and its values, each a list, through the tag's native.
    pub(super) fn template<'a>(
        self: &'a Rc<Self>,
        at: &'a Place<'p>,
        native: NativeId,
        parts: &'p [Part],
    ) -> Eval<'a> {
        Box::pin(async move {
            let mut literals = vec![String::new()];
            let mut values = Vec::new();
            for part in parts {
                match part {
                    Part::Literal(words) => {
                        if let Some(last) = literals.last_mut() {
                            last.push_str(words);
                        }
                    }
                    Part::Value(expr) => {
                        let value = self.expr(at, expr).await?;
                        values.push(text(&carapace_module::value::display(
                            &value,
                            &expr.ty,
                            &self.program.types,
                        )));
                        literals.push(String::new());
                    }
                }
            }
            let literals = list(literals.iter().map(|l| text(l)).collect());
            self.native(at, native, vec![literals, list(values)]).await
        })
    }
}

/// A condition on two texts.
pub(super) fn test(op: TextOp, left: &str, right: &str, ignoring_case: bool) -> bool {
    let (left, right) =
        if ignoring_case { (fold(left), fold(right)) } else { (left.to_owned(), right.to_owned()) };
    match op {
        TextOp::Contains => left.contains(&right),
        TextOp::StartsWith => left.starts_with(&right),
        TextOp::EndsWith => left.ends_with(&right),
    }
}

/// A text as `ignoring case` sees it.
pub(super) fn fold(text: &str) -> String {
    carapace_module::value::fold(text)
}

/// The same for a value that is a text, where asked for.
pub(super) fn fold_if(value: &Value, ignoring_case: bool) -> Value {
    match value {
        Value::Text(words) if ignoring_case => text(&fold(&words.0)),
        other => other.clone(),
    }
}

/// The named captures, where the expression matches.
pub(super) fn captures(
    subject: &str,
    pattern: &str,
    names: &[Arc<str>],
    ignoring_case: bool,
) -> Result<Option<Vec<Value>>, Exit> {
    let regex = regex::RegexBuilder::new(pattern)
        .case_insensitive(ignoring_case)
        .build()
        .map_err(|error| broken(error.to_string()))?;
    let Some(found) = regex.captures(subject) else { return Ok(None) };
    let slot = |name: &Arc<str>| found.name(name).map_or(Value::None, |m| text(m.as_str()));
    Ok(Some(names.iter().map(slot).collect()))
}

/// Natives have one body, which the machine calls too: what is compared is everything around them.
pub(super) fn call_native(native: &Native, args: &[Value]) -> Result<Value, Exit> {
    let body = carapace_natives::lookup(&native.name, native.version);
    let body =
        body.ok_or_else(|| broken(format!("there is no native {}@{}", native.name, native.version)))?;
    (body.body)(args).map_err(|error| Exit::Fault(Fault::Native(error.to_string())))
}
