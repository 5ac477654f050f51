//! What keeps a command from reaching a runtime, each with a code and a way out.

use crate::asked::{command, ends};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// A server that answers each connection with the next of these; afterwards with the last.
fn answers(list: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut next = list.iter().copied();
        let mut answer = "";
        for mut stream in listener.incoming().map_while(Result::ok) {
            answer = next.next().unwrap_or(answer);
            let mut request = Vec::new();
            let mut some = [0; 4096];
            while !request.ends_with(b"}") && !request.starts_with(&[0x16]) {
                match stream.read(&mut some) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&some[..n]),
                }
            }
            let (status, body) = answer.split_once('|').unwrap();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

const ABOUT: &str =
    r#"200 OK|{"jsonrpc":"2.0","id":1,"result":{"version":"0.1.0","protocol":1,"packages":[]}}"#;

#[test]
fn each_way_of_not_getting_in_has_its_code_and_its_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&'static [&'static str], &str, &str); 11] = [
        (
            &["401 Unauthorized|{\"code\":\"E1022\",\"message\":\"it is over\"}"],
            "E1044",
            "carapace token create",
        ),
        (&["403 Forbidden|this page may not ask that"], "E0974", "carapace token list"),
        (
            &[
                r#"403 Forbidden|{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"`runs.list` needs the permission `read`","data":{"code":"E0974","help":null}}}"#,
            ],
            "E0974",
            "--scope read",
        ),
        (&["421 Misdirected Request|this server does not answer to that name"], "E1045", "configuration"),
        (&["429 Too Many Requests\r\nretry-after: 3600|"], "E1046", "3600 s"),
        (&["302 Found\r\nlocation: https://evil.example/|"], "E1047", "evil.example"),
        (&["404 Not Found|nothing is served here"], "E1047", "address"),
        (&["502 Bad Gateway|"], "E1042", "runtime"),
        (&["200 OK|<html>a page</html>"], "E0944", "version"),
        (
            &[
                r#"200 OK|{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method `server.about`"}}"#,
            ],
            "E1047",
            "version",
        ),
        (
            &[r#"200 OK|{"jsonrpc":"2.0","id":1,"result":{"version":"7.0.0","protocol":99,"packages":[]}}"#],
            "E1047",
            "7.0.0",
        ),
    ];
    for (list, code, way) in cases {
        let to = format!("http://{}", answers(list));
        let (_, told) = ends(2, &mut command(folder.path(), &["runs", "list", "--to", &to]));
        assert!(told.contains(code) && told.contains(way), "{list:?}: {told}");
    }
}

#[test]
fn who_is_asked_to_wait_waits() {
    let folder = tempfile::tempdir().unwrap();
    let listed = r#"200 OK|{"jsonrpc":"2.0","id":1,"result":{"runs":[],"total":0}}"#;
    let list = vec!["429 Too Many Requests\r\nretry-after: 1|", ABOUT, listed].leak();
    let to = format!("http://{}", answers(list));
    let (said, told) = ends(0, &mut command(folder.path(), &["runs", "list", "--to", &to]));
    assert!(told.contains("asks to wait for 1 s") && said.contains("no such run lives"), "{said}{told}");
}

#[test]
fn nobody_there_and_nobody_to_be_trusted_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    // A port that was taken and is free again.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_, told) = ends(2, &mut command(home, &["deployments", "--to", &format!("http://{free}")]));
    assert!(told.contains("E1042"), "{told}");
    let plain = answers(&["200 OK|no TLS here"]);
    let (_, told) = ends(2, &mut command(home, &["deployments", "--to", &format!("https://{plain}")]));
    assert!(told.contains("E1043"), "{told}");
    std::fs::write(home.join("ca.pem"), "no certificate\n").unwrap();
    let to = format!("https://{plain}");
    let (_, told) = ends(2, &mut command(home, &["deployments", "--to", &to, "--ca", "ca.pem"]));
    assert!(told.contains("E1043") && told.contains("ca.pem"), "{told}");
    for to in [
        "http://192.0.2.1:7171",
        "http://example.org",
        "https://a:b@example.org",
        "https://example.org?token=x",
    ] {
        let (_, told) = ends(2, &mut command(home, &["deployments", "--to", to]));
        assert!(told.contains("E1041"), "{to}: {told}");
    }
}
