//! Servers that are vouched for, and those that are not.

use crate::server::{Names, Server, Then, get, lead, place, post, say, short, word};
use carapace_net::{Authority, Call, Client, Options, Policy};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server of this name, and the certificate that vouches for it.
async fn server(name: &str, script: Vec<Then>) -> (Server, Vec<Authority>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let server = Server::with_tls(script, Some(TlsAcceptor::from(Arc::new(config)))).await;
    (server, Authority::read(cert.pem().as_bytes()).unwrap())
}

/// A client to whom these names are this machine, and may be.
fn client(places: &[(&'static str, u16)], roots: Vec<Authority>) -> Client {
    let known = places.iter().map(|(name, _)| (*name, vec![vec!["127.0.0.1"]])).collect();
    let private = places.iter().map(|(name, port)| place(&format!("{name}:{port}"))).collect();
    Client::new(Options {
        policy: Policy { private, ..Policy::default() },
        limits: short(),
        resolver: Arc::new(Names { known, ..Names::default() }),
        roots,
    })
}

#[tokio::test]
async fn a_server_is_believed_when_somebody_vouches_for_its_name() {
    let (server, roots) = server("shop.example", vec![say(200, &[], b"hello")]).await;
    let port = server.port;
    let call = || Call {
        token: Some("s3cret".to_owned().into()),
        ..post(format!("https://shop.example:{port}/"), "x")
    };
    let answer = client(&[("shop.example", port)], roots.clone()).call(call()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello"[..]));
    assert!(server.heard()[0].contains("authorization: Bearer s3cret\r\n"));
    // Nobody vouches for it; or it is somebody else.
    assert_eq!(word(client(&[("shop.example", port)], Vec::new()).call(call()).await), "unreached");
    let other = Call { address: format!("https://other.example:{port}/"), ..call() };
    assert_eq!(word(client(&[("other.example", port)], roots).call(other).await), "unreached");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn nothing_is_led_out_of_tls() {
    let open = Server::start(vec![say(200, &[], b"")]).await;
    let (server, roots) = server("shop.example", vec![lead(302, &open.url("/"))]).await;
    let client = client(&[("shop.example", server.port), ("127.0.0.1", open.port)], roots);
    assert_eq!(
        word(client.call(get(format!("https://shop.example:{}/", server.port))).await),
        "refused E1016"
    );
    assert!(open.heard().is_empty());
}

#[test]
fn only_certificates_vouch() {
    for wrong in ["", "hello", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"] {
        assert!(Authority::read(wrong.as_bytes()).is_none(), "{wrong}");
    }
}
