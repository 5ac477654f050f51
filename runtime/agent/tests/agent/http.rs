//! Requests as servers read them that are no servers of anybody's.

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// Reads a request, its head and its body, and leaves what comes after it in `bytes`; none where the connection ends before.
pub(crate) async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length =
                |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok();
            let wanted: usize = head.lines().find_map(length).unwrap_or(0);
            if let Some(body) = rest.get(..wanted) {
                bytes.drain(..head.len() + 4 + wanted);
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(piece.get(..n)?);
    }
}
