//! The protocol over HTTP (2025-11-25 and before: "Streamable HTTP", with sessions; 2026-07-28: without).

use super::Runtime;
use super::handler::{Handler, Theirs};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The header field that names a session.
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// Sessions at most, and of one who asks.
const SESSIONS: (usize, usize) = (512, 64);

/// Bytes of a request's body.
const BODY: usize = 1024 * 1024;

/// Where programs ask over HTTP. Who may, whoever has it says: nothing here asks for a token, nor looks at names and origins.
pub struct Endpoint {
    service: StreamableHttpService<Handler, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
    /// Whose each session is.
    owners: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_max_request_body_bytes(BODY);
        let sessions = Arc::new(LocalSessionManager::default());
        let handler = || Ok(Handler { runtime: None, calls: Arc::default() });
        let service = StreamableHttpService::new(handler, sessions.clone(), config);
        Endpoint { service, sessions, owners: Mutex::default() }
    }
}

impl Endpoint {
    /// Answers a request of `who`, for whom the runtime is this. A session is of use only to who began it.
    pub async fn answer(&self, who: &str, runtime: Arc<dyn Runtime>, mut request: Request) -> Response {
        let named =
            request.headers().get(&SESSION).map(|value| value.to_str().unwrap_or_default().to_owned());
        match named {
            Some(session) if !self.is_of(&session, who) => {
                // As the protocol says it of a session that is over.
                return (StatusCode::NOT_FOUND, "there is no such session\n").into_response();
            }
            Some(_) => {}
            None if self.are_too_many(who).await => {
                let later = [(header::RETRY_AFTER, "60")];
                return (StatusCode::SERVICE_UNAVAILABLE, later, "there are too many sessions\n")
                    .into_response();
            }
            None => {}
        }
        request.extensions_mut().insert(Theirs(runtime));
        let mut response = self.service.handle(request).await.map(Body::new);
        if let Some(session) = response.headers().get(&SESSION).and_then(|session| session.to_str().ok()) {
            self.owners().insert(session.to_owned(), who.to_owned());
            let shown = HeaderValue::from_static("mcp-session-id");
            response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
        }
        response
    }

    /// Ends all sessions, and what is still being told in them.
    pub fn end(&self) {
        self.service.config.cancellation_token.cancel();
    }

    fn is_of(&self, session: &str, who: &str) -> bool {
        self.owners().get(session).is_some_and(|owner| owner == who)
    }

    /// Whether there are too many sessions; those that are over are forgotten.
    async fn are_too_many(&self, who: &str) -> bool {
        let live = self.sessions.sessions.read().await;
        let mut owners = self.owners();
        owners.retain(|session, _| live.contains_key(session.as_str()));
        owners.len() >= SESSIONS.0 || owners.values().filter(|owner| *owner == who).count() >= SESSIONS.1
    }

    fn owners(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
