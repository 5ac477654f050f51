//! Tokens: how they come in, where they lie, and where they never are.

use crate::asked::{address, command, ends, texts};
use crate::talk::{Talk, package};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

const TOKEN: &str = "cara_1234567890abcdef";

/// A server that answers every call as a runtime would say who it is, and tells what it was asked.
fn echo() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = Vec::new();
            let mut some = [0; 4096];
            // The body ends with the call's last brace.
            while !request.ends_with(b"}") {
                match stream.read(&mut some) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&some[..n]),
                }
            }
            let body = r#"{"jsonrpc":"2.0","id":1,"result":{"version":"9.9.9","protocol":1,"packages":[]}}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
            if tell.send(String::from_utf8_lossy(&request).into_owned()).is_err() {
                return;
            }
        }
    });
    (address, asked)
}

#[test]
fn a_token_is_kept_for_its_runtime_alone_and_read_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (to, asked) = echo();
    let login = |input: &str| {
        let mut child = command(home, &["login", &to, "--stdin"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = login(&format!("{TOKEN}\n"));
    let (said, told) = texts(&output);
    assert!(output.status.success(), "{told}");
    assert!(!said.contains(TOKEN) && !told.contains(TOKEN), "{told}");
    assert!(told.contains("9.9.9"), "{told}");
    assert!(
        asked
            .recv()
            .unwrap()
            .to_lowercase()
            .contains(&format!("authorization: bearer {TOKEN}").to_lowercase())
    );
    let file = home.join("config/carapace/tokens.json");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    // From here on it goes along, and to no other runtime.
    ends(2, &mut command(home, &["deployments", "--to", &to]));
    assert!(asked.recv().unwrap().contains(TOKEN));
    let _ = asked.try_iter().count();
    let (other, others) = echo();
    ends(2, &mut command(home, &["deployments", "--to", &other]));
    assert!(!others.recv().unwrap().to_lowercase().contains("authorization"));
    // What is said for the moment goes before what was kept.
    ends(2, command(home, &["deployments", "--to", &to]).env("CARAPACE_TOKEN", "from-the-environment"));
    assert!(asked.recv().unwrap().contains("Bearer from-the-environment"));
    let _ = asked.try_iter().count();
    std::fs::write(home.join("token"), "from-a-file\n").unwrap();
    ends(2, command(home, &["deployments", "--to", &to, "--token-file", "token"]).env("CARAPACE_TOKEN", "x"));
    assert!(asked.recv().unwrap().contains("Bearer from-a-file"));
    let _ = asked.try_iter().count();
    for junk in ["", "two words", "bell\u{7}", "naïve"] {
        let output = login(junk);
        let (_, told) = texts(&output);
        assert!(!output.status.success() && told.contains("E1044"), "{junk}: {told}");
    }
    // One that others can read is not used.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_, told) = ends(2, &mut command(home, &["deployments", "--to", &to]));
    assert!(told.contains("E1044") && told.contains("chmod 600"), "{told}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    ends(0, &mut command(home, &["logout", &to]));
    assert!(!std::fs::read_to_string(&file).unwrap().contains(TOKEN));
    let (_, told) = ends(2, &mut command(home, &["logout", &to]));
    assert!(told.contains("E1044"), "{told}");
    let (_, told) = ends(2, &mut command(home, &["login", &to]));
    assert!(told.contains("--stdin"), "nobody is asked where there is no terminal: {told}");
}

#[test]
fn a_login_asks_the_runtime_first() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let shop = package(home, "channel chat: any\n\nflow hi on chat.message { reply(\"hi\") }\n");
    let talk = Talk::serve(&shop, &home.join("data"), "127.0.0.1:0");
    let to = address(&talk);
    talk.kill();
    std::fs::write(home.join("token"), TOKEN).unwrap();
    let (_, told) = ends(2, &mut command(home, &["login", &to, "--token-file", "token"]));
    assert!(told.contains("E1042"), "{told}");
    assert!(!home.join("config").exists(), "nothing is kept of what was not taken");
}
