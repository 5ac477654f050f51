//! `std/crypto`.

use crate::Error;
use crate::args::{Answer, bytes};
use carapace_module::Value;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub(crate) fn sha256(args: &[Value]) -> Answer {
    Ok(Value::bytes(Sha256::digest(bytes(args, 0)?).to_vec()))
}

pub(crate) fn hmac_sha256(args: &[Value]) -> Answer {
    let mut mac = Hmac::<Sha256>::new_from_slice(bytes(args, 0)?).map_err(|_| Error::Types)?;
    mac.update(bytes(args, 1)?);
    Ok(Value::bytes(mac.finalize().into_bytes().to_vec()))
}

/// Every byte is looked at, whatever the ones before it were.
pub(crate) fn equal(args: &[Value]) -> Answer {
    let (left, right) = (bytes(args, 0)?, bytes(args, 1)?);
    let differences = left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b));
    Ok(Value::Bool(std::hint::black_box(differences) == 0 && left.len() == right.len()))
}
