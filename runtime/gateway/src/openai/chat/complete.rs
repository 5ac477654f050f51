//! From a request to its answer.

use super::request::Completion;
use super::stream::Chunks;
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
pub(in crate::openai) async fn complete(
    State(api): State<OpenAi>,
    caller: Caller,
    request: Request,
) -> Result<Response, Trouble> {
    api.may(&caller, ASK)?;
    let (fields, once) = Fields::once(&caller, request).await?;
    let Completion { asked, with_usage } = Completion::of(fields)?;
    let stream = asked.stream;
    let running = api.ask(&caller, asked, once).await?;
    let head = Head::of(&running);
    if stream {
        return tell(running, caller, Chunks::new(head, with_usage)).await;
    }
    let answer = running.end(&caller).await?;
    Ok(axum::Json(head.whole(&answer)).into_response())
}
