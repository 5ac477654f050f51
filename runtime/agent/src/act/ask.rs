//! `agent.ask`: one question, one answer.

use super::Asking;
use super::setup::Setup;
use crate::Error;
use crate::models::Heard;
use genai::chat::ChatMessage;
use serde_json::Value as Json;

pub(super) async fn ask(asking: &Asking<'_>) -> Result<Json, Error> {
    let setup = Setup::of(asking.act.agent.as_ref(), asking.models)?;
    let prompt = asking.text("prompt")?;
    let options = setup.options();
    let limited = options.max_tokens.is_some();
    let make = |target: &_| {
        let messages = vec![ChatMessage::user(prompt)];
        setup.question(target, setup.instructions.clone(), messages, options.clone())
    };
    let hears = |heard: Heard<'_>| asking.tell(heard);
    let (answer, target) = asking.models.ask(&setup.chain, &make, asking.tally, &hears).await?;
    setup.whole(&answer, &target, limited)?;
    Ok(answer.text.into())
}
