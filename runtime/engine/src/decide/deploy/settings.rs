//! What the settings of a deployment are.

use super::rejected;
use crate::command::Rejection;
use crate::decide::draft::Draft;
use crate::deployment::Deploy;
use crate::machine::{Code, Host, Limits, call_pure};
use crate::wire::Wire;
use carapace_module::Value;
use carapace_module::json::from_json;
use carapace_module::signature::SettingSignature;
use std::sync::Arc;

/// All settings' values, in the module's order: what was given, else the defaults.
pub(super) fn values(draft: &Draft<'_>, deploy: &Deploy, code: &dyn Code) -> Result<Vec<Wire>, Rejection> {
    let module = code.module();
    if let Some(name) = deploy.settings.keys().find(|name| module.settings.iter().all(|s| s.name != **name)) {
        return Err(rejected("E0922", format!("there is no setting `{name}`"), None));
    }
    let value = |setting: &SettingSignature| {
        let name = &setting.name;
        if let Some(json) = deploy.settings.get(name) {
            let value = from_json(json, &setting.ty, &module.types);
            return value.map_err(|e| rejected("E0923", format!("setting `{name}`: {e}"), None));
        }
        let Some(default) = setting.default else {
            let help = "give it a value in the deployment, or a default where it is declared";
            return Err(rejected("E0924", format!("setting `{name}` has no value"), Some(help)));
        };
        call_pure(code, default, &[], &mut Given::new(draft.now, &[]), Limits::PURE)
            .map_err(|e| rejected("E0923", format!("the default of setting `{name}`: {e}"), None))
    };
    module.settings.iter().map(|setting| value(setting).map(Wire)).collect()
}

/// What a default may use: nothing. What a migration may use: the settings.
pub(super) struct Given<'s> {
    now: i64,
    settings: &'s [Wire],
}

impl<'s> Given<'s> {
    pub(super) fn new(now: i64, settings: &'s [Wire]) -> Given<'s> {
        Given { now, settings }
    }
}

impl Host for Given<'_> {
    fn setting(&mut self, index: u32) -> Option<Value> {
        self.settings.get(index as usize).map(|wire| wire.0.clone())
    }

    fn state_get(&mut self, _index: u32, _key: &[Value]) -> Option<Value> {
        None
    }

    fn state_set(&mut self, _index: u32, _key: &[Value], _value: Value) {}

    fn now(&mut self) -> i64 {
        self.now
    }

    fn random(&mut self) -> i64 {
        0
    }

    fn run_id(&mut self) -> Arc<str> {
        "".into()
    }
}
