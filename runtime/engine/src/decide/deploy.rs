//! Deploying: one line, and each event sees exactly one deployment.

use super::draft::Draft;
use super::schedule;
use crate::blob::Blob;
use crate::command::{Rejection, Reply};
use crate::deployment::Deploy;
use crate::machine::{Code, Host, Limits};
use crate::record::{Deployed, Record, Withdrawn};
use crate::state::state_shapes;
use crate::stored::Run;
use crate::wire::Wire;
use carapace_module::Value;
use carapace_module::json::from_json;
use std::borrow::Cow;
use std::sync::Arc;

pub(super) fn deploy(draft: &mut Draft<'_>, deploy: &Deploy) -> Reply {
    match record(draft, deploy) {
        Ok((record, code)) => {
            if let Some(current) = draft.state.deployments.current(&record.package) {
                let same = current.record.module == record.module
                    && current.record.settings == record.settings
                    && current.record.bindings == record.bindings;
                if same && current.code.is_ok() {
                    return Reply::Deployed(current.record.id);
                }
            }
            let id = record.id;
            draft.push(Record::Deployed(Box::new(record)));
            schedule::redeploy(draft, &code.module().package, &code.module().flows);
            Reply::Deployed(id)
        }
        Err(rejection) => Reply::Rejected(rejection),
    }
}

/// The package takes no new events any more.
pub(super) fn withdraw(draft: &mut Draft<'_>, package: &Arc<str>) -> Reply {
    if draft.state.deployments.current(package).is_some() {
        schedule::redeploy(draft, package, &[]);
        draft.push(Record::Withdrawn(Withdrawn { package: package.clone() }));
    }
    Reply::Done
}

fn rejected(code: &'static str, message: String, help: Option<&str>) -> Rejection {
    Rejection { code, message, help: help.map(str::to_owned) }
}

fn record(draft: &Draft<'_>, deploy: &Deploy) -> Result<(Deployed, Arc<dyn Code>), Rejection> {
    let code = (draft.state.loader)(&deploy.module).map_err(|e| {
        rejected(
            "E0921",
            format!("the module cannot be loaded: {e}"),
            Some("compile it again with this version"),
        )
    })?;
    let settings = settings(draft, deploy, &*code)?;
    unchanged_state(draft, &*code)?;
    let record = Deployed {
        id: draft.state.deployments.next(),
        package: code.module().package.clone(),
        at: draft.now,
        module: Blob(deploy.module.clone()),
        settings,
        bindings: deploy.bindings.clone(),
    };
    Ok((record, code))
}

fn settings(draft: &Draft<'_>, deploy: &Deploy, code: &dyn Code) -> Result<Vec<Wire>, Rejection> {
    let module = code.module();
    if let Some(name) = deploy.settings.keys().find(|name| module.settings.iter().all(|s| s.name != **name)) {
        return Err(rejected("E0922", format!("there is no setting `{name}`"), None));
    }
    let value = |setting: &carapace_module::signature::SettingSignature| {
        let name = &setting.name;
        if let Some(json) = deploy.settings.get(name) {
            let value = from_json(json, &setting.ty, &module.types);
            return value.map_err(|e| rejected("E0923", format!("setting `{name}`: {e}"), None));
        }
        let Some(default) = setting.default else {
            let help = "give it a value in the deployment, or a default where it is declared";
            return Err(rejected("E0924", format!("setting `{name}` has no value"), Some(help)));
        };
        code.call_pure(default, &[], &mut Defaults(draft.now), Limits::PURE)
            .map_err(|e| rejected("E0923", format!("the default of setting `{name}`: {e}"), None))
    };
    module.settings.iter().map(|setting| value(setting).map(Wire)).collect()
}

/// A state that has values, or a living run that may give it some, must still be what it was: whenever that was.
fn unchanged_state(draft: &Draft<'_>, code: &dyn Code) -> Result<(), Rejection> {
    let state = draft.state;
    for (name, shape) in state_shapes(code.module()) {
        if state.shapes.get(&name).is_none_or(|before| *before == shape) {
            continue;
        }
        let help = Some("give the new state another name");
        if state.values.of(&name).next().is_some() {
            return Err(rejected("E0925", format!("state `{name}` has values of another type"), help));
        }
        let uses = |run: &Cow<'_, Run>| {
            let deployment = state.deployments.get(run.deployment);
            deployment.is_some_and(|d| d.shapes().iter().any(|(known, old)| *known == name && *old != shape))
        };
        if let Some(run) = state.runs.iter().find(uses) {
            let message =
                format!("state `{name}` has another type for run `{}` of flow `{}`", run.id, run.flow);
            return Err(rejected("E0925", message, help));
        }
    }
    Ok(())
}

/// What the default of a setting may use: nothing.
struct Defaults(i64);

impl Host for Defaults {
    fn setting(&mut self, _index: u32) -> Option<Value> {
        None
    }

    fn state_get(&mut self, _index: u32, _key: &[Value]) -> Option<Value> {
        None
    }

    fn state_set(&mut self, _index: u32, _key: &[Value], _value: Value) {}

    fn now(&mut self) -> i64 {
        self.0
    }

    fn random(&mut self) -> i64 {
        0
    }

    fn run_id(&mut self) -> Arc<str> {
        "".into()
    }
}
