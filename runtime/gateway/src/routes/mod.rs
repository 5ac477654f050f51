//! What is served beside the channels' own routes.

mod rpc;

use crate::Methods;
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
        Routes { guarded: rpc::routes(methods.clone()), open: Router::new() }
    }
}
