//! What happens, as server-sent events (WHATWG HTML, section 9.2).

use super::places::Places;
use super::problem::Problem;
use super::watching::{Told, Wanted, Watcher};
use crate::Methods;
use crate::auth::{Caller, Scope};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::stream;
use serde_json::{Value as Json, json};
use std::convert::Infallible;
use tokio::sync::OwnedSemaphorePermit;

/// `GET /v1/events`.
pub(super) fn routes(methods: &Methods, places: &Places) -> Router {
    Router::new().route("/v1/events", get(events)).with_state((methods.clone(), places.clone()))
}

/// One who reads along.
struct Reader {
    watcher: Watcher,
    caller: Caller,
    _place: OwnedSemaphorePermit,
}

async fn events(
    State((methods, places)): State<(Methods, Places)>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    if !caller.may(Scope::Read) {
        return Err(crate::rpc::Fault::forbidden("events", Scope::Read).into());
    }
    let place = places.take()?;
    let watcher = Watcher::begin(&methods, wanted(&headers, &uri)?).await?;
    let told = stream::unfold(Reader { watcher, caller, _place: place }, async |mut reader| {
        let told = tokio::select! {
            told = reader.watcher.next() => told,
            () = reader.caller.over() => Told::Ended,
        };
        let event = match told {
            Told::Happened(happened) => {
                Event::default().event("happened").id(happened.seq.to_string()).json_data(&happened)
            }
            Told::Missed(missed) => Event::default().event("missed").json_data(missed),
            Told::Ended => return None,
        };
        // What is made of our own types can be written.
        Some((Ok::<Event, Infallible>(event.unwrap_or_default()), reader))
    });
    Ok(Sse::new(told).keep_alive(KeepAlive::default()).into_response())
}

/// What a request asks: `?after=17&events=run_failed,noted`. A browser that comes again says where it was in `Last-Event-ID`.
fn wanted(headers: &HeaderMap, uri: &Uri) -> Result<Wanted, Problem> {
    let query: Query<Vec<(String, String)>> =
        Query::try_from_uri(uri).map_err(|_| Problem::unreadable("the query cannot be read"))?;
    let number = |text: &str| {
        text.parse::<u64>().map_err(|_| Problem::unreadable("`after` is the number of a line of the journal"))
    };
    let mut params = json!({});
    for (name, text) in &query.0 {
        let value = match name.as_str() {
            "after" => number(text)?.into(),
            _ => text.split(',').map(Json::from).collect(),
        };
        if let Some(params) = params.as_object_mut()
            && params.insert(name.clone(), value).is_some()
        {
            return Err(Problem::unreadable("a name stands there twice"));
        }
    }
    let mut wanted = Wanted::read(params)?;
    if let Some(last) = headers.get("last-event-id") {
        wanted.after = Some(number(last.to_str().unwrap_or_default())?);
    }
    Ok(wanted)
}
