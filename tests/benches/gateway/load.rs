//! Senders: each on a connection of its own that it keeps, each with one request at a time.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What every request sends.
const BODY: &str = r#"{"service":"shop","amount":5,"items":[{"name":"figs","count":2}]}"#;

/// How many senders ask whom, and for how long.
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What came of it.
pub(crate) struct Came {
    /// Microseconds of each answer that was 200, the quickest first.
    answered: Vec<u64>,
    refused: usize,
    time: Duration,
}

impl Load {
    pub(crate) async fn run(&self) -> Came {
        let begun = Instant::now();
        let until = begun + self.time;
        let senders: Vec<_> =
            (0..self.connections).map(|_| tokio::spawn(sender(self.address, self.path, until))).collect();
        let mut came = Came { answered: Vec::new(), refused: 0, time: Duration::ZERO };
        for sender in senders {
            let (answered, refused) = sender.await.unwrap();
            came.answered.extend(answered);
            came.refused += refused;
        }
        came.time = begun.elapsed();
        came.answered.sort_unstable();
        came
    }
}

impl Came {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.answered.len()).unwrap_or(u32::MAX)) / self.time.as_secs_f64()
    }

    /// Whether more was answered than refused: otherwise the rate is one of something else.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered.len() > self.refused
    }

    /// So many of a hundred took no longer, in milliseconds.
    fn within(&self, percent: usize) -> f64 {
        let at = (self.answered.len() * percent / 100).min(self.answered.len().saturating_sub(1));
        let micros = self.answered.get(at).copied().unwrap_or_default();
        f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1_000.0
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (half, most) = (self.within(50), self.within(99));
        write!(f, "{:8.0} answers/s, half in {half:.1} ms, 99 of 100 in {most:.1} ms", self.rate())?;
        if self.refused > 0 {
            write!(f, ", {} refused", self.refused)?;
        }
        Ok(())
    }
}

async fn sender(address: SocketAddr, path: &'static str, until: Instant) -> (Vec<u64>, usize) {
    let (mut answered, mut refused) = (Vec::new(), 0);
    let length = BODY.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{BODY}"
    );
    'connect: while Instant::now() < until {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            refused += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        while Instant::now() < until {
            let begun = Instant::now();
            if stream.write_all(request.as_bytes()).await.is_err() {
                refused += 1;
                continue 'connect;
            }
            match answer(&mut stream).await {
                Some(200) => answered.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)),
                Some(_) => refused += 1,
                None => {
                    refused += 1;
                    continue 'connect;
                }
            }
        }
    }
    (answered, refused)
}

/// Reads one answer to its end; gives its status. None where the connection broke, or the answer has no length.
async fn answer(stream: &mut TcpStream) -> Option<u16> {
    let mut read = Vec::with_capacity(1_024);
    loop {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let whole = match length {
            Some(length) => body.len() >= length,
            None => body.ends_with("0\r\n\r\n"),
        };
        if whole {
            return Some(status);
        }
    }
}
