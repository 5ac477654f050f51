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
        .route("/files/{id}/preview", get(preview))
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
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stored = async {
        let held = hub.files.receive(body, cap).await?;
        hub.files.store(&id, &held, &media_type(text("content-type"))).await
    };
    let stored = match stored.await {
        Ok(stored) => stored,
        Err(rejected) => return rejection(rejected, cap),
    };
    let entry = FileEntry {
        id: id.clone(),
        conversation,
        owner: Some(user.clone()),
        name: file_name(text("x-file-name")),
        media_type: stored.media_type,
        size: stored.size,
        preview: stored.preview,
    };
    let answer = Json(entry.clone().shared());
    let noted = async {
        hub.index.keep(&user).await?;
        hub.index.add_file(entry).await
    };
    match noted.await {
        Ok(()) => answer.into_response(),
        Err(error) => {
            tracing::error!(%error, "webchat cannot note a file");
            hub.files.remove(&id).await;
            refuse(StatusCode::SERVICE_UNAVAILABLE, "the file cannot be stored at the moment")
        }
    }
}

/// Why a file is not taken, for a page.
fn rejection(rejected: Rejected, cap: u64) -> Response {
    match rejected {
        Rejected::TooLarge => refuse(StatusCode::PAYLOAD_TOO_LARGE, &too_large(cap)),
        Rejected::Broken => refuse(StatusCode::BAD_REQUEST, "the file broke off"),
        Rejected::Refused(why) => {
            refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &format!("the file is not taken: {why}"))
        }
        Rejected::Disk(error) => {
            tracing::error!(%error, "webchat cannot store a file");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "the file cannot be stored at the moment")
        }
    }
}

async fn download(State(hub): State<Arc<Hub>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let file = match there(&hub, &id, &headers) {
        Ok(file) => file,
        Err(refused) => return *refused,
    };
    handed(hub.files.open(&file.id).await)
}

async fn preview(State(hub): State<Arc<Hub>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let file = match there(&hub, &id, &headers) {
        Ok(file) => file,
        Err(refused) => return *refused,
    };
    handed(hub.files.preview(&file.id).await)
}

/// The file, if who asks may see it.
fn there(hub: &Hub, id: &str, headers: &HeaderMap) -> Result<FileEntry, Box<Response>> {
    let user =
        bearer(hub, headers).ok_or_else(|| Box::new(refuse(StatusCode::UNAUTHORIZED, "who are you?")))?;
    let file = hub.index.file(id).filter(|file| hub.index.is_member(&file.conversation, &user));
    file.ok_or_else(|| Box::new(gone()))
}

fn gone() -> Response {
    refuse(StatusCode::NOT_FOUND, "the file is not there")
}

fn handed(opened: std::io::Result<(Body, u64)>) -> Response {
    let Ok((body, size)) = opened else { return gone() };
    // Whatever a stranger called it: to a browser that comes here without the page, it is bytes to be saved.
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
    ];
    (headers, body).into_response()
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
