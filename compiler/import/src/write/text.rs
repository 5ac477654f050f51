//! Texts of the old file as literals of the language.

/// Where a name in a template comes from.
pub(super) enum Found {
    /// An expression of type `Text`.
    Is(String),
    /// A text that is known.
    Text(String),
    /// One that may be missing: then the old engine left the name as it stood.
    May(String),
    /// Nowhere: it stays as it stands.
    Nowhere,
}

/// A text as it stands.
pub(super) fn literal(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A template: `{{name}}` becomes what `find` says of the name.
pub(super) fn template(text: &str, find: &mut dyn FnMut(&str) -> Found) -> String {
    if let [Piece::Text(""), Piece::Name(name), Piece::Text("")] = &pieces(text)[..] {
        return alone(name, find(name));
    }
    let mut out = String::from("\"");
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(&escaped(text)),
            Piece::Name(name) => out.push_str(&interpolation(name, find(name))),
        }
    }
    out.push('"');
    out
}

/// A template in the path or query of an address, where what is put in is encoded; none where it stands in the host.
pub(super) fn address(text: &str, find: &mut dyn FnMut(&str) -> Found) -> Option<String> {
    let host = text.find("://").map(|at| at + 3)?;
    let path = text.get(host..)?.find(['/', '?', '#']).map_or(text.len(), |at| host + at);
    let mut out = String::from("url\"");
    let mut at = 0;
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => {
                out.push_str(&escaped(text));
                at += text.len();
            }
            Piece::Name(_) if at < path => return None,
            Piece::Name(name) => {
                out.push_str(&interpolation(name, find(name)));
                at += name.len() + 4;
            }
        }
    }
    out.push('"');
    Some(out)
}

/// The names that a template mentions.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// A name as it stood in the template.
fn verbatim(name: &str) -> String {
    literal(&format!("{{{{{name}}}}}"))
}

/// A name that nothing stands beside.
pub(super) fn alone(name: &str, found: Found) -> String {
    match found {
        Found::Is(expression) => expression,
        Found::May(expression) => format!("{expression} ?? {}", verbatim(name)),
        Found::Text(text) => literal(&text),
        Found::Nowhere => verbatim(name),
    }
}

fn interpolation(name: &str, found: Found) -> String {
    match found {
        Found::Is(expression) => format!("{{{expression}}}"),
        Found::May(expression) => format!("{{{expression} ?? {}}}", verbatim(name)),
        Found::Text(text) => escaped(&text),
        Found::Nowhere => escaped(&format!("{{{{{name}}}}}")),
    }
}

enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// As the old engine's `\{\{(\w+)\}\}` took them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut out, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find("{{")).map(|at| from + at) {
        let behind = rest.get(open + 2..).unwrap_or_default();
        let length = behind.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(behind.len());
        let name = behind.get(..length).unwrap_or_default();
        match behind.get(length..).and_then(|tail| tail.strip_prefix("}}")) {
            Some(tail) if !name.is_empty() => {
                out.push(Piece::Text(rest.get(..open).unwrap_or_default()));
                out.push(Piece::Name(name));
                (rest, from) = (tail, 0);
            }
            // `{{{name}}}` has a name behind its second brace.
            _ => from = open + 1,
        }
    }
    out.push(Piece::Text(rest));
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        template(text, &mut |name| match name {
            "text" => Found::Is("message.text".to_owned()),
            "maybe" => Found::May("input[\"maybe\"]".to_owned()),
            _ => Found::Nowhere,
        })
    }

    #[test]
    fn names_in_templates() {
        assert_eq!(of("You said {{text}}!"), r#""You said {message.text}!""#);
        assert_eq!(of("{{text}}"), "message.text");
        assert_eq!(of("{{maybe}}!"), r#""{input["maybe"] ?? "\{\{maybe}}"}!""#);
        assert_eq!(of("{{who}} {{a-b}} { {{ text }}"), r#""\{\{who}} \{\{a-b}} \{ \{\{ text }}""#);
        assert_eq!(of("{{{text}}}"), r#""\{{message.text}}""#);
        assert_eq!(of("a \"b\" \\ \n"), r#""a \"b\" \\ \n""#);
    }

    #[test]
    fn names_in_addresses() {
        let of = |text: &str| address(text, &mut |_| Found::Is("message.text".to_owned()));
        assert_eq!(
            of("https://a.example/x?q={{text}}").unwrap(),
            r#"url"https://a.example/x?q={message.text}""#
        );
        assert_eq!(of("https://{{text}}.example/x"), None);
        assert_eq!(of("no address"), None);
    }
}
