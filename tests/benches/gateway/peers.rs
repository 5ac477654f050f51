//! The others, with the same job: what `tests/benches/peers/install` put there.

use crate::Serving;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the slowest takes to be up, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// Starts one; or says why not.
pub(crate) fn begin(name: &str, folder: &Path) -> Result<Serving, String> {
    let installed = installed();
    let (node, program) = match name {
        "node-red" => (installed.join("node24"), "node-red/node_modules/node-red/red.js"),
        _ => (installed.join("node24"), "n8n/node_modules/n8n/bin/n8n"),
    };
    let program = installed.join(program);
    if !node.exists() || !program.exists() {
        return Err(format!("it is not installed: `tests/benches/peers/install {name}`"));
    }
    std::fs::create_dir_all(folder).unwrap();
    let address = free();
    let (child, path) = match name {
        "node-red" => (node_red(&node, &program, folder, address), "/orders"),
        _ => (n8n(&node, &program, folder, address), "/webhook/orders"),
    };
    let serving = Serving { child, address, path };
    let begun = Instant::now();
    while !is_up(&serving) {
        if begun.elapsed() > PATIENCE {
            return Err("it does not come up".to_owned());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(serving)
}

fn installed() -> PathBuf {
    let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers")).join("gateway")
}

fn flows(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

/// A port that is free now.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn node_red(node: &Path, program: &Path, folder: &Path, address: SocketAddr) -> Child {
    std::fs::copy(flows("node-red.json"), folder.join("flows.json")).unwrap();
    let mut command = Command::new(node);
    command.arg(program).arg("-p").arg(address.port().to_string()).arg("-u").arg(folder);
    command.args(["-D", "uiHost=127.0.0.1", "-D", "flowFile=flows.json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn n8n(node: &Path, program: &Path, folder: &Path, address: SocketAddr) -> Child {
    let command = || {
        let mut command = Command::new(node);
        command.arg(program).env("N8N_USER_FOLDER", folder).env("N8N_PORT", address.port().to_string());
        for (name, value) in [
            ("N8N_LISTEN_ADDRESS", "127.0.0.1"),
            ("N8N_DIAGNOSTICS_ENABLED", "false"),
            ("N8N_VERSION_NOTIFICATIONS_ENABLED", "false"),
            ("N8N_TEMPLATES_ENABLED", "false"),
            ("N8N_PERSONALIZATION_ENABLED", "false"),
            ("N8N_RUNNERS_ENABLED", "false"),
            ("DB_TYPE", "sqlite"),
            ("DB_SQLITE_POOL_SIZE", "2"),
        ] {
            command.env(name, value);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let input = format!("--input={}", flows("n8n.json").display());
    for args in [vec!["import:workflow", &input], vec!["update:workflow", "--all", "--active=true"]] {
        // What goes wrong here shows when it does not come up.
        let _ = command().args(args).status();
    }
    command().arg("start").spawn().unwrap()
}

/// Whether it answers the job.
fn is_up(serving: &Serving) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect(serving.address) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let body = r#"{"service":"shop","amount":5}"#;
    let (path, length) = (serving.path, body.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    let mut answer = String::new();
    let sent = stream.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes());
    sent.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
}
