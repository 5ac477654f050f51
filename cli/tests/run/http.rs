//! Flows that call a server on this machine, which the configuration allows.

use crate::talk::{Talk, package};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// A server that gives the next of these answers to each request, and tells what it heard. An empty one hangs up.
fn server(answers: Vec<String>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut request, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(said) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = said.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
                request.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            tell.send(request + &String::from_utf8(body).unwrap()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (port, heard)
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn configured(folder: &Path, port: u16) -> String {
    let file = folder.join("carapace.json5");
    std::fs::write(&file, format!("{{ version: 1, net: {{ private: [\"127.0.0.1:{port}\"] }} }}")).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_flow_asks_a_server_that_the_configuration_allows_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (port, heard) = server(vec![
        answer("503 Busy\r\nretry-after: 0", ""),
        answer("200 OK", "shipped"),
        answer("302 Found\r\nlocation: http://169.254.169.254/latest", ""),
    ]);
    let source = "use std/http\n\nchannel chat: any\n\nflow parcel on chat.message {\n  \
        let answer = http.get(url\"http://127.0.0.1:PORT/parcels/{message.text}\") retry 2 backoff 10ms..20ms within 1m else problem {\n    \
        reply(\"{problem.kind}: {problem.message}\")\n    return\n  }\n  \
        reply(\"{answer.status} {answer.body}\")\n}\n";
    let shop = package(folder.path(), &source.replace("PORT", &port.to_string()));
    let data = folder.path().join("data");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--config", &configured(folder.path(), port)]);
    talk.say("47/11");
    assert_eq!(talk.hear(), "200 shipped");
    for _ in 0..2 {
        let request = heard.recv().unwrap();
        assert!(request.starts_with("GET /parcels/47%2F11 HTTP/1.1\r\n"), "{request}");
    }
    talk.say("x");
    let said = talk.hear();
    assert!(said.starts_with("refused: ") && said.contains("E1012"), "{said}");
    assert!(talk.end().1.success());
    // The same flow, and nobody allowed it.
    let mut talk = Talk::begin(&shop, &folder.path().join("other"), &["--no-watch"]);
    talk.say("x");
    let said = talk.hear();
    assert!(said.starts_with("refused: ") && said.contains("E1011"), "{said}");
    assert!(talk.end().1.success());
}

#[test]
fn what_the_configuration_says_counts_and_what_the_environment_says_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (port, heard) = server(vec![answer("200 OK", "here")]);
    let source = "use std/http\n\nchannel chat: any\n\nflow ask on chat.message {\n  \
        let answer = http.get(url\"http://127.0.0.1:PORT/\")\n  reply(answer.body)\n}\n";
    let shop = package(folder.path(), &source.replace("PORT", &port.to_string()));
    let config = configured(folder.path(), port);
    let run = |config: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg("run").arg(&shop).arg("--data").arg(folder.path().join("data"));
        // Nobody listens there: whoever asked this proxy would get no answer.
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env(name, "http://127.0.0.1:9");
        }
        command.args(["--listen", "127.0.0.1:0", "--no-watch", "--config", config]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may have ended already, where the configuration has a mistake.
        let _ = child.stdin.take().unwrap().write_all(b"x\n");
        child.wait_with_output().unwrap()
    };
    assert_eq!(String::from_utf8_lossy(&run(&config).stdout), "here\n");
    assert!(heard.recv().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    let pem = folder.path().join("authority.pem");
    std::fs::write(&pem, "no certificate").unwrap();
    for (net, code) in [("private: [\"10.1.2.300:80\"]", "E1018"), ("roots: [\"authority.pem\"]", "E1019")] {
        std::fs::write(&config, format!("{{ version: 1, net: {{ {net} }} }}")).unwrap();
        let output = run(&config);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(code) && output.status.code() == Some(2), "{told}");
    }
}

#[test]
fn what_may_have_arrived_is_sent_again_under_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let (port, heard) = server(vec![String::new(), answer("201 Created", "c-1")]);
    let source = "use std/http\n\nchannel chat: any\n\nflow pay on chat.message {\n  \
        let charge = http.post(url\"http://127.0.0.1:PORT/charges\", message.text)\n  \
        reply(\"{charge.status} {charge.body}\")\n}\n";
    let shop = package(folder.path(), &source.replace("PORT", &port.to_string()));
    let data = folder.path().join("data");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--config", &configured(folder.path(), port)]);
    talk.say("10 EUR");
    assert_eq!(talk.hear(), "201 c-1");
    let key = |request: String| {
        assert!(
            request.starts_with("POST /charges HTTP/1.1\r\n") && request.ends_with("10 EUR"),
            "{request}"
        );
        request.lines().find_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned)).unwrap()
    };
    assert_eq!(key(heard.recv().unwrap()), key(heard.recv().unwrap()));
    assert!(talk.end().1.success());
}
