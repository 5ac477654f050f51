//! The page and the widget, served.

use crate::Options;
use crate::assets::{ASSETS, Asset, EDITION, INDEX, WIDGET, WIDGET_TAG};
use crate::hub::Hub;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write as _;
use std::sync::Arc;

/// The routes, relative to where it is mounted.
pub(crate) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/", get(index))
        .route("/widget.js", get(widget))
        .route("/assets/{edition}/{*name}", get(asset))
        .fallback(async || nothing())
}

fn nothing() -> Response {
    let headers = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (StatusCode::NOT_FOUND, headers, "nothing is served here\n").into_response()
}

async fn index(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Ok(policy) = HeaderValue::from_str(&policy(host, &hub.options.frames)) else { return nothing() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        // The next version of it names the next edition of the assets.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, document(&hub.options)).into_response()
}

/// What the page may do: its own scripts and styles, its own server, pictures it fetched itself. A text never becomes
/// code (`trusted-types`), and only sites that were named may show it in a frame.
fn policy(host: &str, frames: &[String]) -> String {
    let mut policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
                      base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'; connect-src 'self'"
        .to_owned();
    // To some browsers `'self'` does not mean its WebSockets.
    if is_host(host) {
        let _ = write!(policy, " ws://{host} wss://{host}");
    }
    policy.push_str("; frame-ancestors 'self'");
    for site in frames {
        let _ = write!(policy, " {site}");
    }
    policy
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

/// Whether a policy can name a site so: `https://shop.example`, `https://*.shop.example`, `http://localhost:*`.
pub(crate) fn is_site(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |rest: &str| {
        let rest = rest.strip_prefix("*.").unwrap_or(rest);
        is_host(rest.strip_suffix(":*").unwrap_or(rest))
    };
    rest.is_some_and(plain)
}

/// Addresses in it are whole: relative ones would mean something else at `/webchat` than at `/webchat/`.
fn document(options: &Options) -> String {
    let assets = format!("{}/assets/{}", options.path, *EDITION);
    let links = |folder: &str, before: &str| {
        let own = ASSETS.iter().filter(|asset| asset.name.starts_with(folder));
        own.map(|asset| format!("<link {before} href=\"{}/{}\" />", escape(&assets), asset.name))
            .collect::<Vec<_>>()
            .join("\n    ")
    };
    INDEX
        .replace("{{styles}}", &links("style/", "rel=\"stylesheet\""))
        .replace("{{scripts}}", &links("script/", "rel=\"modulepreload\""))
        .replace("{{assets}}", &escape(&assets))
        // Last, so that nothing in it is replaced.
        .replace("{{title}}", &escape(&options.title))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

async fn asset(Path((edition, name)): Path<(String, String)>) -> Response {
    // Of another edition we do not know what stood in it, and a browser would keep a wrong answer for ever.
    let Some(asset) = Asset::find(&name).filter(|_| edition == *EDITION) else { return nothing() };
    let headers = [
        (header::CONTENT_TYPE, asset.media_type()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ];
    (headers, asset.text).into_response()
}

const CROSS_ORIGIN_RESOURCE_POLICY: header::HeaderName =
    header::HeaderName::from_static("cross-origin-resource-policy");

async fn widget(headers: HeaderMap) -> Response {
    let common = [
        (header::ETAG, WIDGET_TAG.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    ];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == *WIDGET_TAG))
    {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], WIDGET).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_no_markup() {
        let mut options = Options::new("web", "data");
        options.title = "</title><script>alert('1')</script> {{assets}} & \"Co\"".to_owned();
        let html = document(&options);
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("{{assets}} &amp; &quot;Co&quot;</title>"), "{html}");
        assert_eq!(html.matches("{{").count(), 1, "{html}");
        assert!(html.contains(&format!("/webchat/assets/{}/script/main.js", *EDITION)));
    }

    #[test]
    fn a_policy_names_hosts_and_sites_and_nothing_else() {
        let policy = policy("chat.example:7171", &["https://shop.example".to_owned()]);
        assert!(policy.contains("connect-src 'self' ws://chat.example:7171 wss://chat.example:7171;"));
        assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"));
        assert!(!policy.contains("unsafe"));
        let hostile = super::policy("x; script-src *", &[]);
        assert!(hostile.ends_with("connect-src 'self'; frame-ancestors 'self'"), "{hostile}");
        for site in [
            "https://shop.example",
            "https://*.shop.example",
            "http://localhost:8080",
            "http://[::1]:80",
            "http://localhost:*",
        ] {
            assert!(is_site(site), "{site}");
        }
        for other in [
            "",
            "shop.example",
            "https://",
            "https://shop.example/",
            "https://a.example; script-src *",
            "*",
            "https://a b",
            "'none'",
            "https://*",
            "ftp://x",
        ] {
            assert!(!is_site(other), "{other}");
        }
    }
}
