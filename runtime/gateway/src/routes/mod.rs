//! What is served beside the channels' own routes.

mod listeners;
mod metrics;
mod openapi;
mod places;
mod problem;
mod readiness;
mod requests;
mod resources;
mod rest;
mod rpc;
mod shapes;
mod socket;
mod stream;
mod watching;

pub use listeners::{Hears, Listeners};
pub use openapi::document;
pub(crate) use problem::Problem;
pub use requests::Requests;
pub(crate) use requests::{AtChannel, counted};
pub(crate) use rest::{is_json, no_json, read};
pub(crate) use watching::{Told as Seen, Wanted, Watcher};

use crate::Methods;
use crate::webhooks::Webhooks;
use axum::Router;
use metrics::Metrics;
use places::Places;

/// What is served beside the channels' own routes, by who may reach it.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Reached only by those whom the gateway knows: each request has a [`Caller`](crate::auth::Caller).
    pub guarded: Router,
    /// Reached by everybody: what answers there finds out for itself who asks.
    pub open: Router,
    /// Counts what is answered, whoever answers it.
    pub requests: Requests,
}

impl Routes {
    /// Those that look into a runtime with these channels, and steer it.
    pub fn new(methods: &Methods, channels: &[Hears]) -> Routes {
        Routes::listening(methods, &Listeners::new(channels.to_vec()))
    }

    /// The same, of a runtime whose channels come and go.
    pub fn listening(methods: &Methods, channels: &Listeners) -> Routes {
        let (places, metrics) = (Places::new(), Metrics::begin(methods, channels));
        let described = axum::Json(document());
        let open = Router::new().route("/openapi.json", axum::routing::get(async move || described.clone()));
        let open = open.merge(readiness::routes(methods, channels));
        let guarded = rest::routes(methods)
            .merge(rpc::routes(methods.clone()))
            .merge(stream::routes(methods, &places))
            .merge(socket::routes(methods, &places))
            .merge(metrics.routes());
        Routes { guarded, open, requests: metrics.requests() }
    }

    /// And something else that is reached only by those whom the gateway knows.
    #[must_use]
    pub fn with_guarded(self, guarded: Router) -> Routes {
        Routes { guarded: self.guarded.merge(guarded), ..self }
    }

    /// And requests of other machines, which say themselves who sent them.
    #[must_use]
    pub fn with_webhooks(self, webhooks: &Webhooks) -> Routes {
        Routes { open: self.open.merge(webhooks.routes()), ..self }
    }
}
