//! A configuration that changes while the built binary runs with it: what is taken over at once, what counts from the next
//! start, and what happens where it is broken.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests use all of it")]
mod talk;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use talk::{Talk, package};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const SHOP: &str = "channel chat: any\n\nsetting mark: Int = 1\n\n\
    flow echo on chat.message {\n  reply(\"{message.text} {mark}\")\n}\n";

/// A folder with a package, a configuration beside it, and a runtime on that.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(config: &str) -> World {
        let world = World { folder: tempfile::tempdir().unwrap() };
        package(world.folder.path(), SHOP);
        world.write(config);
        world
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("carapace.json5")
    }

    /// Replaces the configuration as editors do.
    fn write(&self, config: &str) {
        let beside = self.folder.path().join("carapace.json5~");
        fs::write(&beside, format!("{{ version: 1, packages: ['shop'], {config} }}")).unwrap();
        fs::rename(beside, self.config()).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn start(&self, more: &[&str]) -> Talk {
        let config = self.config();
        let arguments = [&["--config", config.to_str().unwrap(), "--no-watch"], more].concat();
        Talk::launch(None, &self.data(), "127.0.0.1:0", &arguments)
    }

    /// Starts it with no input, and gives how it ended and what it told.
    fn start_and_end(&self, more: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
            .arg("run")
            .arg("--config")
            .arg(self.config())
            .arg("--data")
            .arg(self.data())
            .args(["--listen", "127.0.0.1:0"])
            .args(more)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn settings_count_at_once_and_a_file_with_mistakes_changes_nothing() {
    let world = World::new("settings: { mark: 1 }, accounts: { terminal: { kind: 'terminal' } }");
    let terminal = "accounts: { terminal: { kind: 'terminal' } }";
    let mut talk = world.start(&[]);
    talk.told("running shop");
    let said = |talk: &mut Talk, expected: &str| {
        talk.say("hello");
        assert!(talk.hear().contains(expected), "{expected}");
    };
    said(&mut talk, "hello 1");
    world.write(&format!("settings: {{ mark: 2 }}, {terminal}"));
    talk.told("`shop` is deployed anew");
    talk.told("the configuration is taken over");
    said(&mut talk, "hello 2");
    for (broken, why) in [
        (format!("settings: {{ mark: }}, {terminal}"), "nothing of it counts"),
        (format!("settings: {{ mrak: 3 }}, {terminal}"), "E0922"),
        (format!("settings: {{ mark: 3 }}, bindings: {{ nobody: 'terminal' }}, {terminal}"), "E0932"),
    ] {
        world.write(&broken);
        talk.told(why);
        said(&mut talk, "hello 2");
    }
    fs::write(world.folder.path().join("more.json5"), "{ settings: { mark: 4 } }").unwrap();
    world.write(&format!("include: ['more.json5'], history: '1d', {terminal}"));
    let told = talk.told("the configuration is taken over");
    assert!(told.contains("`history`"), "{told}");
    said(&mut talk, "hello 4");
    // A file that is included is watched, too.
    fs::write(world.folder.path().join("more.json5"), "{ settings: { mark: 5 } }").unwrap();
    talk.told("the configuration is taken over");
    said(&mut talk, "hello 5");
    world.write(&format!("settings: {{ mark: 5 }}, net: {{ plain: ['old.example.com'] }}, {terminal}"));
    let later = talk.told("W0612");
    assert!(later.contains("`net` changed, which counts from the next start"), "{later}");
    let (_, status) = talk.end();
    assert!(status.success());
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A page that is open.
async fn visit(address: &str, path: &str) -> Option<Socket> {
    let mut request = format!("ws://{address}{path}/ws").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
    let (mut socket, _) = connect_async(request).await.ok()?;
    ask(&mut socket, &json!({ "type": "hello", "session": null, "seen": {} }), "welcome").await?;
    Some(socket)
}

/// Says something, and waits for an answer of that type; none where the connection is lost.
async fn ask(socket: &mut Socket, frame: &Json, answer: &str) -> Option<Json> {
    socket.send(Message::text(frame.to_string())).await.ok()?;
    loop {
        let frame =
            tokio::time::timeout(Duration::from_secs(60), socket.next()).await.expect("it says something");
        match frame {
            Some(Ok(Message::Text(text))) => {
                let frame: Json = serde_json::from_str(&text).unwrap();
                if frame["type"] == answer {
                    return Some(frame);
                }
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

/// What is served there.
async fn fetch(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

fn told(talk: &Talk, part: &str) -> String {
    tokio::task::block_in_place(|| talk.told(part))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_come_and_go_and_those_that_stay_keep_their_connections() {
    let first = "first: { kind: 'webchat', path: '/first' }";
    let world =
        World::new(&format!("accounts: {{ {first}, second: {{ kind: 'webchat', path: '/second' }} }}"));
    let talk = world.start(&["--no-terminal"]);
    let address = told(&talk, "chat page: ").split('/').nth(2).unwrap().to_owned();
    told(&talk, "/second");
    let hears = |account: &str| format!("carapace_channel_hears{{account=\"{account}\"}}");
    assert!(fetch(&address, "/metrics").await.contains(&hears("second")));
    let mut stays = visit(&address, "/first").await.unwrap();
    let mut goes = visit(&address, "/second").await.unwrap();
    let open = json!({ "type": "open", "id": "c-0-00000000000000000000-open" });
    let conversation = ask(&mut stays, &open, "ack").await.unwrap()["conversation"].clone();
    assert!(ask(&mut goes, &open, "ack").await.is_some());
    world.write(&format!("accounts: {{ {first}, third: {{ kind: 'webchat', path: '/third' }} }}"));
    let page = told(&talk, "chat page: ");
    assert!(page.contains("/third"), "{page}");
    let taken = told(&talk, "the configuration is taken over");
    assert!(taken.contains("`second` is gone") && taken.contains("`third` is new"), "{taken}");
    let message = json!({ "type": "message", "id": "c-0-00000000000000000001", "conversation": conversation, "text": "still there" });
    assert!(ask(&mut stays, &message, "ack").await.is_some(), "the connection was not dropped");
    assert!(visit(&address, "/second").await.is_none(), "nothing is served there any more");
    let figures = fetch(&address, "/metrics").await;
    assert!(figures.contains(&hears("third")) && !figures.contains(&hears("second")), "{figures}");
    assert!(figures.contains("carapace_journal_sync_seconds_bucket"), "{figures}");
    assert!(!fetch(&address, "/readyz").await.contains("second"));
    let mut new = visit(&address, "/third").await.unwrap();
    assert!(ask(&mut new, &open, "ack").await.is_some());
    // One that changes begins anew, and its page is there afterwards.
    world.write("accounts: { first: { kind: 'webchat', path: '/first', title: 'Shop' } }");
    let taken = told(&talk, "the configuration is taken over");
    assert!(taken.contains("`first` is as it says now") && taken.contains("`third` is gone"), "{taken}");
    assert!(visit(&address, "/first").await.is_some());
    talk.kill();
}

#[test]
fn a_start_with_a_broken_file_goes_on_with_what_worked_last_where_that_is_asked_for() {
    let bare = World::new("settings: { mark: }");
    let (status, none) = bare.start_and_end(&["--last-known-good"]);
    assert!(status == Some(2) && none.contains("error[E1010]"), "{none}");
    let world = World::new(
        "settings: { mark: 7 }, accounts: { terminal: { kind: 'terminal' } }, include: ['more.json5']",
    );
    fs::write(world.folder.path().join("more.json5"), "{ history: '1d' }").unwrap();
    assert_eq!(world.start_and_end(&[]).0, Some(0));
    let kept = world.data().join("last-known-good.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = fs::read_to_string(&kept).unwrap();
    assert!(text.contains("more.json5") && text.contains("mark: 7"), "{text}");
    world.write("settings: { mark: }, accounts: {");
    fs::remove_file(world.folder.path().join("more.json5")).unwrap();
    let (status, refused) = world.start_and_end(&[]);
    assert!(status == Some(1) && refused.contains("nothing runs"), "{refused}");
    let mut talk = world.start(&["--last-known-good"]);
    talk.told("error[E1010]");
    talk.told("running shop");
    talk.say("hello");
    assert!(talk.hear().contains("hello 7"));
    // Mended, it counts without a new start.
    world.write("settings: { mark: 8 }, accounts: { terminal: { kind: 'terminal' } }");
    talk.told("the configuration is taken over");
    talk.say("hello");
    assert!(talk.hear().contains("hello 8"));
    fs::write(&kept, "{").unwrap();
    world.write("settings: {");
    let (status, damaged) = world.start_and_end(&["--last-known-good"]);
    assert!(status == Some(2) && damaged.contains("E1010"), "{damaged}");
}

#[test]
fn what_comes_out_of_the_environment_is_kept_as_it_is_written() {
    let world = World::new(
        "listen: '127.0.0.1:${env:NO_SUCH_PORT:-0}', accounts: { terminal: { kind: 'terminal' } }",
    );
    assert_eq!(world.start_and_end(&[]).0, Some(0));
    let kept = fs::read_to_string(world.data().join("last-known-good.json")).unwrap();
    assert!(kept.contains("${env:NO_SUCH_PORT:-0}"), "{kept}");
    assert!(Path::new(&world.config()).exists());
}

/// A configuration that cannot be taken over for each reason: nothing of it counts, and nothing of it is kept.
#[test]
fn a_configuration_that_does_not_work_changes_nothing_and_is_not_kept() {
    let good = "settings: { mark: 1 }, accounts: { terminal: { kind: 'terminal' }, web: { kind: 'webchat', path: '/chat' } }";
    let world = World::new(good);
    let mut talk = world.start(&[]);
    let address = talk.told("chat page: ").split('/').nth(2).unwrap().to_owned();
    // Who answers has kept it already.
    talk.say("hello");
    assert_eq!(talk.hear(), "hello 1");
    let kept = world.data().join("last-known-good.json");
    let before = fs::read_to_string(&kept).unwrap();
    let web = |path: &str, more: &str| {
        format!(
            "accounts: {{ terminal: {{ kind: 'terminal' }}, web: {{ kind: 'webchat', path: '{path}' }} }}, {more}"
        )
    };
    for (broken, why) in [
        (web("/chat2", "settings: { mark: 'x' }"), "E0923"),
        (web("/chat2", "settings: { mrak: 2 }"), "E0922"),
        (web("/v1", "settings: { mark: 2 }"), "E0934"),
        (web("/chat2", "bindings: { chat: 'nowhere' }"), "E0933"),
    ] {
        world.write(&broken);
        talk.told(why);
        talk.told("nothing of it counts");
        talk.say("hello");
        assert_eq!(talk.hear(), "hello 1", "{broken}");
        let served = tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(async { (fetch(&address, "/chat/").await, fetch(&address, "/chat2/").await) });
        assert!(served.0.starts_with("HTTP/1.1 200") && served.1.starts_with("HTTP/1.1 404"), "{broken}");
        assert_eq!(fs::read_to_string(&kept).unwrap(), before, "{broken}");
    }
    // Taken away, it counts on; put back, it is read again.
    fs::remove_file(world.config()).unwrap();
    talk.told("E0901");
    world.write(&web("/chat", "settings: { mark: 3 }"));
    talk.told("the configuration is taken over");
    talk.say("hello");
    assert_eq!(talk.hear(), "hello 3");
    // What counts from the next start has not shown that it works.
    world.write(&web("/chat", "settings: { mark: 4 }, net: { plain: ['old.example.com'] }"));
    talk.told("`net` changed, which counts from the next start");
    assert!(!fs::read_to_string(&kept).unwrap().contains("old.example.com"));
    talk.kill();
}

#[test]
fn the_file_that_lies_here_counts_on_where_it_is_taken_away() {
    let world = World::new("settings: { mark: 1 }, accounts: { terminal: { kind: 'terminal' } }");
    let mut child = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .args(["run", "--listen", "127.0.0.1:0", "--no-watch"])
        .current_dir(world.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut told =
        |part: &str| lines.find(|line| line.as_ref().unwrap().contains(part)).expect(part).unwrap();
    told("running shop");
    fs::remove_file(world.config()).unwrap();
    told("E0901");
    told("what counted before goes on");
    world.write("settings: { mark: 2 }, accounts: { terminal: { kind: 'terminal' } }");
    told("the configuration is taken over");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    // Gone at the start, the one that worked last counts where that is asked for.
    fs::remove_file(world.config()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_carapace"))
        .args(["run", "--listen", "127.0.0.1:0", "--last-known-good"])
        .current_dir(world.folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("E1010") && told.contains("running shop"), "{told}");
}

#[test]
fn a_start_goes_on_with_what_worked_last_whatever_is_wrong_with_the_file() {
    let terminal = "accounts: { terminal: { kind: 'terminal' } }";
    let good = format!("settings: {{ mark: 7 }}, {terminal}");
    let world = World::new(&good);
    assert_eq!(world.start_and_end(&[]).0, Some(0));
    for (broken, code) in [
        (format!("settings: {{ mark: 'x' }}, {terminal}"), "E0923"),
        (format!("settings: {{ mrak: 7 }}, {terminal}"), "E0922"),
        (format!("bindings: {{ chat: 'nowhere' }}, {terminal}"), "E0933"),
        ("accounts: { web: { kind: 'webchat', path: '/v1' } }".to_owned(), "E0934"),
        (format!("include: ['more.json5'], {terminal}"), "E0980"),
    ] {
        world.write(&broken);
        let (status, refused) = world.start_and_end(&[]);
        assert!(status != Some(0) && refused.contains(code) && !refused.contains("E1010"), "{refused}");
        let mut talk = world.start(&["--last-known-good"]);
        talk.told(code);
        talk.told("error[E1010]");
        talk.told("running shop");
        talk.say("hello");
        assert_eq!(talk.hear(), "hello 7", "{broken}");
        let (_, status) = talk.end();
        assert!(status.success());
    }
    // What is wrong with the machine no other configuration mends.
    world.write(&good);
    let talk = world.start(&[]);
    talk.told("running shop");
    let (status, owned) = world.start_and_end(&["--last-known-good"]);
    assert!(status == Some(2) && owned.contains("E0931") && !owned.contains("E1010"), "{owned}");
    talk.kill();
}
