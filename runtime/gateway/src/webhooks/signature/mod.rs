//! How a request proves where it comes from: a file for each way, over the bytes that came, before anything of them is read.
//!
//! Which header, which bytes and which encoding is each service's own. What is compared is compared in a time that does not tell
//! where two differ.

mod bytes;
mod ed25519;
mod headers;
mod plain;
mod signed;
mod timed;

use axum::http::HeaderMap;
use std::sync::Arc;
use std::time::Duration;

/// A way of proof, as the library declares it (`stdlib/prelude/webhook.flow`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// `github`.
    Github,
    /// `gitlab`.
    Gitlab,
    /// `stripe`.
    Stripe,
    /// `slack`.
    Slack,
    /// `shopify`.
    Shopify,
    /// `bearer`.
    Bearer,
    /// `standard`.
    Standard,
    /// `hmac`.
    Hmac {
        /// The header that holds it.
        header: Arc<str>,
    },
    /// `token`.
    Token {
        /// The header that holds it.
        header: Arc<str>,
    },
    /// `ed25519`.
    Ed25519 {
        /// In hex.
        public_key: Arc<str>,
    },
    /// One that this version does not know: nothing proves anything by it.
    Unknown {
        /// Its name.
        name: Arc<str>,
    },
}

/// A request, as far as a proof is about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'r> {
    pub(super) headers: &'r HeaderMap,
    pub(super) body: &'r [u8],
    /// When it came, in seconds since 1970 UTC.
    pub(super) now: i64,
    /// How far a time that was signed may be from that, in seconds.
    pub(super) window: i64,
}

/// Why something proves nothing: for the sender, and so without anything of the key.
pub(super) type Unproven = String;

impl Check {
    /// The one that the library calls so, with what else it was given.
    pub(super) fn of(name: &Arc<str>, with: &[(Arc<str>, Arc<str>)]) -> Check {
        let given = |name: &str| with.iter().find(|(of, _)| **of == *name).map(|(_, text)| text.clone());
        let known = match &**name {
            "github" => Some(Check::Github),
            "gitlab" => Some(Check::Gitlab),
            "stripe" => Some(Check::Stripe),
            "slack" => Some(Check::Slack),
            "shopify" => Some(Check::Shopify),
            "bearer" => Some(Check::Bearer),
            "standard" => Some(Check::Standard),
            "hmac" => given("header").map(|header| Check::Hmac { header }),
            "token" => given("header").map(|header| Check::Token { header }),
            "ed25519" => given("public_key").map(|public_key| Check::Ed25519 { public_key }),
            _ => None,
        };
        known.unwrap_or_else(|| Check::Unknown { name: name.clone() })
    }

    /// Whether it takes a secret.
    pub(super) fn takes_key(&self) -> bool {
        !matches!(self, Check::Ed25519 { .. } | Check::Unknown { .. })
    }

    /// Whether the key itself stands in this header.
    pub(super) fn shows_its_key_in(&self, name: &str) -> bool {
        match self {
            Check::Gitlab => name.eq_ignore_ascii_case("x-gitlab-token"),
            Check::Bearer => name.eq_ignore_ascii_case("authorization"),
            Check::Token { header } => name.eq_ignore_ascii_case(header),
            _ => false,
        }
    }

    /// How long the service waits for an answer, less what the way back may take; none where that is not known to be short.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self {
            // Three seconds, both.
            Check::Slack | Check::Ed25519 { .. } => Some(Duration::from_millis(2_500)),
            // Five seconds.
            Check::Shopify => Some(Duration::from_millis(4_500)),
            _ => None,
        }
    }

    /// Whether the request proves that it comes from where the key is.
    pub(super) fn prove(&self, key: &[u8], request: Request<'_>) -> Result<(), Unproven> {
        match self {
            Check::Github => signed::hex(key, request, "x-hub-signature-256", "sha256="),
            Check::Gitlab => plain::token(key, request, "x-gitlab-token"),
            Check::Stripe => timed::stripe(key, request),
            Check::Slack => timed::slack(key, request),
            Check::Shopify => signed::base64(key, request, "x-shopify-hmac-sha256"),
            Check::Bearer => plain::bearer(key, request),
            Check::Standard => timed::standard(key, request),
            Check::Hmac { header } => signed::either(key, request, header),
            Check::Token { header } => plain::token(key, request, header),
            Check::Ed25519 { public_key } => ed25519::prove(public_key, request),
            Check::Unknown { name } => Err(format!("`{name}` is no signature that is known here")),
        }
    }
}
