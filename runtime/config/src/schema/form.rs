//! What a text has to look like.

use crate::time::milliseconds;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// What a text has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Plain,
    /// The path of a file or folder, from the folder of the file in which it stands.
    Path,
    /// `127.0.0.1:7171`.
    Address,
    /// `30d`, or `0`.
    Time,
    /// `digest:2h`.
    Stale,
    /// `https://shop.example`.
    Site,
    /// `bots.example`, without a port.
    Name,
    /// `127.0.0.1`, or `10.0.0.0/8`.
    Network,
    /// `/support`.
    Route,
    /// The name of an account.
    Account,
    /// The kind of an account.
    Kind,
    /// A slot or setting: `oncall`, `shop/oncall`, `shop/main.oncall`.
    Item,
    /// What a slot stands for: `webchat:#oncall`.
    Place,
    /// The name of a secret; never what it is.
    Secret,
    /// `api.example.com`, or `*.example.com` for all below it.
    Host,
    /// A host with its port: `10.1.2.3:8443`.
    Server,
    /// The kind of a vault.
    Vault,
    /// `https://bot.example/telegram`.
    Link,
    /// The kind of a provider of models.
    Provider,
    /// `openai/gpt-5`, or `openai/*` for all of them.
    Model,
    /// `http://127.0.0.1:8000/v1`.
    Base,
    /// The name of a header: `x-api-key`.
    Header,
    /// What programs may call: `shop/refund`, or `shop/*`.
    Offer,
    /// One of a few words.
    Choice(&'static Choice),
}

/// A few words of which one is to be said.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// All of them, for messages: "`a` or `b`".
    pub expected: &'static str,
    /// The same as a regular expression.
    pub pattern: &'static str,
    /// Each, with what it means.
    pub words: &'static [(&'static str, &'static str)],
}

/// What becomes of late messages.
pub(crate) const FATES: [(&str, &str); 3] = [
    ("deliver", "sends them all the same"),
    ("digest", "keeps them back, and sends one message that says so"),
    ("drop", "keeps them back"),
];

