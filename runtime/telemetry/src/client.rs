//! The way to the collector.

use crate::Error;
use crate::options::{Headers, Options};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::{Certificate, Client as Asking, Url, redirect};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes of an answer that are read; more would say nothing.
const ANSWER: usize = 64 * 1024;

/// Characters of what the collector says that are told.
const SHOWN: usize = 200;

/// Longest that is waited because the collector asks for it.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Sends what the exporter makes, with nothing of the environment: no proxy, no headers of other programs. What came of the last
/// request is kept, as the exporter tells only whether it went well.
#[derive(Clone)]
pub(crate) struct Client {
    asking: Asking,
    headers: Option<Headers>,
    last: Arc<Mutex<Option<Came>>>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// It was taken, but for some of the spans.
    Taken {
        /// How many were not.
        refused: u64,
        /// Why.
        why: String,
    },
    /// It would be refused again.
    Refused {
        /// Why.
        why: String,
    },
    /// It may be taken later.
    Later {
        /// Why not now.
        why: String,
        /// Not before so long from now, where the collector says so.
        pause: Option<Duration>,
    },
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// One for this collector.
    ///
    /// # Errors
    /// Where it would send secrets in the clear, or the address or a certificate is none.
    pub(crate) fn new(options: &Options) -> Result<Client, Error> {
        let url = options.url.clone();
        let unusable = |why: String| Error::Unusable { url: options.url.clone(), why };
        let parsed = Url::parse(&options.traces()).map_err(|error| unusable(error.to_string()))?;
        if options.headers.is_some() && parsed.scheme() != "https" && !is_here(&parsed) {
            return Err(Error::InTheClear { url });
        }
        let mut builder = Asking::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(options.patience)
            .user_agent(concat!("carapace/", env!("CARGO_PKG_VERSION")));
        for pem in &options.roots {
            let bundle = Certificate::from_pem_bundle(pem).map_err(|error| unusable(words(&error)))?;
            builder = bundle.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let asking = builder.build().map_err(|error| unusable(words(&error)))?;
        Ok(Client { asking, headers: options.headers.clone(), last: Arc::default() })
    }

    /// What came of the last request.
    pub(crate) fn came(&self) -> Came {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
        last.unwrap_or_else(|| Came::Later { why: "nothing could be sent".to_owned(), pause: None })
    }

    fn note(&self, came: Came) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(came);
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let (mut parts, body) = request.into_parts();
        // The exporter puts headers in that the environment says; those of the configuration count.
        parts.headers.retain_known();
        if let Some(headers) = self.headers.clone() {
            let found = tokio::task::spawn_blocking(move || headers());
            parts.headers.extend(found.await.map_err(|error| error.to_string())??);
        }
        let request = reqwest::Request::try_from(Request::from_parts(parts, body)).map_err(|e| words(&e))?;
        let mut response = self.asking.execute(request).await.map_err(|error| words(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| words(&error))? {
            if body.len().saturating_add(chunk.len()) > ANSWER {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body.freeze());
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        Ok(answer)
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        match self.send(request).await {
            Ok(answer) => {
                self.note(came(&answer));
                Ok(answer)
            }
            Err(why) => {
                self.note(Came::Later { why: why.clone(), pause: None });
                Err(why.into())
            }
        }
    }
}

/// Headers, as far as the exporter itself has something to say in them.
trait RetainKnown {
    fn retain_known(&mut self);
}

impl RetainKnown for http::HeaderMap {
    fn retain_known(&mut self) {
        let kind = self.remove(http::header::CONTENT_TYPE);
        self.clear();
        self.extend(kind.map(|kind| (http::header::CONTENT_TYPE, kind)));
    }
}

/// What an answer means (OTLP/HTTP, "Failures"). Who is not let in, or is at the wrong address, is let in once somebody has seen to it.
fn came(answer: &Response<Bytes>) -> Came {
    let status = answer.status();
    if status.is_success() {
        let partly = ExportTraceServiceResponse::decode(answer.body().clone()).ok();
        let partly = partly.and_then(|response| response.partial_success).unwrap_or_default();
        let refused = u64::try_from(partly.rejected_spans).unwrap_or_default();
        return Came::Taken { refused, why: shown(&partly.error_message) };
    }
    let why = format!("it answers {status}");
    match status {
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Came::Refused { why }
        }
        _ => {
            let wait =
                answer.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok()?.trim().parse().ok());
            Came::Later { why, pause: wait.map(|wait| Duration::from_secs(wait).min(LONGEST_PAUSE)) }
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

/// Whether an address is of this machine.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Why, down to the last cause, without the address, which may hold what nobody shall see.
fn words(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.pop().unwrap_or_else(|| {
        if error.is_timeout() { "it takes too long" } else { "it cannot be reached" }.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;
    use std::path::PathBuf;

    fn answer(status: u16, body: Vec<u8>) -> Response<Bytes> {
        Response::builder().status(status).header(RETRY_AFTER, "7").body(body.into()).unwrap()
    }

    #[test]
    fn an_answer_says_whether_it_is_worth_trying_again() {
        let partly =
            ExportTracePartialSuccess { rejected_spans: 2, error_message: "too\u{7} old".to_owned() };
        let body = ExportTraceServiceResponse { partial_success: Some(partly) }.encode_to_vec();
        let taken = Came::Taken { refused: 2, why: "too old".to_owned() };
        assert_eq!(came(&answer(200, body)), taken);
        assert_eq!(came(&answer(204, Vec::new())), Came::Taken { refused: 0, why: String::new() });
        for status in [400, 413, 422] {
            assert!(matches!(came(&answer(status, Vec::new())), Came::Refused { .. }), "{status}");
        }
        for status in [301, 401, 403, 404, 429, 500, 502, 503] {
            let Came::Later { pause, .. } = came(&answer(status, Vec::new())) else { panic!("{status}") };
            assert_eq!(pause, Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn secrets_are_sent_with_tls_or_to_this_machine() {
        let client = |url: &str, secret: bool| {
            let mut options = Options::new(url, PathBuf::new(), Arc::new(|_| {}));
            if secret {
                options.headers = Some(Arc::new(|| Ok(HeaderMap::new())));
            }
            Client::new(&options)
        };
        for url in
            ["https://otel.example", "http://127.0.0.1:4318", "http://[::1]:4318", "http://localhost:1"]
        {
            assert!(client(url, true).is_ok(), "{url}");
        }
        let refused = client("http://otel.example:4318", true).unwrap_err();
        assert_eq!(refused.code().0, "E1101");
        assert!(client("http://otel.example:4318", false).is_ok(), "there is nothing to be read");
        assert_eq!(client("https://[", false).unwrap_err().code().0, "E1102");
    }
}
