//! Many requests by a program made for that, while somebody tries to take every place slowly.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod asked;

use asked::{options, serve, status};
use carapace_gateway::Options;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::process::Command;

/// Connections that somebody opens and says little on.
const SLOW: usize = 200;
/// Places of one address.
const EACH: usize = 40;

/// Opens a connection and says a head letter by letter, until it is turned away. It was never answered otherwise.
async fn dawdle(to: std::net::SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let Ok(stream) = socket.connect(to).await else { return };
    let (mut read, mut write) = stream.into_split();
    let writing = async {
        if write.write_all(b"GET / HTTP/1.1\r\n").await.is_ok() {
            while write.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    let mut answer = Vec::new();
    let reading = async { drop(read.read_to_end(&mut answer).await) };
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
    // What was said meanwhile may keep it from being heard.
    assert!(answer.is_empty() || status(&String::from_utf8_lossy(&answer)).0 == 429, "somebody was answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_answered_while_somebody_dawdles() {
    if Command::new("wrk").arg("--version").output().await.is_err() {
        eprintln!(
            "skipped: everybody_is_answered_while_somebody_dawdles: `wrk` is not there (apt-get install wrk)"
        );
        return;
    }
    let served = serve(Options {
        connections: 64,
        connections_each: EACH,
        head_time: Duration::from_secs(600),
        ..options()
    })
    .await;
    let mut slow = tokio::task::JoinSet::new();
    for _ in 0..SLOW {
        slow.spawn(dawdle(served.address));
    }
    // Those for whom there is no place are gone first; the others hold theirs while the load comes.
    for _ in 0..SLOW - EACH {
        slow.join_next().await.unwrap().unwrap();
    }
    let url = format!("http://{}/v1/who", served.address);
    let output = Command::new("wrk").args(["-t", "1", "-c", "20", "-d", "2", &url]).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let requests =
        said.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse::<u64>().ok());
    assert!(requests.is_some_and(|requests| requests > 20), "{said}");
    for trouble in ["Non-2xx", "Socket errors"] {
        assert!(!said.contains(trouble), "{said}");
    }
    assert_eq!(status(&served.get("/v1/who", &[]).await).0, 200);
    assert_eq!(slow.len(), EACH, "those who were let in are still there");
    slow.shutdown().await;
}
