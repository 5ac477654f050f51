//! The collector that is told what runs do.

use super::notices::Notices;
use super::options::Options;
use crate::problem::Problem;
use carapace_channel_api::{ExposeSecret as _, SecretError, Secrets, Shutdown, ShutdownHandle};
use carapace_engine::service::Handle as Engine;
use carapace_telemetry::{Handle, Headers, Sample, Service};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::{Arc, OnceLock};
use tokio::task::JoinHandle;

/// The file in the data directory in which it is kept how far was told.
const MARK: &str = "telemetry.json";

/// What is told, while it is.
pub(super) struct Telling {
    stop: ShutdownHandle,
    task: JoinHandle<()>,
}

/// What tells the collector that the configuration names, where it names one.
pub(super) fn collector(
    options: &Options,
    secrets: Arc<dyn Secrets>,
    engine: Engine,
    notices: &Notices,
    figures: &OnceLock<Handle>,
) -> Result<Option<Service>, Problem> {
    let Some(otlp) = &options.otlp else { return Ok(None) };
    let notices = notices.clone();
    let tell = Arc::new(move |notice: carapace_telemetry::Notice| match notice.is_warning() {
        true => notices.warn(notice.to_string()),
        false => notices.tell(notice.to_string()),
    });
    let mut chosen = carapace_telemetry::Options::new(&otlp.url, options.data.join(MARK), tell);
    chosen.sample = Sample::percent(otlp.sample);
    for path in &options.net_said.roots {
        chosen.roots.push(std::fs::read(path).map_err(|e| Problem::unreadable(path, &e))?);
    }
    if !otlp.headers.is_empty() {
        let named = otlp.headers.clone();
        let headers: Headers = Arc::new(move || headers(&named, &*secrets));
        chosen.headers = Some(headers);
    }
    let service = Service::new(chosen, engine).map_err(|error| {
        let (code, help) = error.code();
        Problem::new(code, error.to_string()).help(help)
    })?;
    // It is the first and only one.
    let _ = figures.set(service.handle());
    Ok(Some(service))
}

/// The headers, as the vault has them now.
fn headers(named: &[(String, String)], secrets: &dyn Secrets) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, secret) in named {
        let value = secrets.get(secret).map_err(|error: SecretError| error.to_string())?;
        let wrong = |_| format!("the secret `{secret}` cannot stand in a header");
        let name = HeaderName::try_from(name).map_err(|_| format!("`{name}` is no header"))?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(wrong)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

impl Telling {
    /// Begins.
    pub(super) fn start(service: Service) -> Telling {
        let (stop, end) = Shutdown::new();
        Telling { stop, task: tokio::spawn(service.run(async move { end.requested().await })) }
    }

    /// Tells what there is to tell, for a moment, and ends.
    pub(super) async fn end(self) {
        self.stop.request();
        // What it could not tell, the next start does.
        let _ = self.task.await;
    }
}
