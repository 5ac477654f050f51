//! Servers that are vouched for, and those that are not: a runtime behind something that speaks TLS for it.

use crate::asked::{address, command, ends};
use crate::talk::{Talk, package};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Speaks TLS under this name and leads on to a server; writes the certificate that vouches for it, and gives its port.
fn before(server: SocketAddr, name: &str, vouches: &Path) -> u16 {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    std::fs::write(vouches, cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    let (tell, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        threads.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = tls.accept(stream).await else { return };
                    let mut on = TcpStream::connect(server).await.unwrap();
                    // Either side may go at any time.
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut on).await;
                });
            }
        });
    });
    port.recv().unwrap()
}

#[test]
fn a_runtime_is_talked_to_when_somebody_vouches_for_its_name_and_never_else() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let shop =
        package(home, "channel chat: any\n\nflow hi on chat.message { reply(\"hi {message.text}\") }\n");
    let talk = Talk::serve(&shop, &home.join("data"), "127.0.0.1:0");
    let served: SocketAddr = address(&talk).trim_start_matches("http://").parse().unwrap();
    let (ours, theirs) = (home.join("ours.pem"), home.join("theirs.pem"));
    let good = format!("https://localhost:{}", before(served, "localhost", &ours));
    let other = format!("https://localhost:{}", before(served, "shop.example", &theirs));
    let said = |args: &[&str], code: i32| {
        std::fs::write(home.join("input"), "you\n").unwrap();
        let input = std::fs::File::open(home.join("input")).unwrap();
        ends(code, command(home, args).stdin(Stdio::from(input)))
    };
    let (heard, told) = said(&["chat", "--to", &good, "--ca", "ours.pem", "--wait", "60s"], 0);
    assert_eq!(heard, "hi you\n", "{told}");
    for args in [
        // Nobody that is known vouches for it; somebody does, for another one; somebody else does.
        &["chat", "--to", &good][..],
        &["runs", "list", "--to", &good],
        &["chat", "--to", &other, "--ca", "theirs.pem"],
        &["runs", "list", "--to", &other, "--ca", "theirs.pem"],
        &["runs", "list", "--to", &good, "--ca", "theirs.pem"],
    ] {
        let (_, told) = said(args, 2);
        assert!(
            told.contains("E1043") && told.contains("cannot be trusted") && told.contains("--ca FILE"),
            "{told}"
        );
    }
    let plain = format!("https://127.0.0.1:{}", served.port());
    let (_, told) = said(&["chat", "--to", &plain], 2);
    assert!(told.contains("E1043") || told.contains("E1042"), "{told}");
}
