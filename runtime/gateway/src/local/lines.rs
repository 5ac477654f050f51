//! Lines of bounded length.

use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A line, without its line break.
    Line(Vec<u8>),
    /// More than a line may have.
    TooLong,
    /// Nothing more comes.
    End,
}

/// The next line, of at most `most` bytes. One that the end cuts off counts.
pub(super) async fn next(reader: &mut (impl AsyncBufRead + Unpin), most: usize) -> io::Result<Read> {
    let mut line = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let count = reader.take(limit).read_until(b'\n', &mut line).await?;
    if count == 0 {
        return Ok(Read::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if count > most {
        return Ok(Read::TooLong);
    }
    Ok(Read::Line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_have_a_bound() {
        let mut text: &[u8] = b"one\n\nthree\n12345678\n123456789";
        for expected in [&b"one"[..], b"", b"three", b"12345678"] {
            assert_eq!(next(&mut text, 8).await.unwrap(), Read::Line(expected.to_vec()));
        }
        assert_eq!(next(&mut text, 8).await.unwrap(), Read::TooLong);
        let mut cut: &[u8] = b"cut";
        assert_eq!(next(&mut cut, 8).await.unwrap(), Read::Line(b"cut".to_vec()));
        assert_eq!(next(&mut cut, 8).await.unwrap(), Read::End);
    }
}
