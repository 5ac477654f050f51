//! What is counted, for Prometheus. Labels are names of packages, accounts, routes and kinds: nothing that a person said or is.

mod runs;
mod taken;

use super::problem::Problem;
use super::readiness::{CAUGHT_UP, TOOLS_READY, state};
use super::{Listeners, Requests};
use crate::Methods;
use crate::auth::{Caller, Scope};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carapace_engine::inspect::{Filter, OutboxFilter, Stands, WaitingOn, outbox, select, usage};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use taken::Taken;

type Labels = Vec<(&'static str, String)>;
pub(super) type Counters = Family<Labels, Counter>;
type Gauges = Family<Labels, Gauge>;

/// Live runs up to which it is counted what they wait for: the engine waits meanwhile.
const COUNTED: usize = 20_000;

/// What runs wait for, as labels.
const WAITS: [(WaitingOn, &str); 6] = [
    (WaitingOn::Person, "person"),
    (WaitingOn::Ask, "ask"),
    (WaitingOn::Event, "event"),
    (WaitingOn::Effect, "effect"),
    (WaitingOn::Timer, "timer"),
    (WaitingOn::Turn, "turn"),
];

/// Where messages stand, as labels.
const STANDS: [(Stands, &str); 4] = [
    (Stands::Queued, "queued"),
    (Stands::Sending, "sending"),
    (Stands::Unknown, "unknown"),
    (Stands::Dead, "dead"),
];

/// All that is counted.
pub(super) struct Metrics {
    registry: Registry,
    http: Counters,
    live: Gauge,
    waiting: Gauges,
    outbox: Gauges,
    lines: Gauge,
    hears: Gauges,
    tools: Gauges,
    channels: Listeners,
    taken: Taken,
    methods: Methods,
}

impl Metrics {
    /// Begins to count.
    pub(super) fn begin(methods: &Methods, channels: &Listeners) -> Arc<Metrics> {
        let mut registry = Registry::with_prefix("carapace");
        let runs = Counters::default();
        let metrics = Metrics {
            http: Counters::default(),
            live: Gauge::default(),
            waiting: Gauges::default(),
            outbox: Gauges::default(),
            lines: Gauge::default(),
            hears: Gauges::default(),
            tools: Gauges::default(),
            channels: channels.clone(),
            taken: Taken::new(methods.host.clone()),
            methods: methods.clone(),
            registry: Registry::default(),
        };
        registry.register(
            "runs",
            "Runs since the start of the process, by what became of them",
            runs.clone(),
        );
        registry.register("runs_live", "Runs that live", metrics.live.clone());
        registry.register("runs_waiting", "Runs that wait, by what they wait for", metrics.waiting.clone());
        registry.register("outbox_messages", "Messages on their way out or kept", metrics.outbox.clone());
        registry.register("journal_lines", "The number of the journal's last line", metrics.lines.clone());
        registry.register(
            "channel_hears",
            "Whether a channel has proven that it hears",
            metrics.hears.clone(),
        );
        registry.register(
            "mcp_server_ready",
            "Whether a server of tools that the runtime uses is there",
            metrics.tools.clone(),
        );
        registry.register_collector(Box::new(metrics.taken.clone()));
        registry.register("http_requests", "Requests that were answered", metrics.http.clone());
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(runs::count(methods.clone(), runs));
        }
        Arc::new(Metrics { registry, ..metrics })
    }

    /// `GET /metrics`.
    pub(super) fn routes(self: &Arc<Metrics>) -> Router {
        Router::new().route("/metrics", get(show)).with_state(self.clone())
    }

    /// What counts requests.
    pub(super) fn requests(&self) -> Requests {
        Requests(self.http.clone())
    }

    async fn text(&self) -> Result<String, Problem> {
        let looked = self.methods.engine.look(|state| {
            let live = state.runs.len();
            let waiting = WAITS.map(|(on, name)| {
                let filter = Filter { waiting_on: Some(on), flow: None, after: None, limit: 0 };
                (name, if live <= COUNTED { select(state, &filter).total } else { 0 })
            });
            let messages = STANDS.map(|(stands, name)| {
                let filter = OutboxFilter { state: Some(stands), limit: Some(0), ..OutboxFilter::default() };
                (name, outbox(state, &filter).total)
            });
            let usage = usage(&state.ledger, 0, &taken::BY);
            (live, waiting, messages, state.sequence, usage)
        });
        let (live, waiting, messages, lines, used) = looked.await.map_err(crate::rpc::Fault::from)?;
        self.live.set(number(live));
        for (on, count) in waiting.into_iter().filter(|_| live <= COUNTED) {
            self.waiting.get_or_create(&vec![("on", on.to_owned())]).set(number(count));
        }
        for (stands, count) in messages {
            self.outbox.get_or_create(&vec![("state", stands.to_owned())]).set(number(count));
        }
        self.lines.set(i64::try_from(lines).unwrap_or(i64::MAX));
        self.taken.set(used);
        // What is gone is not counted any more.
        self.hears.clear();
        for channel in &self.channels.all() {
            let hears = state(&channel.status.borrow().health) == CAUGHT_UP;
            self.hears.get_or_create(&vec![("account", channel.account.clone())]).set(hears.into());
        }
        self.tools.clear();
        for server in &self.methods.host.tool_servers() {
            let labels = vec![("server", server.name.to_string())];
            self.tools.get_or_create(&labels).set((server.state == TOOLS_READY).into());
        }
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        Ok(text)
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

async fn show(State(metrics): State<Arc<Metrics>>, caller: Caller) -> Result<Response, Problem> {
    if !caller.may(Scope::Read) {
        return Err(crate::rpc::Fault::forbidden("metrics", Scope::Read).into());
    }
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, metrics.text().await?).into_response())
}
