//! What a file is, by its bytes rather than by what is said of it.

use super::picture;
use carapace_channel_api::{FetchError, MediaType};
use infer::MatcherType;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

/// What is said of bytes of which nothing is known.
const ANYTHING: &str = "application/octet-stream";

/// So much of a file is looked at to tell what it is; marks of formats stand in the first few hundred bytes.
const HEAD: u64 = 64 * 1024;

/// What a file is that is said to be `claimed`. It reads and blocks.
pub(super) fn look(path: &Path, claimed: &MediaType, pixels: u64) -> Result<MediaType, FetchError> {
    let unreadable = |error: io::Error| FetchError::Unavailable { message: error.to_string() };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    let size = file.seek(io::SeekFrom::End(0)).map_err(unreadable)?;
    let is = judge(&head, size > head.len() as u64, claimed)?;
    file.rewind().map_err(unreadable)?;
    // Only the head is read. What has none that can be read is no bomb: nobody can show it.
    match picture::dimensions(file) {
        Some((width, height)) if u64::from(width) * u64::from(height) > pixels => {
            Err(FetchError::Refused { message: format!("it is a picture of {width} × {height} pixels") })
        }
        _ => Ok(is),
    }
}

/// What begins with these bytes; `more` says whether it goes on behind them.
fn judge(bytes: &[u8], more: bool, claimed: &MediaType) -> Result<MediaType, FetchError> {
    let said = claimed.0.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let found = infer::get(bytes);
    let Some(found) = found else { return Ok(unknown(bytes, more, claimed, &said)) };
    let is = found.mime_type();
    if is == said {
        return Ok(claimed.clone());
    }
    let shown = shows(&said);
    let program = found.matcher_type() == MatcherType::App || is == "text/x-shellscript";
    let page = matches!(is, "text/html" | "text/xml");
    if (program && said != ANYTHING && !said.starts_with("application/x-")) || (page && shown) {
        let message = format!("it is said to be `{}` and is `{is}`", said.escape_debug());
        return Err(FetchError::Refused { message });
    }
    if fits(is, &said, found.matcher_type()) { Ok(claimed.clone()) } else { Ok(MediaType(is.to_owned())) }
}

/// Whether something that is said to be this is shown without being opened.
fn shows(said: &str) -> bool {
    ["image/", "audio/", "video/"].iter().any(|family| said.starts_with(family))
}

/// Whether what is said is only closer than what can be seen.
fn fits(is: &str, said: &str, matcher: MatcherType) -> bool {
    let (family, form) = is.split_once('/').unwrap_or((is, ""));
    let (said_family, said_form) = said.split_once('/').unwrap_or((said, ""));
    // The same container holds sound with and without a picture.
    let moves = |family| matches!(family, "audio" | "video");
    let contained = moves(family) && moves(said_family) && form == said_form;
    // Many kinds of documents are archives, and many kinds of data are XML.
    let packed = matcher == MatcherType::Archive && said_family == "application" && said != ANYTHING;
    contained || packed || (is == "text/xml" && said_form.ends_with("xml"))
}

/// What bytes are that have no mark.
fn unknown(bytes: &[u8], more: bool, claimed: &MediaType, said: &str) -> MediaType {
    // Had they been what is said, there would be a mark.
    let lies = shows(said) && (said.ends_with("/*") || infer::is_mime_supported(said));
    if !lies && said.contains('/') {
        return claimed.clone();
    }
    // The last letter may go on behind what was read.
    let text = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => more && error.error_len().is_none(),
    };
    MediaType(if text && !bytes.contains(&0) { "text/plain" } else { ANYTHING }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde";

    fn said(bytes: &[u8], claimed: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        match look(&path, &MediaType(claimed.to_owned()), 64_000_000) {
            Ok(is) => is.0,
            Err(FetchError::Refused { message }) => format!("refused: {message}"),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_claim_that_lies_is_put_right() {
        for (bytes, claimed, is) in [
            (PNG, "image/png", "image/png"),
            (PNG, "image/*", "image/png"),
            (PNG, "image/jpeg", "image/png"),
            (PNG, "application/octet-stream", "image/png"),
            (PNG, "text/html", "image/png"),
            (&b"%PDF-1.7 x"[..], "image/png", "application/pdf"),
            (b"%PDF-1.7 x", "application/pdf", "application/pdf"),
            (b"PK\x03\x04 and so on", "application/vnd.example", "application/vnd.example"),
            (b"PK\x03\x04 and so on", "image/png", "application/zip"),
            (b"just words", "image/png", "text/plain"),
            (b"just words", "image/*", "text/plain"),
            (b"\0\x01\x02", "video/mp4", "application/octet-stream"),
            (b"just words", "text/markdown; charset=utf-8", "text/markdown; charset=utf-8"),
            (b"just words", "", "text/plain"),
            (b"", "image/png", "text/plain"),
        ] {
            assert_eq!(said(bytes, claimed), is, "{claimed}");
        }
    }

    #[test]
    fn a_letter_that_is_cut_by_the_reading_is_a_letter() {
        let head = usize::try_from(HEAD).unwrap();
        let words = format!("{}é and so on", "a".repeat(head - 1));
        assert_eq!(said(words.as_bytes(), "image/*"), "text/plain");
        assert_eq!(said(&words.as_bytes()[..head], "image/*"), ANYTHING);
    }

    #[test]
    fn nobody_opens_a_program_for_a_picture() {
        let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (bytes, claimed) in [
            (&elf[..], "image/png"),
            (elf, "application/pdf"),
            (elf, "text/plain"),
            (b"MZ\x90\0\x03\0\0\0\x04\0", "video/mp4"),
            (b"#!/bin/sh\nrm -rf /", "image/jpeg"),
            (b"<!DOCTYPE html><script>", "image/png"),
            (b"<?xml version=\"1.0\"?><svg onload=\"x\">", "image/png"),
        ] {
            assert!(
                said(bytes, claimed).starts_with("refused: it is said to be"),
                "{claimed} {}",
                said(bytes, claimed)
            );
        }
        assert_eq!(said(elf, "application/octet-stream"), "application/x-executable");
    }

    #[test]
    fn a_small_file_that_becomes_a_large_picture_is_refused() {
        let mut bomb = PNG.to_vec();
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let mut sum = flate2::Crc::new();
        sum.update(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        bomb.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
        let gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;";
        // A JPEG whose size stands far behind what is read to see what it is.
        let mut jpeg = b"\xff\xd8\xff\xe1\xff\xff".to_vec();
        jpeg.resize(2 + 2 + 0xffff, 0);
        jpeg.extend_from_slice(b"\xff\xfe\xff\xff");
        jpeg.resize(jpeg.len() + 0xfffd, b' ');
        jpeg.extend_from_slice(b"\xff\xc2\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0");
        for (bytes, claimed) in [
            (&bomb[..], "image/png"),
            (gif, "image/gif"),
            (gif, "text/plain"),
            (&jpeg, "image/jpeg"),
            (&jpeg, "application/octet-stream"),
        ] {
            assert_eq!(said(bytes, claimed), "refused: it is a picture of 65535 × 65535 pixels");
        }
    }
}
