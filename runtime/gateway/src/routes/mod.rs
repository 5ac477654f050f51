//! What is served beside the channels' own routes.

mod openapi;
mod problem;
mod resources;
mod rest;
mod rpc;
mod shapes;

pub use openapi::document;
pub(crate) use problem::Problem;

use crate::Methods;
use crate::webhooks::Webhooks;
use axum::Router;

/// What is served beside the channels' own routes, by who may reach it.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Reached only by those whom the gateway knows: each request has a [`Caller`](crate::auth::Caller).
    pub guarded: Router,
    /// Reached by everybody: what answers there finds out for itself who asks.
    pub open: Router,
}

impl Routes {
    /// Those that look into a runtime and steer it.
    pub fn new(methods: &Methods) -> Routes {
        let described = axum::Json(document());
        let open = Router::new().route("/openapi.json", axum::routing::get(async move || described.clone()));
        Routes { guarded: rest::routes(methods).merge(rpc::routes(methods.clone())), open }
    }

    /// And requests of other machines, which say themselves who sent them.
    #[must_use]
    pub fn with_webhooks(self, webhooks: &Webhooks) -> Routes {
        Routes { open: self.open.merge(webhooks.routes()), ..self }
    }
}
