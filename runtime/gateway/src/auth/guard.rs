//! The layer before guarded routes.

use super::bearer::{Shown, shown_for};
use super::{Caller, Client, Gate, Page, Refusal, is_in_address};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What a browser is told of every answer of ours: it is data, of nobody else's concern, and not kept.
const HEADERS: [(&str, &str); 4] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
];

/// Types of bodies that a page may send anywhere without asking first: those of forms (Fetch standard, "CORS-safelisted").
const FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// Lets those through whom it knows, and no page of a stranger that their browser shows.
pub(crate) async fn guard(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match admit(&gate, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Lets no page of a stranger through, and says what browsers may do with the answer.
pub(crate) async fn browsers(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    // What is no text is no origin of anybody.
    let origin = text(request.headers(), header::ORIGIN.as_str()).map(str::to_owned);
    let page = gate.hosts.page(origin.as_deref(), text(request.headers(), "host").unwrap_or_default());
    let mut response = if page == Page::Stranger {
        let refusal = Refusal::new(StatusCode::FORBIDDEN, "E1026", "this page may not ask that")
            .help("it is not of this server, and `origins` in `carapace.json5` does not name it");
        gate.refused(client(&request), ("?", "authenticate"), &refusal);
        refusal.into_response()
    } else if page == Page::Friend && is_preflight(&request) {
        preflight(request.headers())
    } else {
        request.extensions_mut().insert(page);
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if page == Page::Friend
        && let Some(origin) = origin.and_then(|origin| origin.parse().ok())
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Who sent a request.
fn admit(gate: &Gate, request: &Request) -> Result<Caller, Refusal> {
    let client = client(request);
    let refused = |refusal: Refusal| {
        gate.refused(client, ("?", "authenticate"), &refusal);
        refusal
    };
    if is_in_address(request.uri()) {
        return Err(refused(in_address()));
    }
    let page = request.extensions().get::<Page>().copied().unwrap_or(Page::Stranger);
    let caller = match shown_for(request.method(), request.uri(), request.headers()) {
        Shown::Nothing if client.is_local && matches!(page, Page::None | Page::Own) => {
            at_this_machine(request).map_err(refused)?
        }
        Shown::Nothing => {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "E1022", "this needs a token")
                .help("`Authorization: Bearer cpc_…`; `carapace token create` gives one out");
            return Err(refused(refusal));
        }
        Shown::Other(why) => {
            gate.hear(client)?;
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "E1022", why);
            return Err(gate.failed(
                client,
                ("?", "authenticate"),
                refusal.help("`Authorization: Bearer cpc_…`, once"),
            ));
        }
        Shown::Token(token) => {
            gate.hear(client)?;
            gate.access.authenticate(token).map_err(|denied| gate.denied(client, &denied))?
        }
        Shown::Ticket(ticket) => {
            gate.hear(client)?;
            gate.access.redeem(ticket).map_err(|denied| gate.denied(client, &denied))?
        }
    };
    if let Some(token) = caller.token() {
        gate.tokens.check(&token.into()).map_err(Refusal::too_many)?;
    }
    Ok(caller.coming_from(client.address.to_string()))
}

/// A field's text; one that is none is something that nobody says.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// From where a request comes; from elsewhere, where the door did not say.
pub(super) fn client(request: &Request) -> Client {
    let elsewhere = Client { address: std::net::Ipv4Addr::UNSPECIFIED.into(), is_local: false };
    request.extensions().get::<Client>().copied().unwrap_or(elsewhere)
}

/// Whoever sends a request at this machine without a token. That may be a page of a stranger, in a browser that does not say so
/// with `Origin`: for what a page can send without being asked, the browser's other words are looked at.
fn at_this_machine(request: &Request) -> Result<Caller, Refusal> {
    let headers = request.headers();
    let from_elsewhere =
        text(headers, "sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let kind = text(headers, "content-type")
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_lowercase());
    let form = !request.method().is_safe() && kind.is_some_and(|kind| FORMS.contains(&kind.as_str()));
    if from_elsewhere || form {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "E1026",
            "a page of a stranger could have sent this",
        )
        .help("send JSON as `application/json`, or come with a token"));
    }
    Ok(Caller::local())
}

/// A token stands in an address.
pub(crate) fn in_address() -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "E1023",
        "a token in an address is not used: addresses are written into logs",
    )
    .help("send `Authorization: Bearer cpc_…`, and revoke the token that stood there")
}

/// Whether a browser asks if a page of somebody else may send something (Fetch standard, "CORS-preflight fetch").
fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Header fields that pages send besides those that they may send anywhere.
const SENT: [&str; 8] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
    "openai-organization",
    "openai-project",
];

/// How further fields begin with which OpenAI's official clients say what they are. There are ever more of them, and none means anything here.
const OF_CLIENTS: &str = "x-stainless-";

/// Field names of a preflight at most that are looked at.
const NAMES: usize = 64;

fn preflight(asked: &HeaderMap) -> Response {
    let wanted = text(asked, header::ACCESS_CONTROL_REQUEST_HEADERS.as_str()).unwrap_or_default();
    let wanted = wanted.split(',').map(|name| name.trim().to_ascii_lowercase()).take(NAMES);
    let letters = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let of_clients = wanted.filter(|name| name.starts_with(OF_CLIENTS) && letters(name));
    let allowed: Vec<String> = SENT.into_iter().map(str::to_owned).chain(of_clients).collect();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(allowed) = allowed.join(", ").parse() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    (StatusCode::NO_CONTENT, headers).into_response()
}
