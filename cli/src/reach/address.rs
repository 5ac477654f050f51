//! Where a runtime on another machine is.

use crate::problem::Problem;
use reqwest::Url;
use std::fmt;

/// The address of a runtime: what its routes begin with. Nothing that goes there can be read on the way, as it is `https://`, or
/// never leaves this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads one as a person types it; without a scheme it is `https://`.
    pub(crate) fn read(text: &str) -> Result<Address, Problem> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let wrong = |why: &str| {
            Problem::new("E1041", format!("`{text}` is no address of a runtime: {why}")).help(
                "it looks like `https://shop.example`, or `http://127.0.0.1:7171` for one on this machine",
            )
        };
        let mut url = Url::parse(&whole).map_err(|e| wrong(&e.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            let hidden = url.host_str().unwrap_or_default().to_owned();
            return Err(Problem::new(
                "E1041",
                format!("the address of `{hidden}` has a name or a password in it"),
            )
            .help("an address is shown and logged: `carapace login` takes the token"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Problem::new("E1041", "the address of a runtime ends before `?` and `#`")
                .help("an address is shown and logged: `carapace login` takes the token"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                let message = format!("`{text}` would send the token over the network in the clear");
                return Err(Problem::new("E1041", message).help(
                    "use `https://`; to a machine that has none, through `ssh -L 7171:127.0.0.1:7171 HOST` and `http://127.0.0.1:7171`",
                ));
            }
            other => return Err(wrong(&format!("`{other}://` is not spoken here"))),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("it names no machine"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Address(url))
    }

    /// Where something below it is.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}", self.0.path(), path.trim_start_matches('/')));
        url
    }

    /// Whether it is this machine, without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_over_the_network_in_the_clear() {
        for (text, shown) in [
            ("https://shop.example", "https://shop.example"),
            ("shop.example", "https://shop.example"),
            ("https://Shop.Example:8443/runtime/", "https://shop.example:8443/runtime"),
            ("http://127.0.0.1:7171", "http://127.0.0.1:7171"),
            ("http://[::1]:7171", "http://[::1]:7171"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(Address::read(text).unwrap().to_string(), shown, "{text}");
        }
        for text in [
            "http://shop.example",
            "http://127.0.0.1.nip.io",
            "http://0.0.0.0:7171",
            "http://10.0.0.7:7171",
            "ftp://shop.example",
            "https://ana:secret@shop.example",
            "https://shop.example/?token=secret",
            "https://shop.example/#secret",
            "https://",
            "",
        ] {
            let problem = Address::read(text).unwrap_err().to_string();
            assert!(problem.contains("E1041"), "{text}: {problem}");
        }
        let problem = Address::read("https://ana:secret@shop.example").unwrap_err().to_string();
        assert!(!problem.contains("secret"), "{problem}");
    }

    #[test]
    fn a_runtime_may_be_below_a_path() {
        let below = Address::read("https://example.org/shop").unwrap();
        assert_eq!(below.join("v1/rpc").as_str(), "https://example.org/shop/v1/rpc");
        assert_eq!(below.join("/v1/rpc").as_str(), "https://example.org/shop/v1/rpc");
    }
}
