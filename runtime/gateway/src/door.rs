//! Who may come in: only requests that were sent to a name of this machine.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// The names the gateway answers to, without ports, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Hosts(Arc<Vec<String>>);

impl Hosts {
    /// This machine's, and `more`.
    pub(crate) fn new(more: &[String]) -> Hosts {
        let own = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        Hosts(Arc::new(own.into_iter().chain(more.iter().map(|name| name.to_lowercase())).collect()))
    }

    pub(crate) fn know(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Turns away what was sent to another name. A page of a stranger whose name was made to point to this machine
/// (DNS rebinding) sends that name as `Host`.
pub(crate) async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => "",
    };
    if !hosts.know(host) {
        return (StatusCode::MISDIRECTED_REQUEST, "this server does not answer to that name\n")
            .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")]
    {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        let hosts = Hosts::new(&["Chat.Example".to_owned()]);
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:7171", "[::1]", "[::1]:80", "chat.example:1"] {
            assert!(hosts.know(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io:7171",
            "127.0.0.1:",
            "::1",
            "localhost:x",
        ] {
            assert!(!hosts.know(host), "{host}");
        }
    }
}
