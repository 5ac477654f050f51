//! From an act to a call.

use crate::{Call, Hosts, Method};
use carapace_effect::Act;
use carapace_module::{Type, Value};
use serde_json::Value as Json;

/// How an effect asks; none where it is no effect of `std/http`.
pub(super) fn method(act: &Act) -> Option<Method> {
    match (&*act.request.effect, act.request.version) {
        ("http.get", 1) => Some(Method::GET),
        ("http.post", 1) => Some(Method::POST),
        ("http.put", 1) => Some(Method::PUT),
        ("http.remove", 1) => Some(Method::DELETE),
        _ => None,
    }
}

/// What is asked, and the name of the secret that goes with it; none where the act does not say.
pub(super) fn call(act: &Act) -> Option<(Call, Option<&str>)> {
    let method = method(act)?;
    let argument = |name: &str| act.arguments.get(name);
    let headers = match argument("headers") {
        None => Vec::new(),
        Some(headers) => {
            let header = |(name, value): (&String, &Json)| Some((name.clone(), value.as_str()?.to_owned()));
            headers.as_object()?.iter().map(header).collect::<Option<_>>()?
        }
    };
    let call = Call {
        address: argument("address")?.as_str()?.to_owned(),
        headers,
        body: argument("body").filter(|_| sends(&method)).map(|body| sent(act, body)),
        token: None,
        key: (method == Method::POST).then(|| act.key.to_string()),
        hosts: act.hosts.clone().map_or(Hosts::Any, Hosts::These),
        method,
    };
    let secret = act.request.args.iter().find_map(|value| match value {
        Value::Secret(name) => Some(&*name.0),
        _ => None,
    });
    Some((call, secret))
}

fn sends(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT)
}

/// A text as it stands, everything else as JSON.
fn sent(act: &Act, body: &Json) -> (Vec<u8>, &'static str) {
    // It is the second parameter.
    match (act.request.types.get(1), body) {
        (Some(Type::Text), Json::String(text)) => (text.clone().into_bytes(), "text/plain; charset=utf-8"),
        _ => (body.to_string().into_bytes(), "application/json"),
    }
}
