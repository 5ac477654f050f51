//! HMAC-SHA256 over a time and the body: what is older than the window counts no more, however well it is signed.

use super::bytes::{of_base64, of_hex};
use super::signed::is_signed;
use super::{Request, Unproven};

/// How many signatures a header may hold: a service has two keys while one takes the place of the other.
const SIGNATURES: usize = 8;

/// `Stripe-Signature: t=TIME,v1=HEX,v1=HEX`, over `TIME.BODY`. Schemes other than `v1` are passed over.
pub(super) fn stripe(key: &[u8], request: Request<'_>) -> Result<(), Unproven> {
    let header = request.only("stripe-signature")?;
    let members = || header.split(',').filter_map(|member| member.trim().split_once('='));
    let mut times = members().filter(|(name, _)| *name == "t").map(|(_, time)| time);
    let (Some(time), None) = (times.next(), times.next()) else {
        return Err("`stripe-signature` does not have one time".to_owned());
    };
    let time = request.time(time)?;
    let signatures = members().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| of_hex(hex));
    let parts: [&[u8]; 3] = [time.as_bytes(), b".", request.body];
    judge("stripe-signature", any(key, &parts, signatures))
}

/// `X-Slack-Signature: v0=HEX`, over `v0:TIME:BODY`, the time in `X-Slack-Request-Timestamp`.
pub(super) fn slack(key: &[u8], request: Request<'_>) -> Result<(), Unproven> {
    let time = request.time(request.only("x-slack-request-timestamp")?)?;
    let said = request.only("x-slack-signature")?;
    let signature = said.strip_prefix("v0=").and_then(of_hex);
    let parts: [&[u8]; 4] = [b"v0:", time.as_bytes(), b":", request.body];
    judge("x-slack-signature", any(key, &parts, signature.into_iter()))
}

/// Standard Webhooks: `webhook-signature: v1,BASE64 v1,BASE64`, over `ID.TIME.BODY`. The key is base64 behind `whsec_`; one that is
/// not counts as it stands.
pub(super) fn standard(key: &[u8], request: Request<'_>) -> Result<(), Unproven> {
    let id = request.only("webhook-id")?;
    let time = request.time(request.only("webhook-timestamp")?)?;
    let said = request.only("webhook-signature")?;
    let decoded = std::str::from_utf8(key).ok().and_then(|key| of_base64(key.strip_prefix("whsec_")?));
    let signatures = said.split(' ').filter_map(|one| of_base64(one.strip_prefix("v1,")?));
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", request.body];
    let key = decoded.as_deref().unwrap_or(key);
    // With no key everybody can sign: `whsec_` alone is none.
    judge("webhook-signature", !key.is_empty() && any(key, &parts, signatures))
}

fn any(key: &[u8], parts: &[&[u8]], signatures: impl Iterator<Item = Vec<u8>>) -> bool {
    signatures.take(SIGNATURES).any(|signature| is_signed(key, parts, &signature))
}

fn judge(header: &str, signed: bool) -> Result<(), Unproven> {
    if signed {
        Ok(())
    } else {
        Err(format!("the signature in `{header}` is not that of this body and time"))
    }
}
