//! The HTTP client to providers.

use crate::Error;
use reqwest_of_genai::{Client, redirect};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// A client on *ring*, which trusts the authorities that browsers trust and these, and goes nowhere but where it is sent: a key that
/// is meant for one address reaches no other.
pub(crate) fn client(connect: Duration, authorities: &[Vec<u8>]) -> Result<Client, Error> {
    let broken = |what: &dyn std::fmt::Display| Error::unavailable(format!("TLS cannot be set up: {what}"));
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in authorities.iter().flat_map(|pem| CertificateDer::pem_slice_iter(pem)) {
        let added = certificate.map_err(|e| broken(&e)).map(|certificate| roots.add(certificate))?;
        added.map_err(|e| broken(&e))?;
    }
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
        .pool_max_idle_per_host(128)
        .user_agent(concat!("carapace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| broken(&e.without_url()))
}
