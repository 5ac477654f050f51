//! From a request to its answer.

use super::request::Wanted;
use super::stream::Events;
use super::whole::Head;
use crate::auth::Caller;
use crate::openai::asking::ASK;
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
    let Wanted { asked, echo } = Wanted::read(request).await?;
    let stream = asked.stream;
    let running = api.ask(&caller, asked).await?;
    let head = Head::of(&running, echo);
    if stream {
        return tell(running, caller, Events::new(head)).await;
    }
    let answer = running.end(&caller).await?;
    Ok(axum::Json(head.completed(&answer.text, &answer)).into_response())
}
