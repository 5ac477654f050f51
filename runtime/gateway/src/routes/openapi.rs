//! The description of what is served: made of the types that read and answer.

use super::problem::Problem;
use super::readiness::Readiness;
use super::resources::{ENDPOINTS, Endpoint, Verb};
use super::shapes::{Shape, without_null};
use crate::auth::Ticket;
use crate::methods::Request;
use axum::http::StatusCode;
use carapace_engine::inspect::Happened;
use serde_json::{Map, Value as Json, json};
use utoipa::{PartialSchema as _, ToSchema as _};

/// The document, as OpenAPI 3.1 has it.
pub fn document() -> Json {
    let named = schemas();
    let mut paths = Map::new();
    for endpoint in &ENDPOINTS {
        let Some(shape) = Shape::of(endpoint.method, &named) else { continue };
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(endpoint.verb.name().to_lowercase(), operation(endpoint, &shape));
        }
    }
    paths.extend(others());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Carapace",
            "description": "What can be asked of a runtime, and how it is steered. Every request is answered with JSON, and a refused one with problem details (RFC 9457).",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": named },
    })
}

/// The schemas that others refer to, by name.
pub(super) fn schemas() -> Map<String, Json> {
    let mut all = Vec::new();
    for endpoint in &ENDPOINTS {
        all.push(((endpoint.answer.name)().into_owned(), (endpoint.answer.schema)()));
        (endpoint.answer.all)(&mut all);
    }
    all.push((Problem::name().into_owned(), Problem::schema()));
    all.push((Ticket::name().into_owned(), Ticket::schema()));
    all.push((Readiness::name().into_owned(), Readiness::schema()));
    Readiness::schemas(&mut all);
    all.push((Happened::name().into_owned(), Happened::schema()));
    Happened::schemas(&mut all);
    Request::schemas(&mut all);
    let mut named: Vec<(String, Json)> = all
        .into_iter()
        .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
        .collect();
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    named.into_iter().collect()
}

fn operation(endpoint: &Endpoint, shape: &Shape) -> Json {
    let in_path: Vec<&str> = endpoint.in_path().collect();
    let mut parameters: Vec<Json> = in_path.iter().map(|name| parameter(name, "path", shape)).collect();
    let (summary, more) = split(&shape.words);
    let mut operation = json!({
        "operationId": endpoint.method,
        "summary": summary,
        "description": format!("{more}Needs the permission `{}`.", endpoint.scope),
        "tags": [endpoint.path.split('/').nth(2).unwrap_or_default()],
        "responses": responses(endpoint),
    });
    let fields = shape
        .parameters
        .iter()
        .filter(|(name, _)| !in_path.contains(&name.as_str()) && !endpoint.without.contains(&name.as_str()));
    let fields: Map<String, Json> = fields.map(|(name, schema)| (name.clone(), schema.clone())).collect();
    match endpoint.verb {
        Verb::Get => parameters.extend(fields.keys().map(|name| parameter(name, "query", shape))),
        Verb::Post if !fields.is_empty() => {
            let required: Vec<&String> =
                fields.keys().filter(|name| shape.required.contains(*name)).collect();
            let schema = json!({
                "type": "object", "properties": fields, "required": required, "additionalProperties": false,
            });
            let body = json!({
                "required": !required.is_empty(),
                "content": { "application/json": { "schema": schema } },
            });
            set(&mut operation, "requestBody", body);
        }
        Verb::Post | Verb::Delete => {}
    }
    if endpoint.keyed {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A name for this request, of the asker's own: when it comes again with the same within seven days, nothing is done, and the answer is that of the first time.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }));
    }
    if !parameters.is_empty() {
        set(&mut operation, "parameters", Json::Array(parameters));
    }
    operation
}

fn parameter(name: &str, place: &str, shape: &Shape) -> Json {
    let mut schema = shape.parameters.get(name).map(without_null).unwrap_or_default();
    let words = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("description"))
        .unwrap_or_else(|| "Which.".into());
    if let (Some(schema), "path") = (schema.as_object_mut(), place) {
        schema.insert("minLength".to_owned(), 1.into());
    }
    let required = place == "path" || shape.required.contains(name);
    json!({ "name": name, "in": place, "required": required, "description": words, "schema": schema })
}

fn responses(endpoint: &Endpoint) -> Json {
    let mut answer = json!({ "$ref": format!("#/components/schemas/{}", (endpoint.answer.name)()) });
    if endpoint.many {
        answer = json!({ "type": "array", "items": answer });
    }
    let mut responses = Map::new();
    let mut told = json!({
        "description": endpoint.status.canonical_reason().unwrap_or("Done"),
        "content": { "application/json": { "schema": answer } },
    });
    if endpoint.status == StatusCode::CREATED {
        let place = json!({ "description": "Where the run is found, where it lives.", "schema": { "type": "string" } });
        set(&mut told, "headers", json!({ "location": place }));
    }
    responses.insert(endpoint.status.as_u16().to_string(), told);
    responses.insert("default".to_owned(), refused());
    Json::Object(responses)
}

