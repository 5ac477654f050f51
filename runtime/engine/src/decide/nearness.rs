//! How near texts are in meaning. A model is asked in the name of the agent whose tool wants to know, which no argument says: the flow that
//! wants to know is a library's, and any agent may have it as a tool.

use super::draft::Draft;
use super::request::{Asker, Made, foreign};
use super::{budget, context, session};
use crate::stored::OutcomeRecord;
use crate::wire::Wire;
use carapace_effect::{EffectRequest, OpId};
use carapace_module::Value;
use std::sync::Arc;

/// Asks how near texts are to another.
pub(super) const NEARNESS: &str = "exchange.nearness";

/// What names the model, of an agent.
const EMBEDDINGS: &str = "embeddings";

/// So many texts are compared at most.
const MOST_TEXTS: usize = 1_000;

/// So many bytes they have at most, with what they are compared with: they stand in the journal.
const MOST_BYTES: usize = 2 << 20;

/// None where no agent's tool asks, or its agent names no model: nothing leaves then. The world of a test is always asked, so that it can
/// say what is near.
pub(super) fn nearness(draft: &mut Draft<'_>, asker: &Asker<'_>, op: &OpId, effect: EffectRequest) -> Made {
    let of = context::calling(draft, asker, op);
    let agent = of.and_then(|of| Some(draft.state.sessions.of(&of)?.0.agent.clone()));
    let names = |agent: &Arc<str>| session::property(asker, agent, EMBEDDINGS).is_some();
    if !draft.state.rehearses && !agent.as_ref().is_some_and(names) {
        return Made::done();
    }
    let [query, texts, ..] = effect.args.as_slice() else { return Made::done() };
    let texts = texts.as_list().unwrap_or_default();
    if texts.is_empty() {
        return Made::Settled(OutcomeRecord::Done(Wire(Value::list(Vec::new()))));
    }
    let all = || std::iter::once(query).chain(texts).map(|text| text.as_text().unwrap_or_default());
    if texts.len() > MOST_TEXTS {
        return Made::refused(format!(
            "at most {MOST_TEXTS} texts are compared, and these are {}",
            texts.len()
        ));
    }
    if all().map(str::len).sum::<usize>() > MOST_BYTES {
        return Made::refused(format!("the texts that are compared have at most {} MiB", MOST_BYTES >> 20));
    }
    if all().any(|text| text.trim().is_empty()) {
        return Made::refused("a text that says nothing is near to none");
    }
    if let Some(failure) = agent.clone().and_then(|agent| budget::over_of(draft, asker, agent)) {
        return Made::Settled(OutcomeRecord::Failed(failure));
    }
    foreign(asker, effect, agent)
}
