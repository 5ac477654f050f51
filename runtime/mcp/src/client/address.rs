//! Servers at an address: streamable HTTP.

use super::Options;
use super::environment::Values;
use carapace_channel_api::ExposeSecret as _;
use http::{HeaderName, HeaderValue};
use reqwest_of_genai::{Client, redirect};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// A connection that is made as it is spoken over.
///
/// # Errors
/// What is wrong, for a person.
pub(super) fn transport(
    url: &str,
    values: &Values,
    options: &Options,
) -> Result<StreamableHttpClientTransport<Client>, String> {
    let mut headers = HashMap::new();
    for (name, value) in &values.named {
        let wrong = |_| format!("`{name}` is no header field, or its value is none");
        let field = HeaderName::from_bytes(name.as_bytes()).map_err(|e| wrong(e.to_string()))?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|e| wrong(e.to_string()))?;
        value.set_sensitive(true);
        headers.insert(field, value);
    }
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(headers)
        .max_sse_event_size(options.limits.message)
        .max_json_response_size(options.limits.message)
        .max_error_response_size(1024);
    if let Some(token) = &values.token {
        config = config.auth_header(token.expose_secret());
    }
    Ok(StreamableHttpClientTransport::with_client(client(url, &options.roots)?, config))
}

/// The client. The library brings its own version of reqwest, whose TLS it leaves to whoever uses it.
fn client(url: &str, authorities: &[Vec<u8>]) -> Result<Client, String> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in authorities.iter().flat_map(|pem| CertificateDer::pem_slice_iter(pem)) {
        let certificate = certificate.map_err(|e| e.to_string())?;
        roots.add(certificate).map_err(|e| e.to_string())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = Client::builder()
        .user_agent(concat!("carapace/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .tls_backend_preconfigured(tls)
        // A token goes to the machine it is for, and to no other.
        .redirect(redirect::Policy::none());
    if url.starts_with("http:") {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|e| e.to_string())
}