/// A request that is refused.
fn refused() -> Json {
    json!({
        "description": "Refused",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

/// What is served beside the methods.
fn others() -> Map<String, Json> {
    let call = json!({
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["string", "number", "null"] },
            "method": { "type": "string" },
            "params": { "type": ["object", "array"] },
        },
        "required": ["jsonrpc", "method"],
    });
    let answer = json!({
        "type": "object",
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["string", "number", "null"] },
            "result": {},
            "error": {
                "type": "object",
                "properties": {
                    "code": { "type": "integer" }, "message": { "type": "string" }, "data": {},
                },
                "required": ["code", "message"],
            },
        },
        "required": ["jsonrpc", "id"],
    });
    let rpc = json!({ "post": {
        "operationId": "rpc",
        "summary": "Calls a method by JSON-RPC 2.0.",
        "description": "The methods are the operations of this document, by their `operationId`; their parameters are those of path, query and body together. Each needs its permission.",
        "tags": ["rpc"],
        "requestBody": { "required": true, "content": { "application/json": { "schema": call } } },
        "responses": {
            "200": { "description": "OK", "content": { "application/json": { "schema": answer } } },
            "204": { "description": "A call without an id, which gets no answer" },
            "default": refused(),
        },
    } });
    let readiness = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Readiness" } } });
    let health = json!({ "get": {
        "operationId": "healthz",
        "summary": "Whether the process lives.",
        "tags": ["health"],
        "responses": { "200": { "description": "OK", "content": { "text/plain": { "schema": { "type": "string" } } } } },
    } });
    let ready = json!({ "get": {
        "operationId": "readyz",
        "summary": "Whether the runtime hears on all of its channels.",
        "tags": ["health"],
        "responses": {
            "200": { "description": "It does", "content": readiness },
            "503": { "description": "It does not", "content": readiness },
        },
    } });
    let metrics = json!({ "get": {
        "operationId": "metrics",
        "summary": "What is counted, for Prometheus.",
        "description": "Needs the permission `read`.",
        "tags": ["health"],
        "responses": {
            "200": { "description": "OK", "content": { "application/openmetrics-text": { "schema": { "type": "string" } } } },
            "default": refused(),
        },
    } });
    let events = json!({ "get": {
        "operationId": "events",
        "summary": "What happens, as server-sent events.",
        "description": "Each event `happened` has the line's number as its id and a `Happened` as its data; `missed` says which lines are kept no longer. Needs the permission `read`.",
        "tags": ["events"],
        "parameters": [
            { "name": "after", "in": "query", "required": false, "description": "What happened after this line; from now on, where nothing is said.", "schema": { "type": "integer", "minimum": 0 } },
            { "name": "events", "in": "query", "required": false, "description": "Only things of these names, with commas between.", "schema": { "type": "string" } },
            { "name": "last-event-id", "in": "header", "required": false, "description": "As `after`, which it replaces: browsers send it when they come again.", "schema": { "type": "string" } },
        ],
        "responses": {
            "200": { "description": "OK", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "default": refused(),
        },
    } });
    [
        ("/v1/tickets", tickets()),
        ("/v1/rpc", rpc),
        ("/v1/events", events),
        ("/healthz", health),
        ("/readyz", ready),
        ("/metrics", metrics),
    ]
    .into_iter()
    .map(|(path, said)| (path.to_owned(), said))
    .collect()
}

/// How a page gets to open a WebSocket.
fn tickets() -> Json {
    let scopes = json!({
        "type": ["array", "null"],
        "items": { "type": "string" },
        "description": "What the ticket permits; what the token does, where nothing is said.",
    });
    let asked =
        json!({ "type": "object", "properties": { "scopes": scopes }, "additionalProperties": false });
    let ticket = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } });
    json!({ "post": {
        "operationId": "tickets",
        "summary": "Gives a ticket, with which a page opens one WebSocket at `/v1/ws` within half a minute.",
        "description": "Needs a token, of any permission.",
        "tags": ["tickets"],
        "requestBody": { "required": false, "content": { "application/json": { "schema": asked } } },
        "responses": { "201": { "description": "Created", "content": ticket }, "default": refused() },
    } })
}

fn set(object: &mut Json, name: &str, value: Json) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// The first sentence, and what comes behind it; without what refers to types of the source.
fn split(words: &str) -> (String, String) {
    let plain = words.split('\n').collect::<Vec<_>>().join(" ");
    let plain = plain.split(": a [").next().unwrap_or_default();
    let plain = plain.split(": an [").next().unwrap_or_default();
    let plain = plain.split(": [").next().unwrap_or_default().trim().trim_end_matches('.');
    (format!("{plain}."), String::new())
}
