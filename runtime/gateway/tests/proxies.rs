//! Real proxies before a gateway, configured as the documentation says.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may stop at the first surprise")]

mod asked;

use asked::{Served, options, request, serve, status};
use carapace_engine::service::Clock;
use carapace_gateway::Options;
use carapace_gateway::auth::{Access, Grant, Scope};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// What the page about access says for one of them.
fn documented(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = page.split(&format!("```{language}\n")).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// A port that nobody has just now.
async fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn is_there(program: &str, test: &str) -> bool {
    let there = Command::new(program).arg("-v").output().await.is_ok();
    if !there {
        eprintln!("skipped: {test}: `{program}` is not there (apt-get install {program})");
    }
    there
}

/// Waits until somebody listens there.
async fn listening(port: u16) -> SocketAddr {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    address
}

async fn ask(address: SocketAddr, fields: &[&str]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request("GET", "/v1/who", "bots.example", fields, "").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn start(program: &str, args: &[&str], folder: &Path) -> Child {
    let mut command = Command::new(program);
    command.args(args).env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Through the proxy strangers need a token, whatever they say of themselves; and the gateway knows from where they come.
async fn strangers_are_strangers(served: &Served, proxy: SocketAddr, access: &Access, data: &Path) {
    let grant = Grant { name: "good".to_owned(), scopes: [Scope::Read].into(), lives: None };
    let good = format!("authorization: Bearer {}", access.create(grant, None).unwrap().token);
    for lie in ["x: y", "x-forwarded-for: 127.0.0.1", "forwarded: for=127.0.0.1", "x-real-ip: 127.0.0.1"] {
        let answer = ask(proxy, &[lie]).await;
        assert_eq!(status(&answer), (401, "E1022".to_owned()), "{lie}: {answer}");
        let answer = ask(proxy, &[lie, &good]).await;
        assert!(answer.contains(" 200 ") && answer.contains("good"), "{lie}: {answer}");
    }
    let direct = served.get("/v1/who", &[]).await;
    assert_eq!(status(&direct).0, 401, "the proxy runs at this machine: {direct}");
    let wrong = ask(proxy, &["authorization: Bearer wrong", "x-forwarded-for: 6.6.6.6"]).await;
    assert_eq!(status(&wrong).0, 401, "{wrong}");
    let mut logged = Vec::new();
    while logged.len() < 6 {
        logged = carapace_gateway::audit::list(data, 100).unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        logged.iter().all(|act| act.from == "127.0.0.1"),
        "nobody believes what strangers say: {logged:?}"
    );
}

async fn gateway(data: &Path) -> (Served, Access) {
    let access = Access::open(data, Clock::system()).unwrap();
    let hosts = vec!["bots.example".to_owned()];
    let proxies = vec!["127.0.0.1".parse().unwrap()];
    (serve(Options { hosts, proxies, access: access.clone(), ..options() }).await, access)
}

#[tokio::test]
async fn nginx_as_documented() {
    if !is_there("nginx", "nginx_as_documented").await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (served, access) = gateway(folder.path()).await;
    let port = free().await;
    let site = documented("nginx")
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
        .replace("127.0.0.1:7171", &served.address.to_string());
    let site: String = site
        .lines()
        .filter(|line| !line.contains("ssl_certificate"))
        .map(|line| format!("{line}\n"))
        .collect();
    let (path, root) = (folder.path().join("nginx.conf"), folder.path().display().to_string());
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.map(|name| format!("{name}_temp_path {root}/{name};\n")).concat();
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {root}/pid;\nerror_log {root}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    );
    std::fs::write(&path, whole).unwrap();
    let _nginx = start("nginx", &["-c", &path.display().to_string(), "-p", &root], folder.path());
    strangers_are_strangers(&served, listening(port).await, &access, folder.path()).await;
}

#[tokio::test]
async fn caddy_as_documented() {
    if !is_there("caddy", "caddy_as_documented").await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (served, access) = gateway(folder.path()).await;
    let port = free().await;
    let site = documented("caddy")
        .replace("bots.example {", &format!("http://bots.example:{port} {{\n  bind 127.0.0.1"))
        .replace("127.0.0.1:7171", &served.address.to_string());
    let path = folder.path().join("Caddyfile");
    std::fs::write(&path, format!("{{\n  admin off\n}}\n{site}")).unwrap();
    let path = path.display().to_string();
    let _caddy = start("caddy", &["run", "--adapter", "caddyfile", "--config", &path], folder.path());
    strangers_are_strangers(&served, listening(port).await, &access, folder.path()).await;
}
