//! A WebSocket of a runtime, over the same connections as everything else that is asked of one.

use super::Address;
use super::http::{client, unreachable};
use crate::args::With;
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{
    CONNECTION, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{StatusCode, Upgraded};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// One that is open.
pub(crate) type Socket = WebSocketStream<Upgraded>;

/// Where one is opened.
pub(crate) struct Door {
    address: Address,
    path: String,
    client: reqwest::Client,
}

/// Why none was opened.
pub(crate) enum Shut {
    /// It may be open later.
    Now(Problem),
    /// It stays shut until somebody does something.
    ForGood(Problem),
}

impl Door {
    /// The one at a path below a runtime's address.
    pub(crate) fn new(address: Address, path: &str, with: &With) -> Result<Door, Problem> {
        let client = client(&address, with)?;
        Ok(Door { address, path: path.to_owned(), client })
    }

    /// Opens it (RFC 6455, section 4.1).
    pub(crate) async fn open(&self) -> Result<Socket, Shut> {
        let url = self.address.join(&self.path);
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|e| {
            Shut::ForGood(Problem::new("E0936", format!("the system gives no random numbers: {e}")))
        })?;
        let key = STANDARD.encode(random);
        let request = self
            .client
            .get(url.clone())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &key)
            // As a page of that address says it: others may not connect.
            .header(ORIGIN, url.origin().ascii_serialization());
        let response = request.send().await.map_err(|e| {
            let problem = unreachable(&self.address, &e);
            if problem.code() == "E1043" { Shut::ForGood(problem) } else { Shut::Now(problem) }
        })?;
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).and_then(|value| value.to_str().ok());
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS if accepted == Some(&*derive_accept_key(key.as_bytes())) => {}
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => {
                let message = format!("{} takes no more visitors at the moment", self.address);
                return Err(Shut::Now(Problem::new("E1046", message)));
            }
            StatusCode::MISDIRECTED_REQUEST | StatusCode::FORBIDDEN => {
                let message = format!("the chat page at {url} does not talk to visitors of that name");
                return Err(Shut::ForGood(Problem::new("E1045", message).help(
                    "use the name it is known by there; its configuration lists those that it answers to",
                )));
            }
            status => {
                let message = format!("there is no chat page at {url}: {}", status.as_u16());
                return Err(Shut::ForGood(Problem::new("E1111", message).help(
                    "name its account, with `carapace login` before: `carapace chat --to URL ACCOUNT`",
                )));
            }
        }
        let upgraded = response.upgrade().await.map_err(|e| Shut::Now(unreachable(&self.address, &e)))?;
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await)
    }
}
