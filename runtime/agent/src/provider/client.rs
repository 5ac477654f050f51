//! The HTTP client to providers.

use crate::Error;
use reqwest_of_genai::{Client, redirect};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// A client on *ring*, which trusts the authorities that browsers trust, and goes nowhere but where it is sent: a key that
/// is meant for one address reaches no other.
pub(crate) fn client(connect: Duration) -> Result<Client, Error> {
    let broken = |what: &dyn std::fmt::Display| Error::unavailable(format!("TLS cannot be set up: {what}"));
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| broken(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(connect)
        .pool_max_idle_per_host(16)
        .user_agent(concat!("carapace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| broken(&e.without_url()))
}
