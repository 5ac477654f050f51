//! `std/tags`: what tagged text becomes.

use crate::Error;
use crate::args::{Answer, list};
use crate::pattern::compiled;
use crate::url::encoded;
use carapace_module::Value;
use carapace_module::value::Text;
use std::sync::Arc;

pub(crate) fn regex(args: &[Value]) -> Answer {
    let source = interleave(args, |_, value| Ok(::regex::escape(value)))?;
    compiled(&source, false)?;
    Ok(Value::Regex(Arc::new(Text(source.into()))))
}

pub(crate) fn url_template(args: &[Value]) -> Answer {
    let address = interleave(args, |before, value| {
        // Scheme and host are the author's: what is put in begins behind the host's end.
        let path = before.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']));
        match value {
            _ if !path => Err(Error::refused("scheme and host of an address cannot be put in")),
            "." | ".." => Err(Error::refused(format!("`{value}` cannot be a part of an address"))),
            _ => Ok(encoded(value)),
        }
    })?;
    let host = address.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    if host.is_none_or(str::is_empty) || address.contains(char::is_whitespace) {
        return Err(Error::refused("an address is written `https://host/path`"));
    }
    Ok(Value::text(address))
}

/// Literals with the prepared values between them.
fn interleave(
    args: &[Value],
    prepare: impl Fn(&str, &str) -> Result<String, Error>,
) -> Result<String, Error> {
    let (literals, values) = (&list(args, 0)?.items, &list(args, 1)?.items);
    let mut out = String::new();
    let mut values = values.iter();
    for literal in literals {
        out.push_str(literal.as_text().ok_or(Error::Types)?);
        if let Some(value) = values.next() {
            let prepared = prepare(&out, value.as_text().ok_or(Error::Types)?)?;
            out.push_str(&prepared);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::texts;

    fn call(body: crate::Body, literals: &[&str], values: &[&str]) -> Answer {
        body(&[texts(literals.iter().copied()), texts(values.iter().copied())])
    }

    #[test]
    fn what_is_put_into_an_address_stays_in_its_place() {
        let address = call(url_template, &["https://example.com/o/", "?q=", ""], &["a/../b", "x&y"]).unwrap();
        assert_eq!(address, Value::text("https://example.com/o/a%2F..%2Fb?q=x%26y"));
        assert!(call(url_template, &["https://", "/x"], &["evil.example"]).is_err());
        assert!(call(url_template, &["https://example.com/", "/x"], &[".."]).is_err());
        assert!(call(url_template, &["example.com"], &[]).is_err());
        assert!(call(url_template, &["https:///x"], &[]).is_err());
    }

    #[test]
    fn an_expression_is_checked() {
        assert!(matches!(call(regex, &["a+"], &[]), Ok(Value::Regex(_))));
        assert!(call(regex, &["("], &[]).is_err());
        assert_eq!(call(regex, &["a", ""], &["+"]).unwrap().as_text(), Some("a\\+"));
    }
}
