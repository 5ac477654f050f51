//! The key itself, in a header.

use super::{Request, Unproven};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A header that is the key.
pub(super) fn token(key: &[u8], request: Request<'_>, header: &str) -> Result<(), Unproven> {
    let said = request.only(header)?;
    if is_same(said.as_bytes(), key) {
        Ok(())
    } else {
        Err(format!("`{header}` is not the one that is known here"))
    }
}

/// `Authorization: Bearer …` (RFC 6750, section 2.1).
pub(super) fn bearer(key: &[u8], request: Request<'_>) -> Result<(), Unproven> {
    let said = request.only("authorization")?;
    let token = match said.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start_matches(' '),
        _ => return Err("`authorization` is not `Bearer …`".to_owned()),
    };
    if is_same(token.as_bytes(), key) {
        Ok(())
    } else {
        Err("`authorization` is not the one that is known here".to_owned())
    }
}

/// Hashes of the two have one length, whatever the two have: how long the key is, is not told either.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a).ct_eq(&Sha256::digest(b)).into()
}
