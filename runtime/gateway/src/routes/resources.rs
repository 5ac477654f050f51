//! Where each method is found among the resources.

use crate::auth::{Made, Scope, Shown as TokenShown};
use crate::methods::{
    Back, CheckedChannel, Collected, Deployed, Deployments, ForgetReport, LogsRead, MessageNamed, Moves,
    RunNamed, SessionNamed, Started,
};
use axum::http::StatusCode;
use carapace_engine::inspect::{
    Ended, Listed, OutboxListed, OutboxShown, SessionShown, SessionsListed, SessionsVerified, Shown,
    UsageListed,
};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What a deploy's body may have: a whole module, as base64.
const MODULE_BYTES: usize = 32 << 20;

/// What is done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// Looked at; what is said about it stands in the query.
    Get,
    /// Changed; what is said about it stands in the body.
    Post,
    /// Thrown away.
    Delete,
}

/// One thing that can be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) verb: Verb,
    /// Its path; what stands in braces is a parameter of the method.
    pub(super) path: &'static str,
    /// The method that answers.
    pub(super) method: &'static str,
    /// What who asks has to be allowed.
    pub(super) scope: Scope,
    /// The status of an answer.
    pub(super) status: StatusCode,
    /// What an answer holds.
    pub(super) answer: Answer,
    /// Whether an answer holds a list of them.
    pub(super) many: bool,
    /// Parameters of the method that are not offered here.
    pub(super) without: &'static [&'static str],
    /// Whether a header field `Idempotency-Key` is the method's `key`.
    pub(super) keyed: bool,
    /// Bytes of a body, where that is not the gateway's own bound.
    pub(super) body_bytes: Option<usize>,
}

/// The type of an answer, for the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) name: fn() -> std::borrow::Cow<'static, str>,
    pub(super) schema: fn() -> RefOr<Schema>,
    pub(super) all: fn(&mut Vec<(String, RefOr<Schema>)>),
}

const fn of<T: ToSchema>() -> Answer {
    Answer { name: T::name, schema: T::schema, all: T::schemas }
}

const fn get(path: &'static str, method: &'static str, answer: Answer) -> Endpoint {
    let (verb, scope, status) = (Verb::Get, Scope::Read, StatusCode::OK);
    Endpoint {
        verb,
        path,
        method,
        scope,
        status,
        answer,
        many: false,
        without: &[],
        keyed: false,
        body_bytes: None,
    }
}

const fn post(
    path: &'static str,
    method: &'static str,
    scope: Scope,
    status: StatusCode,
    answer: Answer,
) -> Endpoint {
    Endpoint { verb: Verb::Post, scope, status, ..get(path, method, answer) }
}

/// All of them.
pub(super) static ENDPOINTS: [Endpoint; 27] = [
    get("/v1/runs", "runs.list", of::<Listed>()),
    Endpoint {
        without: &["key"],
        keyed: true,
        ..post("/v1/runs", "runs.start", Scope::Operate, StatusCode::CREATED, of::<Started>())
    },
    get("/v1/runs/finished", "runs.finished", of::<Ended>()),
    post("/v1/runs/move", "runs.move", Scope::Operate, StatusCode::OK, of::<Moves>()),
    get("/v1/runs/{run}", "runs.show", of::<Shown>()),
    post("/v1/runs/{run}/cancel", "runs.cancel", Scope::Operate, StatusCode::ACCEPTED, of::<RunNamed>()),
    post("/v1/runs/{run}/retry", "runs.retry", Scope::Operate, StatusCode::CREATED, of::<RunNamed>()),
    post("/v1/runs/{run}/resolve", "runs.resolve", Scope::Operate, StatusCode::OK, of::<RunNamed>()),
    get("/v1/outbox", "outbox.list", of::<OutboxListed>()),
    get("/v1/outbox/{id}", "outbox.show", of::<OutboxShown>()),
    Endpoint {
        verb: Verb::Delete,
        scope: Scope::Operate,
        ..get("/v1/outbox/{id}", "outbox.drop", of::<MessageNamed>())
    },
    post("/v1/outbox/{id}/retry", "outbox.retry", Scope::Operate, StatusCode::ACCEPTED, of::<MessageNamed>()),
    get("/v1/sessions", "session.list", of::<SessionsListed>()),
    get("/v1/sessions/{session}", "session.show", of::<SessionShown>()),
    post("/v1/sessions/verify", "session.verify", Scope::Read, StatusCode::OK, of::<SessionsVerified>()),
    post(
        "/v1/sessions/{session}/restore",
        "session.restore",
        Scope::Operate,
        StatusCode::OK,
        of::<SessionNamed>(),
    ),
    get("/v1/deployments", "deployments.list", of::<Deployments>()),
    Endpoint {
        body_bytes: Some(MODULE_BYTES),
        ..post("/v1/deployments", "deploy", Scope::Deploy, StatusCode::OK, of::<Deployed>())
    },
    post("/v1/deployments/rollback", "deployments.rollback", Scope::Deploy, StatusCode::OK, of::<Back>()),
    post("/v1/deployments/collect", "deployments.collect", Scope::Deploy, StatusCode::OK, of::<Collected>()),
    get("/v1/usage", "usage", of::<UsageListed>()),
    // To wait for more to tell keeps a connection for nothing: `/v1/events` is for that.
    Endpoint { without: &["wait"], ..get("/v1/logs", "logs.read", of::<LogsRead>()) },
    Endpoint {
        many: true,
        ..post("/v1/channels/check", "channels.check", Scope::Operate, StatusCode::OK, of::<CheckedChannel>())
    },
    Endpoint { scope: Scope::Admin, many: true, ..get("/v1/tokens", "tokens.list", of::<TokenShown>()) },
    post("/v1/tokens", "tokens.create", Scope::Admin, StatusCode::OK, of::<Made>()),
    Endpoint {
        verb: Verb::Delete,
        scope: Scope::Admin,
        ..get("/v1/tokens/{token}", "tokens.revoke", of::<TokenShown>())
    },
    post("/v1/forget", "forget", Scope::Admin, StatusCode::OK, of::<ForgetReport>()),
];

impl Verb {
    /// As HTTP writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Delete => "DELETE",
        }
    }
}

impl Endpoint {
    /// The parameters in its path.
    pub(super) fn in_path(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}
