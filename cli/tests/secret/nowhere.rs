//! A secret that is used is found nowhere: all of the data directory, all that the process says, its arguments and its
//! environment are searched.

use super::{command, done, folder};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

const FIRST: &str = "distinctive-first-value-7f3a91";
const SECOND: &str = "distinctive-second-value-c02d58";

/// All files below a folder, with what they hold; compressed ones unpacked.
fn everything(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            if path.extension().is_some_and(|ending| ending == "zst") {
                found.push((format!("{} unpacked", path.display()), zstd::decode_all(&bytes[..]).unwrap()));
            }
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// Answers one request, and says what it was.
fn answer(server: &TcpListener) -> String {
    let (mut stream, _) = server.accept().unwrap();
    let (mut asked, mut buffer) = (String::new(), [0; 1024]);
    while !asked.contains("\r\n\r\n") {
        let length = stream.read(&mut buffer).unwrap();
        asked.push_str(&String::from_utf8_lossy(buffer.get(..length).unwrap()));
    }
    let answer =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    stream.write_all(answer.as_bytes()).unwrap();
    asked
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_secret_that_is_used_is_found_nowhere() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let here = folder(&format!(
        "{{ version: 1, vault: {{ kind: 'file', key_file: 'vault.key' }}, net: {{ private: ['{address}'] }} }}"
    ));
    let at = here.path();
    let flow = "use std/http\n\nchannel chat: any\n\nflow f on chat.message {\n  \
        let answer = http.get(url\"http://ADDRESS/\", token: secret(\"stripe\")) else error {\n    reply(\"no: {error.message}\")\n    return\n  }\n  \
        reply(\"it said {answer.status}\")\n}\n";
    let flow = flow.replace("ADDRESS", &address.to_string());
    let answers = std::thread::spawn(move || [FIRST, SECOND].map(|_| answer(&server)));
    fs::create_dir(at.join("shop")).unwrap();
    fs::write(at.join("shop/main.flow"), flow).unwrap();
    done(at, &["secret", "set", "stripe", "--stdin"], FIRST);
    let mut said = Vec::new();
    let everything_told =
        ["run", "shop", "--listen", "127.0.0.1:0", "--log-level", "trace", "--log-format", "json"];
    let mut child = command(at, &everything_told).env("RUST_LOG", "trace").spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for round in 0..2 {
        writeln!(input, "hello").unwrap();
        let mut line = String::new();
        while !line.contains("it said 200") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "an answer comes");
            said.extend_from_slice(line.as_bytes());
        }
        if round == 0 {
            #[cfg(target_os = "linux")]
            for about in ["cmdline", "environ"] {
                // Only who may look at everything sees the environment: the process guards its memory.
                let seen = fs::read(format!("/proc/{}/{about}", child.id())).unwrap_or_default();
                assert!(!holds(&seen, FIRST), "{about}");
            }
            said.extend_from_slice(done(at, &["secret", "set", "stripe", "--stdin"], SECOND).as_bytes());
        }
    }
    let asked = answers.join().unwrap();
    assert!(asked[0].contains(&format!("Bearer {FIRST}")), "{asked:?}");
    assert!(asked[1].contains(&format!("Bearer {SECOND}")), "what was set anew counts at once: {asked:?}");
    drop(input);
    output.read_to_end(&mut said).unwrap();
    let mut errors = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    let told = String::from_utf8_lossy(&errors);
    assert!(child.wait().unwrap().success(), "{told}");
    assert!(told.contains(r#""effect":"http.get""#), "the log tells of the request: {told}");
    said.extend_from_slice(done(at, &["journal", "tail", "--from", "1"], "").as_bytes());
    said.extend_from_slice(done(at, &["runs", "list", "--finished", "--format", "json"], "").as_bytes());
    let mut found = vec![("what it said".to_owned(), said), ("its errors".to_owned(), errors)];
    everything(at, &mut found);
    assert!(
        found.iter().any(|(name, bytes)| name.contains("journal") && holds(bytes, "stripe")),
        "the search finds names"
    );
    for (name, bytes) in &found {
        assert!(!holds(bytes, FIRST) && !holds(bytes, SECOND), "{name} holds a secret");
    }
    assert!(!everything_is_hidden_from_itself(at), "the search finds what is there");
}

/// Whether a planted value would go unnoticed.
fn everything_is_hidden_from_itself(at: &Path) -> bool {
    fs::write(at.join(".carapace/planted"), format!("x{FIRST}x")).unwrap();
    let mut found = Vec::new();
    everything(at, &mut found);
    !found.iter().any(|(_, bytes)| holds(bytes, FIRST))
}