impl Form {
    /// What it looks like, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Form::Plain => "a text",
            Form::Path => "a path",
            Form::Address => "an address and port such as `127.0.0.1:7171`",
            Form::Time => "a time such as `30d`, `12h`, `90m` or `0`",
            Form::Stale => "`deliver`, `digest` or `drop`, with a time if you like: `digest:2h`",
            Form::Site => "a site such as `https://shop.example`",
            Form::Name => "a name such as `bots.example`, without a port",
            Form::Network => "an address such as `127.0.0.1`, or a range such as `10.0.0.0/8`",
            Form::Route => "a path such as `/support`",
            Form::Account => "a name of letters, digits, `-` and `_`",
            Form::Kind => "the kind of an account",
            Form::Item => "a name such as `oncall` or `shop/main.oncall`",
            Form::Secret => "the name of a secret, of letters, digits, `-`, `_` and `.`",
            Form::Host => "a host such as `api.example.com` or `*.example.com`",
            Form::Server => "a host and port such as `10.1.2.3:8443`",
            Form::Offer => "a package and what it has, such as `shop/refund` or `shop/*`",
            Form::Link => "an address such as `https://bot.example/telegram`",
            Form::Provider => "the kind of a provider",
            Form::Model => "a provider and its model such as `openai/gpt-5`",
            Form::Base => "an address such as `http://127.0.0.1:8000/v1`",
            Form::Header => "the name of a header such as `x-api-key`",
            Form::Choice(choice) => choice.expected,
            Form::Place => "a place such as `webchat` or `webchat:#oncall`",
            Form::Vault => "`keychain`, `file` or `folder`",
        }
    }

    /// Whether a text looks like it.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Form::Plain => true,
            Form::Path => !text.is_empty(),
            Form::Address => text.parse::<SocketAddr>().is_ok(),
            Form::Time => text == "0" || milliseconds(text).is_some(),
            Form::Stale => {
                let (fate, after) =
                    text.split_once(':').map_or((text, None), |(fate, after)| (fate, Some(after)));
                FATES.iter().any(|(known, _)| *known == fate)
                    && after.is_none_or(|after| milliseconds(after).is_some_and(|after| after > 0))
            }
            Form::Site => text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"))
                .is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', ';', ',', '\'', '"'])),
            Form::Name => {
                let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
                text.split('.').all(|part| !part.is_empty() && part.chars().all(letter))
            }
            Form::Network => is_network(text),
            Form::Route => {
                text.len() > 1 && text.starts_with('/') && !text.contains([' ', '{', '}', '*', '?', '#'])
            }
            Form::Secret => {
                (1..=64).contains(&text.len())
                    && !text.starts_with('.')
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            }
            Form::Host => is_host(text.strip_prefix("*.").unwrap_or(text)),
            Form::Server => text.rsplit_once(':').is_some_and(|(host, port)| {
                let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
                let host = inner.map_or_else(|| is_host(host), |inner| inner.parse::<Ipv6Addr>().is_ok());
                host && port.parse::<u16>().is_ok_and(|port| port != 0)
            }),
            Form::Account => {
                !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            }
            Form::Kind => super::KINDS.iter().any(|kind| kind.name == text),
            Form::Vault => super::VAULTS.iter().any(|kind| kind.name == text),
            Form::Link => {
                let site = |rest: &str| {
                    rest.split_once('/').is_some_and(|(host, path)| Form::is_host(host) && !path.is_empty())
                };
                !text.contains([' ', '"', '\'', '?', '#']) && text.strip_prefix("https://").is_some_and(site)
            }
            Form::Provider => super::PROVIDERS.iter().any(|kind| kind.name == text),
            Form::Model => text.split_once('/').is_some_and(|(provider, model)| {
                Form::Account.accepts(provider) && !model.is_empty() && !model.contains(char::is_whitespace)
            }),
            Form::Base => {
                let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
                let host = rest.and_then(|rest| rest.split('/').next());
                host.is_some_and(Form::is_host) && !text.contains([' ', '"', '\'', '?', '#'])
            }
            Form::Header => {
                let letter = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
                !text.is_empty() && text.chars().all(letter)
            }
            Form::Offer => text.split_once('/').is_some_and(|(package, name)| {
                let letter = |c: char| c.is_alphanumeric() || "-_.".contains(c);
                let word = |text: &str| !text.is_empty() && text.chars().all(letter);
                word(package) && (name == "*" || word(name))
            }),
            Form::Choice(choice) => choice.words.iter().any(|(word, _)| *word == text),
            Form::Item | Form::Place => !text.trim().is_empty() && !text.contains('='),
        }
    }

    /// What is to be written instead of a text that does not look like it, where that can be guessed.
    pub(crate) fn way_out(self, text: &str) -> Option<String> {
        match self {
            Form::Time | Form::Stale => length(text).map(|time| format!("write `{time}`")),
            Form::Site => {
                let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
                let (host, behind) = rest.split_once('/').unwrap_or((rest, ""));
                let site = format!("{scheme}://{host}");
                let is_one = Form::Site.accepts(&site);
                match (text.contains("://"), behind.is_empty()) {
                    (false, _) if is_one => Some(format!("put `https://` before it: `{site}`")),
                    (true, _) if is_one => Some(format!("leave out what stands behind the name: `{site}`")),
                    _ => None,
                }
            }
            Form::Name => {
                let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
                let bare = bare.split('/').next().unwrap_or(bare);
                let name = bare.rsplit_once(':').map_or(bare, |(name, _)| name);
                let port = bare.contains(':') && Form::Name.accepts(name);
                match (port, Form::Name.accepts(name)) {
                    (true, _) => Some(format!("leave the port out: `{name}`")),
                    (false, true) => Some(format!("write the name alone: `{name}`")),
                    _ => None,
                }
            }
            Form::Address => address(text),
            _ => None,
        }
    }

    fn is_host(text: &str) -> bool {
        !text.is_empty() && !text.contains([';', ',', '@'])
    }

    /// The regular expression of JSON Schema that says the same, where one can.
    pub(super) fn pattern(self) -> Option<&'static str> {
        match self {
            Form::Plain | Form::Address | Form::Kind | Form::Vault | Form::Provider | Form::Network => None,
            Form::Path => Some("."),
            Form::Time => Some("^(0|[0-9]+[smhd])$"),
            Form::Stale => Some("^(deliver|digest|drop)(:[0-9]+[smhd])?$"),
            Form::Site => Some("^https?://[^/ ;,'\"]+$"),
            Form::Name => Some("^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$"),
            Form::Route => Some("^/[^ {}*?#]+$"),
            Form::Account => Some("^[A-Za-z0-9_-]+$"),
            Form::Host => Some("^(\\*\\.)?[^\\s/:@*?#%\\\\.]+(\\.[^\\s/:@*?#%\\\\.]+)*$"),
            Form::Server => Some("^([^\\s/:@*?#%\\\\]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$"),
            Form::Secret => Some("^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$"),
            Form::Offer => Some("^[^/*]+/([^/*]+|[*])$"),
            Form::Link => Some("^https://[^/ ?#]+/[^ ?#]+$"),
            Form::Model => Some("^[A-Za-z0-9_-]+/[^\\s]+$"),
            Form::Base => Some("^https?://[^/ ?#@]+(/[^ ?#]*)?$"),
            Form::Header => Some("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
            Form::Choice(choice) => Some(choice.pattern),
            Form::Item | Form::Place => Some("^[^=]+$"),
        }
    }

    /// What is written for it most, with a few words, for an editor to propose.
    pub fn usual(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Form::Kind => super::KINDS.iter().map(|kind| (kind.name, kind.doc)).collect(),
            Form::Vault => super::VAULTS.iter().map(|kind| (kind.name, kind.doc)).collect(),
            Form::Provider => super::PROVIDERS.iter().map(|kind| (kind.name, kind.doc)).collect(),
            Form::Stale => FATES.to_vec(),
            Form::Choice(choice) => choice.words.to_vec(),
            _ => Vec::new(),
        }
    }
}

