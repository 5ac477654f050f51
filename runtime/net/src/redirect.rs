//! Where an answer leads.

use crate::Error;
use crate::error::code;
use crate::guard::{Hosts, Target};
use reqwest::Method;
use reqwest::header::HeaderValue;

/// What comes after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is the answer.
    Stay,
    /// The same request, at another address.
    Follow(Target),
}

/// What comes after an answer with this status (RFC 9110, section 15.4).
///
/// Something that only reads is followed wherever it may go. Anything else only where the server says that it did nothing and
/// that the same is to be asked elsewhere (307, 308): 301 to 303 are the answer then, and the flow sees where they lead.
pub(crate) fn step(
    from: &Target,
    method: &Method,
    status: u16,
    location: Option<&HeaderValue>,
    hosts: &Hosts,
) -> Result<Step, Error> {
    let follows = match status {
        301..=303 => *method == Method::GET,
        307 | 308 => true,
        _ => false,
    };
    let Some(location) = location.filter(|_| follows) else { return Ok(Step::Stay) };
    let to = from.redirected(location)?;
    let (here, there) = (from.place(), to.place());
    if from.tls && !to.tls {
        let message = format!("`{here}` redirects to `{there}`, which is without TLS");
        return Err(Error::refused(code::REDIRECT, message));
    }
    if from.authority() != to.authority() && !hosts.list(&to) {
        let message = format!(
            "`{here}` redirects to `{there}`, and the flow's capabilities do not list `host {}`: call that address where it is meant",
            to.authority()
        );
        return Err(Error::refused(code::HOST, message));
    }
    Ok(Step::Follow(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_redirect_is_followed_where_it_may_lead() {
        let listed = Hosts::These([Arc::from("example.com"), Arc::from("other.example")].into());
        for (method, from, status, location, expected) in [
            (Method::GET, "https://example.com/a", 302, "/b", "https://example.com/b"),
            (Method::GET, "https://example.com/a", 301, "https://other.example/", "https://other.example/"),
            (Method::GET, "http://example.com/a", 301, "https://example.com/a", "https://example.com/a"),
            (Method::POST, "https://example.com/a", 307, "/b", "https://example.com/b"),
            (Method::POST, "https://example.com/a", 308, "https://other.example/", "https://other.example/"),
            (Method::POST, "https://example.com/a", 302, "/b", "stay"),
            (Method::POST, "https://example.com/a", 303, "/b", "stay"),
            (Method::DELETE, "https://example.com/a", 303, "/b", "stay"),
            (Method::GET, "https://example.com/a", 300, "/b", "stay"),
            (Method::GET, "https://example.com/a", 200, "/b", "stay"),
            (Method::GET, "https://example.com/a", 302, "", "stay"),
            (Method::GET, "https://example.com/a", 302, "http://example.com/a", "E1016"),
            (Method::GET, "https://example.com/a", 302, "https://evil.example/", "E1012"),
            (Method::GET, "https://example.com/a", 302, "//evil.example/", "E1012"),
            (Method::GET, "https://example.com/a", 302, "https://example.com:8443/", "E1012"),
            (Method::GET, "https://example.com/a", 302, "https://example.com@evil.example/", "E1013"),
            (Method::GET, "https://example.com/a", 302, "file:///etc/passwd", "E1013"),
            (Method::GET, "https://example.com/a", 302, "https://0x7f000001/", "E1013"),
        ] {
            let location = Some(HeaderValue::from_static(location)).filter(|location| !location.is_empty());
            let step = step(&Target::of(from).unwrap(), &method, status, location.as_ref(), &listed);
            let said = match step {
                Ok(Step::Stay) => "stay".to_owned(),
                Ok(Step::Follow(to)) => to.url.to_string(),
                Err(Error::Refused { code, .. }) => code.to_owned(),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(said, expected, "{method} {from} {status} {location:?}");
        }
    }
}
