//! Ed25519 with a public key, as Discord signs interactions: `X-Signature-Ed25519` in hex, over `X-Signature-Timestamp` and the body.

use super::bytes::of_hex;
use super::{Request, Unproven};
use ed25519_dalek::{Signature, VerifyingKey};

const SIGNATURE: &str = "x-signature-ed25519";

pub(super) fn prove(public_key: &str, request: Request<'_>) -> Result<(), Unproven> {
    let time = request.time(request.only("x-signature-timestamp")?)?;
    let signature = of_hex(request.only(SIGNATURE)?);
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key = of_hex(public_key).and_then(|bytes| VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok());
    let (Some(signature), Some(key)) = (signature, key) else {
        return Err(format!("`{SIGNATURE}` is no signature, or the public key is none"));
    };
    let signed = [time.as_bytes(), request.body].concat();
    // The strict form: keys that fit every signature are none.
    key.verify_strict(&signed, &signature)
        .map_err(|_| format!("the signature in `{SIGNATURE}` is not that of this body and time"))
}
