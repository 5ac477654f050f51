//! From a request to its answer.

use super::request::Wanted;
use super::stored::{Keeping, Said};
use super::stream::Events;
use super::whole::Head;
use crate::auth::Caller;
use crate::openai::asking::ASK;
use crate::openai::fields::Fields;
use crate::openai::live::tell;
use crate::openai::service::OpenAi;
use crate::openai::trouble::Trouble;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};

/// Answers what was said last.
pub(in crate::openai) async fn respond(
    State(api): State<OpenAi>,
    caller: Caller,
    request: Request,
) -> Result<Response, Trouble> {
    api.may(&caller, ASK)?;
    let (fields, once) = Fields::once(&caller, request).await?;
    let Wanted { mut asked, echo, store, previous, said } = Wanted::of(fields)?;
    if let Some(previous) = &previous {
        asked.after(api.said_before(&caller, previous).await?);
    }
    let stream = asked.stream;
    let running = api.ask(&caller, asked, once).await?;
    let keeping = Keeping::new(&api, &caller, &running, store, Said { previous, input: said });
    let head = Head::of(&running, echo);
    if stream {
        return tell(running, caller, Events::new(head, keeping)).await;
    }
    let answer = running.end(&caller).await?;
    Ok(axum::Json(keeping.kept(head.completed(&answer.text, &answer)).await).into_response())
}
