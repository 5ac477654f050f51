//! `${env:NAME}` and `${env:NAME:-default}` in texts; `$${` is `${`.

use crate::document::{Node, Value};
use carapace_diagnostic::{Code, Diagnostic, Span, TextRange};

/// What a variable of the environment says; none where there is none. An editor's environment is not that of the runtime,
/// so it has none to ask.
pub type Environment<'e> = Option<&'e dyn Fn(&str) -> Option<String>>;

const OPEN: &str = "${";

/// Puts the environment into all texts of a tree, whose file has this source. Where there is no environment to ask, texts
/// stay as they are, and only what is no name is told.
pub(crate) fn substitute(
    node: &mut Node,
    source: &str,
    environment: Environment<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let span = node.span;
    match &mut node.value {
        Value::List(elements) => elements.iter_mut().for_each(|e| substitute(e, source, environment, found)),
        Value::Object(members) => {
            members.iter_mut().for_each(|m| substitute(&mut m.value, source, environment, found));
        }
        Value::Text(text) if text.value.contains(OPEN) => {
            let before = found.len();
            let mut told = |part: &str, message: String, help: &str| {
                found.push(Diagnostic::new(Code("E0981"), place(span, source, part), message).help(help));
            };
            let (value, of_environment) = replaced(&text.value, environment, &mut told);
            if of_environment {
                text.written = Some(text.value.clone());
            }
            text.value = value;
            if found.len() > before {
                // That it does not look like what it should be, too, would be told for nothing.
                node.value = Value::Broken;
            }
        }
        Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Broken => {}
    }
}

/// The text with the environment in it, and whether anything of the environment is in it.
fn replaced(
    text: &str,
    environment: Environment<'_>,
    told: &mut dyn FnMut(&str, String, &str),
) -> (String, bool) {
    let (mut value, mut of_environment, mut rest) = (String::new(), false, text);
    while let Some((before, behind)) = rest.split_once(OPEN) {
        if let Some(before) = before.strip_suffix('$') {
            value.push_str(before);
            value.push_str(OPEN);
            rest = behind;
            continue;
        }
        value.push_str(before);
        let part =
            behind.find('}').and_then(|end| Some((behind.get(..end)?, behind.get(end.saturating_add(1)..)?)));
        let Some((inner, after)) = part else {
            told(
                &format!("{OPEN}{behind}"),
                "this `${` has no end".to_owned(),
                "write `${env:NAME}`, or `$${` where no variable is meant",
            );
            return (value, of_environment);
        };
        rest = after;
        let whole = format!("{OPEN}{inner}}}");
        let (name, default) = match inner.strip_prefix("env:").map(|inner| inner.split_once(":-")) {
            Some(Some((name, default))) => (name, Some(default)),
            Some(None) => (inner.strip_prefix("env:").unwrap_or_default(), None),
            None => ("", None),
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let help = "write `${env:NAME}`, or `$${` where no variable is meant";
            told(&whole, format!("`{whole}` names no variable of the environment"), help);
            continue;
        }
        of_environment = true;
        match environment.map(|environment| environment(name)) {
            None => value.push_str(&whole),
            Some(said) => match said.as_deref().or(default) {
                Some(said) => value.push_str(said),
                None => told(
                    &whole,
                    format!("the environment has no `{name}`"),
                    &format!(
                        "set it where carapace is started, or say what counts without it: `${{env:{name}:-…}}`"
                    ),
                ),
            },
        }
    }
    value.push_str(rest);
    (value, of_environment)
}

/// Where a part of a text stands, if it stands there as it reads; else the whole text.
fn place(span: Span, source: &str, part: &str) -> Span {
    let bytes = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let written = source.get(bytes(span.range.start)..bytes(span.range.end)).unwrap_or_default();
    let Some(at) = written.find(part).and_then(|at| u32::try_from(at).ok()) else { return span };
    let start = span.range.start.saturating_add(at);
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    Span::new(span.file, TextRange::new(start, start.saturating_add(length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_in(text: &str) -> (String, bool, Vec<String>) {
        let environment = |name: &str| (name == "HOME").then(|| "/home/ana".to_owned());
        let mut messages = Vec::new();
        let (value, of_environment) =
            replaced(text, Some(&environment), &mut |_, message, _| messages.push(message));
        (value, of_environment, messages)
    }

    #[test]
    fn variables_are_put_in_and_what_is_missing_is_told() {
        assert_eq!(put_in("${env:HOME}/x"), ("/home/ana/x".to_owned(), true, vec![]));
        assert_eq!(put_in("${env:PORT:-80}${env:HOME:-x}"), ("80/home/ana".to_owned(), true, vec![]));
        assert_eq!(put_in("$${env:HOME} $5"), ("${env:HOME} $5".to_owned(), false, vec![]));
        assert_eq!(put_in("a${env:NO}b").2, ["the environment has no `NO`"]);
        assert_eq!(put_in("${NO}").2, ["`${NO}` names no variable of the environment"]);
        assert_eq!(put_in("${env:A B}").2, ["`${env:A B}` names no variable of the environment"]);
        assert_eq!(put_in("${env:A").2, ["this `${` has no end"]);
    }
}
