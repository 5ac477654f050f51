//! The routes of a WebChat.

use crate::files::Rejected;
use crate::hub::Hub;
use crate::index::FileEntry;
use crate::token::{Token, fresh};
use crate::{page, socket};
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use carapace_channel_api::{ConversationId, UserId};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// The routes, relative to where it is mounted.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    page::router()
        .route("/ws", get(connect))
        .route("/files/{id}", get(download))
        .route("/conversations/{id}/files", post(upload))
        .with_state(hub)
}

async fn connect(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_page(&hub, &headers) {
        return (StatusCode::FORBIDDEN, "pages of that origin may not connect\n").into_response();
    }
    let address = peer.ip();
    if hub.per_address.take(address, Instant::now()).is_err() {
        return (StatusCode::TOO_MANY_REQUESTS, "too many connections\n").into_response();
    }
    let Some(place) = Place::take(hub.clone(), address) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no more connections at the moment\n").into_response();
    };
    let limit = hub.options.limits.frame;
    upgrade.max_message_size(limit).max_frame_size(limit).on_upgrade(async move |websocket| {
        socket::serve(hub, websocket, address).await;
        drop(place);
    })
}

/// A connection's place, given back however it ends.
struct Place(Arc<Hub>, IpAddr);

impl Place {
    fn take(hub: Arc<Hub>, address: IpAddr) -> Option<Place> {
        hub.admit(address).then(|| Place(hub, address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.dismiss(self.1);
    }
}

/// Whether a request was made by a page that this server gave out, or by one of an origin that is allowed. A
/// browser always says so, and does not let a page lie about it.
fn is_own_page(hub: &Hub, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host).unwrap_or_default();
    let own = text(header::HOST).is_some_and(|name| !host.is_empty() && host.eq_ignore_ascii_case(name));
    own || hub.options.origins.iter().any(|allowed| allowed == origin)
}

/// Who asks, by the session's secret in the `Authorization` header: never in an address, where it would be logged.
fn bearer(hub: &Hub, headers: &HeaderMap) -> Option<UserId> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = Token::read(value.strip_prefix("Bearer ")?)?;
    hub.index.session(&token.hash())
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(serde_json::json!({ "error": message }))).into_response()
}

async fn upload(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(conversation): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_own_page(&hub, &headers) {
        return refuse(StatusCode::FORBIDDEN, "pages of that origin may not upload");
    }
    let Some(user) = bearer(&hub, &headers) else {
        return refuse(StatusCode::UNAUTHORIZED, "who are you?");
    };
    let conversation = ConversationId(conversation);
    if hub.check_member(&user, &conversation).is_err() {
        return refuse(StatusCode::FORBIDDEN, "that conversation is not yours");
    }
    let now = Instant::now();
    let allowed = hub.per_visitor.take(user.clone(), now).and_then(|()| hub.per_address.take(peer.ip(), now));
    if allowed.is_err() {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "slower, please");
    }
    let limits = &hub.options.limits;
    let left = limits.visitor_files.saturating_sub(hub.index.file_bytes(&user));
    let cap = limits.file.min(left);
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|size| size > cap) {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, &too_large(cap));
    }
    receive(&hub, user, conversation, &headers, body, cap).await
}

fn too_large(cap: u64) -> String {
    format!("a file may have at most {cap} bytes here")
}

async fn receive(
    hub: &Hub,
    user: UserId,
    conversation: ConversationId,
    headers: &HeaderMap,
    body: Body,
    cap: u64,
) -> Response {
    let Ok(id) = fresh("f") else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the file cannot be stored at the moment");
    };
    let size = match hub.files.receive(&id, body, cap).await {
        Ok(size) => size,
        Err(Rejected::TooLarge) => return refuse(StatusCode::PAYLOAD_TOO_LARGE, &too_large(cap)),
        Err(Rejected::Broken) => return refuse(StatusCode::BAD_REQUEST, "the file broke off"),
        Err(Rejected::Disk(error)) => {
            tracing::error!(%error, "webchat cannot store a file");
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "the file cannot be stored at the moment");
        }
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let entry = FileEntry {
        id: id.clone(),
        conversation,
        owner: Some(user.clone()),
        name: file_name(text("x-file-name")),
        media_type: media_type(text("content-type")),
        size,
    };
    let answer = serde_json::json!({
        "file": entry.id, "name": entry.name, "media_type": entry.media_type, "size": entry.size,
    });
    let noted = async {
        hub.index.keep(&user).await?;
        hub.index.add_file(entry).await
    };
    match noted.await {
        Ok(()) => Json(answer).into_response(),
        Err(error) => {
            tracing::error!(%error, "webchat cannot note a file");
            hub.files.remove(&id).await;
            refuse(StatusCode::SERVICE_UNAVAILABLE, "the file cannot be stored at the moment")
        }
    }
}

async fn download(State(hub): State<Arc<Hub>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(user) = bearer(&hub, &headers) else {
        return refuse(StatusCode::UNAUTHORIZED, "who are you?");
    };
    let file = hub.index.file(&id).filter(|file| hub.index.is_member(&file.conversation, &user));
    let Some(file) = file else {
        return refuse(StatusCode::NOT_FOUND, "the file is not there");
    };
    let Ok(bytes) = hub.files.read(&file.id).await else {
        return refuse(StatusCode::NOT_FOUND, "the file is not there");
    };
    // Whatever a stranger called it: to a browser that comes here without the page, it is bytes to be saved.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, bytes).into_response()
}

/// The last part of what a page says the file is called, percent-encoded, without control characters.
fn file_name(encoded: &str) -> String {
    let decoded = percent_decode(encoded);
    let last = decoded.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    let name = name.trim();
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits: Vec<u8> = rest.by_ref().take(2).collect();
        let hex = std::str::from_utf8(&digits).ok().filter(|hex| hex.len() == 2);
        let number = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(number.unwrap_or(b'_'));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a page says the file is, if it has the form of a media type.
fn media_type(text: &str) -> String {
    let plain = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let known =
        plain.len() <= 100 && plain.split_once('/').is_some_and(|(family, kind)| word(family) && word(kind));
    if known { plain } else { "application/octet-stream".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_of_strangers() {
        assert_eq!(file_name("r%C3%A9sum%C3%A9.pdf"), "résumé.pdf");
        assert_eq!(file_name("..%2F..%2Fetc%2Fpasswd"), "passwd");
        assert_eq!(file_name("C:%5Cx%00%0A.txt"), "x.txt");
        assert_eq!(file_name("%zz%4"), "__");
        assert_eq!(file_name(""), "file");
        assert_eq!(media_type("Image/PNG; charset=x"), "image/png");
        for junk in ["", "x", "a/b/c", "<b>/x", "text/\"html"] {
            assert_eq!(media_type(junk), "application/octet-stream", "{junk}");
        }
    }
}
