//! Lines out of a stream of bytes, whatever those bytes are.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// What stood between two ends of line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// A line, its end removed.
    Line(String),
    /// More bytes than allowed.
    TooLong,
    /// Not UTF-8.
    NotText,
    /// There is no more.
    End,
}

/// The next line of at most `longest` bytes. A longer one is skipped without being held in memory. When dropped
/// before it is done, what was read of the line is lost: give it up only together with the stream.
pub(crate) async fn next(
    input: &mut (dyn AsyncBufRead + Send + Unpin),
    longest: usize,
) -> std::io::Result<Raw> {
    let mut line = Vec::new();
    let mut over = false;
    let mut any = false;
    loop {
        let chunk = input.fill_buf().await?;
        if chunk.is_empty() {
            if !any {
                return Ok(Raw::End);
            }
            break;
        }
        any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(chunk.len());
        if line.len() + taken > longest + 1 {
            over = true;
            line.clear();
        } else if !over {
            line.extend(chunk.iter().take(taken));
        }
        let used = end.map_or(taken, |at| at + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if over || line.len() > longest {
        return Ok(Raw::TooLong);
    }
    Ok(String::from_utf8(line).map_or(Raw::NotText, Raw::Line))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(bytes: &[u8], longest: usize) -> Vec<Raw> {
        // A buffer of three bytes, so that lines cross its edges.
        let mut input = tokio::io::BufReader::with_capacity(3, bytes);
        let mut out = Vec::new();
        loop {
            match next(&mut input, longest).await.unwrap() {
                Raw::End => return out,
                raw => out.push(raw),
            }
        }
    }

    #[tokio::test]
    async fn lines_of_every_kind() {
        let line = |text: &str| Raw::Line(text.to_owned());
        assert_eq!(all(b"one\r\n\ntwo", 10).await, [line("one"), line(""), line("two")]);
        assert_eq!(all("é\u{202e}\u{1}\n".as_bytes(), 10).await, [line("é\u{202e}\u{1}")]);
        assert_eq!(all(b"\xff\xfe\nok\n", 10).await, [Raw::NotText, line("ok")]);
        assert_eq!(all(b"12345\n123456\n1\n", 5).await, [line("12345"), Raw::TooLong, line("1")]);
        assert_eq!(all(b"12345\r\n123456789012345", 5).await, [line("12345"), Raw::TooLong]);
        assert_eq!(all(b"", 5).await, []);
    }
}
