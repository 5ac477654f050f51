//! A flow that a person starts: `on manual(T)`.

use super::{Key, Methods, Started, written};
use crate::auth::Caller;
use crate::rpc::Fault;
use carapace_effect::RunId;
use carapace_engine::{Event, EventKind, Reply, State};
use carapace_module::container::trigger_text;
use carapace_module::json::from_json;
use carapace_module::signature::TriggerSpec;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

impl Methods {
    /// With a key, a start that was asked for before starts nothing: the journal knows it, as it knows calls of webhooks.
    pub(super) async fn start(
        &self,
        caller: &Caller,
        flow: String,
        input: Option<Json>,
        key: Option<String>,
    ) -> Result<Json, Fault> {
        let id = key.map(|key| Key::read(&key)).transpose().map_err(|why| why.fault())?;
        let id = id.map(|key| key.of(caller).into());
        let input = input.unwrap_or(Json::Null);
        let given = input.clone();
        let found = move |state: &State| {
            let name = startable(state, &flow, &given)?;
            Ok::<_, Fault>((runs_of(state, &name), name))
        };
        let (before, name) = self.engine.look(found).await??;
        let mut fields = Map::new();
        fields.insert("input".to_owned(), input);
        let kind = EventKind::Manual { flow: name.clone(), id };
        let event = Event { kind, origin: None, at: None, fields };
        let decided = self.engine.event(event).await?;
        match decided.reply {
            Reply::Busy(_) => {
                return Err(Fault::refused("E1037", "the runtime takes nothing new in just now", None));
            }
            Reply::Rejected(no) => return Err(Fault::refused(no.code, no.message, no.help)),
            _ => {}
        }
        // Who brings a key is told which run it was, also where that is over.
        if let Some(call) = decided.call {
            return written(&Started { flow: name, run: call.runs.first().copied() });
        }
        let flow = name.clone();
        let after = self.engine.look(move |state| runs_of(state, &flow)).await?;
        let run = after.into_iter().find(|run| !before.contains(run));
        written(&Started { flow: name, run })
    }
}

/// The full name of a flow that this input starts.
fn startable(state: &State, wanted: &str, input: &Json) -> Result<Arc<str>, Fault> {
    let mut found: Vec<(Arc<str>, Result<(), String>)> = Vec::new();
    let mut others: Vec<Arc<str>> = Vec::new();
    for deployment in state.deployments.serving() {
        let Ok(code) = &deployment.code else { continue };
        let module = code.module();
        for flow in &module.flows {
            let by_hand = flow.triggers.iter().find_map(|trigger| match &trigger.spec {
                TriggerSpec::Manual { input } => Some((input, &trigger.spec)),
                _ => None,
            });
            let Some((ty, spec)) = by_hand else { continue };
            if is_meant(&flow.name, wanted) {
                let fits = from_json(input, ty, &module.types).map(drop);
                let wants = |why| format!("{why}; it begins with `on {}`", trigger_text(spec, &module.types));
                found.push((flow.name.clone(), fits.map_err(wants)));
            } else {
                others.push(flow.name.clone());
            }
        }
    }
    let refused = |message: String, help: String| Err(Fault::refused("E0949", message, Some(help)));
    match &found[..] {
        [(name, Ok(()))] => Ok(name.clone()),
        [(name, Err(why))] => refused(
            format!("what is handed over does not fit `{name}`: {why}"),
            "`--input JSON` hands it over; a text is written with quotes: `--input '\"text\"'`".to_owned(),
        ),
        [] if others.is_empty() => refused(
            format!("no flow `{wanted}` can be started by hand"),
            "one that can begins with `flow name on manual(Type)`".to_owned(),
        ),
        [] => refused(
            format!("no flow `{wanted}` can be started by hand"),
            format!("these can: {}", names(&others)),
        ),
        _ => {
            let all: Vec<Arc<str>> = found.iter().map(|(name, _)| name.clone()).collect();
            refused(format!("`{wanted}` may be several flows"), format!("say which: {}", names(&all)))
        }
    }
}

/// `by_hand`, `main.by_hand` and `shop/main.by_hand` mean the same, as long as nothing else is called so.
fn is_meant(name: &str, wanted: &str) -> bool {
    let before = name.strip_suffix(wanted);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['.', '/']))
}

fn names(names: &[Arc<str>]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The runs of a flow of which something is on its way.
fn runs_of(state: &State, flow: &str) -> Vec<RunId> {
    state.runs.awake().filter(|run| *run.flow == *flow).map(|run| run.id).collect()
}
