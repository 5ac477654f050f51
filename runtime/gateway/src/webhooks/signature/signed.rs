//! HMAC-SHA256 over the body alone. Nothing of it says when: who reads along could send it again, so the id is remembered.

use super::bytes::{of_base64, of_hex};
use super::{Request, Unproven};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// In hex, behind a prefix: GitHub.
pub(super) fn hex(key: &[u8], request: Request<'_>, header: &str, prefix: &str) -> Result<(), Unproven> {
    let said = request.only(header)?;
    let signature = said.strip_prefix(prefix).and_then(of_hex);
    judge(header, signature.is_some_and(|signature| is_signed(key, &[request.body], &signature)))
}

/// In base64: Shopify.
pub(super) fn base64(key: &[u8], request: Request<'_>, header: &str) -> Result<(), Unproven> {
    let signature = of_base64(request.only(header)?);
    judge(header, signature.is_some_and(|signature| is_signed(key, &[request.body], &signature)))
}

/// In hex or base64, whichever it is, with or without `sha256=` before it: the two never have the same length.
pub(super) fn either(key: &[u8], request: Request<'_>, header: &str) -> Result<(), Unproven> {
    let said = request.only(header)?;
    let bare = said.strip_prefix("sha256=").unwrap_or(said);
    let signature = if bare.len() == 64 { of_hex(bare) } else { of_base64(bare) };
    judge(header, signature.is_some_and(|signature| is_signed(key, &[request.body], &signature)))
}

/// Whether these bytes, one after the other, were signed so. The comparison is in constant time.
pub(super) fn is_signed(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(signature).is_ok()
}

fn judge(header: &str, signed: bool) -> Result<(), Unproven> {
    if signed { Ok(()) } else { Err(format!("the signature in `{header}` is not that of this body")) }
}