fn is_host(text: &str) -> bool {
    let letter = |c: char| !c.is_whitespace() && !c.is_control() && !"/:@*?#%\\[]".contains(c);
    text.split('.').all(|label| !label.is_empty() && label.chars().all(letter))
}

/// A length of time in words, `3 weeks`, as it is written here.
fn length(text: &str) -> Option<String> {
    let digits = text.len().saturating_sub(text.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let (count, unit) = text.split_at_checked(digits)?;
    let count: u32 = count.parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let unit = if unit.len() > 1 { unit.trim_end_matches('s') } else { &unit };
    let (count, unit) = match unit {
        "" | "day" | "d" => (count, 'd'),
        "w" | "week" => (count.checked_mul(7)?, 'd'),
        "h" | "hour" => (count, 'h'),
        "m" | "min" | "minute" => (count, 'm'),
        "s" | "sec" | "second" => (count, 's'),
        _ => return None,
    };
    Some(format!("{count}{unit}"))
}

/// What is wrong with an address and its port.
fn address(text: &str) -> Option<String> {
    let usual = "127.0.0.1:7171";
    let Some((host, port)) = text.rsplit_once(':').filter(|(host, _)| !host.ends_with(':')) else {
        let with_port = format!("{text}:7171");
        return with_port.parse::<SocketAddr>().is_ok().then(|| format!("say the port, too: `{with_port}`"));
    };
    if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_err() {
        return Some("ports end at 65535".to_owned());
    }
    let named = host.parse::<IpAddr>().is_err() && port.parse::<u16>().is_ok();
    named.then(|| format!("write the address in numbers, such as `{usual}`"))
}

/// Whether it is an address, or a range of them that is not all there are.
fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse().is_ok_and(|bits: u8| (1..=most).contains(&bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_almost_right_gets_a_way_out() {
        for (form, text, expected) in [
            (Form::Time, "3 weeks", Some("write `21d`")),
            (Form::Time, "90 s", Some("write `90s`")),
            (Form::Time, "30", Some("write `30d`")),
            (Form::Time, "a month", None),
            (Form::Site, "bots.example", Some("put `https://` before it: `https://bots.example`")),
            (Form::Site, "https://a/b", Some("leave out what stands behind the name: `https://a`")),
            (Form::Site, "https://", None),
            (Form::Name, "a:443", Some("leave the port out: `a`")),
            (Form::Name, "https://a.example", Some("write the name alone: `a.example`")),
            (Form::Name, "a..b", None),
            (Form::Address, "127.0.0.1:70000", Some("ports end at 65535")),
            (Form::Address, "127.0.0.1", Some("say the port, too: `127.0.0.1:7171`")),
            (Form::Address, "localhost:80", Some("write the address in numbers, such as `127.0.0.1:7171`")),
            (Form::Address, "here", None),
        ] {
            assert_eq!(form.way_out(text).as_deref(), expected, "{text}");
        }
    }

    const YES_NO: Choice = Choice {
        expected: "`yes` or `no`",
        pattern: "^(yes|no)$",
        words: &[("yes", "it is"), ("no", "it is not")],
    };

    #[test]
    fn forms_take_what_they_say_and_nothing_else() {
        for (form, good, bad) in [
            (Form::Address, vec!["127.0.0.1:0", "[::1]:80"], vec!["localhost", "127.0.0.1", ":80"]),
            (Form::Time, vec!["0", "30d"], vec!["", "30", "a month"]),
            (Form::Stale, vec!["drop", "digest:90m"], vec!["later", "drop:", "drop:0s", "digest:1"]),
            (
                Form::Site,
                vec!["https://a.example", "http://localhost:80"],
                vec!["a.example", "https://", "https://a/b", "https://a;b"],
            ),
            (
                Form::Name,
                vec!["bots.example", "localhost"],
                vec!["", "a:80", "https://a", "a..b", "*.a", "ä"],
            ),
            (
                Form::Network,
                vec!["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
                vec!["", "0.0.0.0/0", "10.0.0.0/33", "proxy.example", "10.0.0.0/"],
            ),
            (Form::Route, vec!["/a", "/a/b"], vec!["a", "/", "/a b", "/{a}"]),
            (
                Form::Link,
                vec!["https://bot.example/telegram", "https://a:8443/x/y"],
                vec!["http://a/x", "https://a", "https://a/", "https:///x", "https://a/x?y", "a/x"],
            ),
            (
                Form::Base,
                vec!["https://otel.example", "http://127.0.0.1:4318", "https://a.example/otlp/"],
                vec!["", "otel.example:4318", "https://", "https://me:word@a", "https://a?key=1"],
            ),
            (Form::Header, vec!["x-api-key", "Authorization"], vec!["", "a b", "a:b", "ä"]),
            (
                Form::Offer,
                vec!["shop/refund", "shop/*", "a-b/main.c"],
                vec!["", "shop", "/x", "shop/", "*", "a/b*", "a/b/c"],
            ),
            (Form::Choice(&YES_NO), vec!["yes"], vec!["", "Yes", "maybe"]),
            (Form::Secret, vec!["support_bot"], vec!["", "123456:AAH-token", "a b"]),
            (
                Form::Host,
                vec!["api.example.com", "*.example.com", "localhost"],
                vec!["", "*", "a.", "a/b", "a:80", "a@b"],
            ),
            (
                Form::Server,
                vec!["10.1.2.3:8443", "db.internal:80", "[fd00::1]:443"],
                vec!["10.1.2.3", ":80", "a:0", "http://a:80", "fd00::1:443", "*.a:80"],
            ),
            (Form::Secret, vec!["support_bot"], vec!["", "123456:AAH-token", "a b", ".a", ".."]),
            (Form::Vault, vec!["file", "keychain"], vec!["", "safe"]),
            (Form::Account, vec!["a-B_1"], vec!["", "a.b", "../x"]),
            (Form::Kind, vec!["webchat"], vec!["telegraph"]),
            (Form::Item, vec!["shop/main.oncall"], vec!["", "a=b"]),
        ] {
            good.iter().for_each(|text| assert!(form.accepts(text), "{form:?} {text}"));
            bad.iter().for_each(|text| assert!(!form.accepts(text), "{form:?} {text}"));
        }
    }
}
