//! What becomes of the values of a state whose type is another one now.

use super::rejected;
use super::settings::Given;
use crate::command::Rejection;
use crate::decide::draft::Draft;
use crate::machine::{Code, Limits, call_pure};
use crate::record::Write;
use crate::state::{Deployment, state_shape};
use crate::stretch::LARGEST;
use crate::wire::Wire;
use crate::{DeploymentId, Key};
use carapace_module::signature::{MigrationSignature, StateSignature};
use carapace_module::{Module, structure};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What of a value is named when its migration breaks.
const KEY_SHOWN: usize = 80;

/// A state that has values, or a living run that may give it some, must still be what it was, whenever that was. Values
/// of another type become what the `migrate` for that type makes of them; a run that may use them stands in the way.
pub(super) fn migrate(
    draft: &Draft<'_>,
    code: &dyn Code,
    settings: &[Wire],
) -> Result<Vec<Write>, Rejection> {
    let (state, module) = (draft.state, code.module());
    let (mut writes, mut size) = (Vec::new(), 0_u64);
    for signature in &module.states {
        let name = &signature.name;
        let shape = state_shape(module, &signature.ty, &signature.keys);
        let Some(before) = state.shapes.get(name).filter(|before| **before != shape) else { continue };
        refuse_users(draft, name, &shape)?;
        if state.values.of(name).next().is_none() {
            continue;
        }
        let migration =
            fitting(module, signature, before).ok_or_else(|| unmigrated(signature, module, before))?;
        for (key, cell) in state.values.of(name) {
            // Its time has come, and the timer has not gone off yet.
            if cell.until.is_some_and(|until| until <= draft.now) {
                continue;
            }
            let mut host = Given::new(draft.now, settings);
            let args = [cell.value.0.clone()];
            let value = call_pure(code, migration.function, &args, &mut host, Limits::PURE)
                .map_err(|fault| broken(name, key, &fault))?;
            size = size.saturating_add(value.size()).saturating_add(key.0.len() as u64);
            if size > LARGEST {
                let mib = LARGEST >> 20;
                let message = format!("the values of state `{name}` are more than the {mib} MiB of one line");
                return Err(rejected("E0928", message, Some("give the new state another name")));
            }
            let (state, key, until) = (name.clone(), key.clone(), cell.until);
            writes.push(Write { state, key, value: Wire(value), until });
        }
    }
    Ok(writes)
}

/// The migration for values of that type: of the very type, or of one with the same structure under another name.
pub(crate) fn fitting<'m>(
    module: &Module,
    signature: &'m StateSignature,
    before: &str,
) -> Option<&'m MigrationSignature> {
    let from = |migration: &&MigrationSignature| state_shape(module, &migration.from, &signature.keys);
    let exact = signature.migrations.iter().find(|migration| *from(migration) == *before);
    let wanted = structure(before);
    exact.or_else(|| signature.migrations.iter().find(|migration| structure(&from(migration)) == wanted))
}

fn unmigrated(signature: &StateSignature, module: &Module, before: &str) -> Rejection {
    let name = &signature.name;
    let short = name.rsplit('.').next().unwrap_or(name);
    let keys = |shape: &str| shape.rsplit_once(" by ").map(|(_, keys)| structure(keys));
    let now = state_shape(module, &signature.ty, &signature.keys);
    if keys(before) != keys(&now) {
        let message = format!("state `{name}` has values that are kept by something else");
        return rejected("E0925", message, Some("give the new state another name: keys do not change"));
    }
    let message = if signature.migrations.is_empty() {
        format!("state `{name}` has values of another type")
    } else {
        format!("state `{name}` has values of a type that none of its migrations is for")
    };
    // A declared type is written out with its fields; then only the author knows what it is called by now.
    let old = before.rsplit_once(" by ").map_or(before, |(ty, _)| ty);
    let old = if old.chars().all(char::is_alphanumeric) { old } else { "THE_OLD_TYPE" };
    let help = format!(
        "say what becomes of them: `state {short}: … migrate old: {old} => …`; or give the new state another name"
    );
    rejected("E0925", message, Some(&help))
}

fn broken(name: &str, key: &Key, fault: &str) -> Rejection {
    let shown: String = key.0.chars().take(KEY_SHOWN).collect();
    let message = format!("the migration of state `{name}` breaks for the value at {shown}: {fault}");
    rejected("E0928", message, Some("mend the migration; nothing was changed"))
}

/// Runs keep the program they began with, and it knows the state as it was.
fn refuse_users(draft: &Draft<'_>, name: &Arc<str>, shape: &str) -> Result<(), Rejection> {
    let state = draft.state;
    let mut users: BTreeMap<(DeploymentId, Arc<str>), bool> = BTreeMap::new();
    let mut using = state.runs.iter().filter(|run| {
        *users.entry((run.deployment, run.flow.clone())).or_insert_with(|| {
            let deployment = state.deployments.get(run.deployment);
            deployment.is_some_and(|deployment| may_use(deployment, &run.flow, name, shape))
        })
    });
    let Some(first) = using.next() else { return Ok(()) };
    let more = match using.count() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        n => format!(" and {n} more"),
    };
    let message =
        format!("state `{name}` has another type for run `{}` of flow `{}`{more}", first.id, first.flow);
    let help = "wait for such runs to end, or end them with `carapace runs cancel`; or give the new state another name";
    Err(rejected("E0925", message, Some(help)))
}

/// Whether a run of this flow may read or write the state with another type than this.
pub(crate) fn may_use(deployment: &Deployment, flow: &str, name: &str, shape: &str) -> bool {
    // Where the code is gone, nothing is known of it but the types of its states.
    let known = deployment.record.shapes.get(name).is_some_and(|known| **known != *shape);
    let Ok(code) = &deployment.code else { return known };
    let module = code.module();
    let Some(at) = module.states.iter().position(|state| *state.name == *name) else { return false };
    let other =
        module.states.get(at).is_some_and(|state| *state_shape(module, &state.ty, &state.keys) != *shape);
    let reach = |flow| module.reach_of_all(flow).states.iter().any(|index| usize::from(*index) == at);
    other && deployment.flow(flow).is_some_and(reach)
}
