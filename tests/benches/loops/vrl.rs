//! VRL.

use crate::cases::Case;
use ::vrl::compiler::state::{ExternalEnv, LocalEnv, RuntimeState, TypeState};
use ::vrl::compiler::{CompileConfig, Context, TargetValue, TimeZone, compile_with_state};
use ::vrl::value::kind::Collection;
use ::vrl::value::{Kind, ObjectMap, Secrets, Value as VrlValue};

/// VRL, told that it is given a list of numbers.
pub(crate) struct Vrl {
    program: ::vrl::compiler::Program,
    items: VrlValue,
}

impl Vrl {
    pub(crate) fn new(case: &Case) -> Option<Vrl> {
        let state = TypeState {
            local: LocalEnv::default(),
            external: ExternalEnv::new_with_kind(
                Kind::array(Collection::from_unknown(Kind::integer())),
                Kind::object(Collection::any()),
            ),
        };
        let compiled = compile_with_state(case.vrl?, &::vrl::stdlib::all(), &state, CompileConfig::default());
        let items = (1..=case.size).map(VrlValue::from).collect::<Vec<_>>().into();
        let program = compiled.unwrap_or_else(|e| panic!("{}: {:?}", case.name, e.errors())).program;
        Some(Vrl { program, items })
    }

    pub(crate) fn run(&mut self) -> String {
        let mut target = TargetValue {
            value: self.items.clone(),
            metadata: VrlValue::Object(ObjectMap::new()),
            secrets: Secrets::new(),
        };
        let (mut state, zone) = (RuntimeState::default(), TimeZone::default());
        let value = self.program.resolve(&mut Context::new(&mut target, &mut state, &zone)).unwrap();
        value.to_str_lossy().map_or_else(|| value.to_string(), |text| text.into_owned())
    }
}
