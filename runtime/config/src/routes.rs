//! Where accounts are served: one terminal, and each path once.

use crate::document::{Member, Node};
use carapace_diagnostic::{Code, Diagnostic, Span};

/// What the runtime itself serves: no account is served there, or below it.
pub const RESERVED: [&str; 7] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/v1", "/hooks", "/mcp"];

/// A place that an account has.
struct Taken<'n> {
    account: &'n Member,
    place: Place,
}

#[derive(PartialEq, Eq)]
enum Place {
    Terminal,
    /// A path, and where it is said.
    Path(String, Span),
}

/// Accounts that are in each other's way, or in that of the runtime.
pub(crate) fn routes(root: &Node, found: &mut Vec<Diagnostic>) {
    let accounts = root.get("accounts").map(Node::members).unwrap_or_default();
    let mut all: Vec<Taken<'_>> = Vec::new();
    for account in accounts {
        let Some(place) = place(account) else { continue };
        if let Place::Path(path, span) = &place
            && let Some(wrong) = unserved(path, *span)
        {
            found.push(wrong);
            continue;
        }
        let new = Taken { account, place };
        match all.iter().find_map(|first| clash(first, &new)) {
            Some(clash) => found.push(clash),
            None => all.push(new),
        }
    }
}

fn place(account: &Member) -> Option<Place> {
    let value = &account.value;
    match value.get("kind").and_then(Node::text)? {
        "terminal" => Some(Place::Terminal),
        "webchat" => match value.get("path") {
            None => Some(Place::Path("/webchat".to_owned(), account.name.span)),
            Some(said) => Some(Place::Path(said.text()?.to_owned(), said.span)),
        },
        "telegram" => {
            let said = value.get("webhook")?;
            let (_, rest) = said.text()?.split_once("://")?;
            let path = rest.get(rest.find('/')?..)?.trim_end_matches('/');
            (!path.is_empty()).then(|| Place::Path(path.to_owned(), said.span))
        }
        _ => None,
    }
}

/// Why nothing can be served at a path.
fn unserved(path: &str, span: Span) -> Option<Diagnostic> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let part = |part: &str| !part.is_empty() && part.chars().all(letter);
    // What comes out of the environment is looked at when it is known.
    if path.contains("${") {
        return None;
    }
    if let Some(own) = RESERVED.iter().find(|own| is_inside(path, own)) {
        let all: Vec<String> = RESERVED.iter().map(|own| format!("`{own}`")).collect();
        let message = format!("the runtime itself serves `{own}`, so no account is at `{path}`");
        let help = format!(
            "take another path, such as `/support`; it serves {}, and what is below them",
            all.join(", ")
        );
        return Some(Diagnostic::new(Code("E0934"), span, message).help(help));
    }
    if path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part)) {
        return None;
    }
    let message = format!("no account is served at the path `{path}`");
    let help = "a path is of letters, digits, `-` and `_`, such as `/support` or `/shop/support`";
    Some(Diagnostic::new(Code("E0934"), span, message).help(help))
}

fn clash(first: &Taken<'_>, new: &Taken<'_>) -> Option<Diagnostic> {
    let names = (&first.account.name.text, &new.account.name.text);
    let (message, help) = match (&first.place, &new.place) {
        (Place::Terminal, Place::Terminal) => (
            format!("`{}` and `{}` are both at the terminal", names.0, names.1),
            "there is one terminal: take one of them out",
        ),
        (Place::Path(one, _), Place::Path(other, _)) if one == other => (
            format!("`{}` and `{}` are both at `{one}`", names.0, names.1),
            "give one of them another `path`",
        ),
        (Place::Path(one, _), Place::Path(other, _)) if is_inside(one, other) || is_inside(other, one) => (
            format!("`{}` is at `{one}` and `{}` at `{other}`, one below the other", names.0, names.1),
            "give one of them another `path`",
        ),
        _ => return None,
    };
    let diagnostic = Diagnostic::new(Code("E0984"), new.account.name.span, message);
    Some(diagnostic.also(first.account.name.span, "here first").help(help))
}

/// Whether a path is the other one, or below it.
fn is_inside(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
