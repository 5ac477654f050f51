//! Instructions that ask what the host knows: settings, state, the time.

use super::Machine;
use crate::fault::Fault;
use carapace_module::Value;
use carapace_module::code::{Instr, Op};
use carapace_module::signature::FunctionId;

/// A first value of a state may ask for the first value of another. So deep, and the host's stack is safe.
const MOST_NESTED: u32 = 16;

impl Machine<'_> {
    /// A setting's default, a state's first value.
    fn default_of(&mut self, function: Option<FunctionId>) -> Result<Value, Fault> {
        let Some(function) = function else { return Err(Fault::unsound("a setting has no value")) };
        if self.nested >= MOST_NESTED {
            return Err(Fault::Depth);
        }
        self.nested += 1;
        let value = crate::pure::evaluate(self, function.0, &[]);
        self.nested -= 1;
        value
    }

    /// What the host knows.
    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register and table index")]
    pub(super) fn of_host(&mut self, i: Instr, regs: &[Value]) -> Result<Value, Fault> {
        let module = self.program.module();
        Ok(match i.op {
            Op::Now => Value::Time(self.host.now()),
            Op::Random => Value::Int(self.host.random() & i64::MAX),
            Op::ThisRun => Value::record(vec![Value::text(&*self.host.run_id())]),
            Op::Setting => match self.host.setting(u32::from(i.b)) {
                Some(value) => value,
                None => self.default_of(module.settings[usize::from(i.b)].default)?,
            },
            _ => {
                let state = &module.states[usize::from(i.b)];
                let first = usize::from(i.c);
                let keys = &regs[first..first + state.keys.len()];
                self.burn(keys.iter().fold(0_u64, |sum, key| sum.saturating_add(key.size())) / 16)?;
                self.host.permits_state(u32::from(i.b), false).map_err(Fault::NotPermitted)?;
                let value = self.host.state_get(u32::from(i.b), keys);
                self.host_holds()?;
                match value {
                    Some(value) => value,
                    None => self.default_of(Some(state.init))?,
                }
            }
        })
    }

    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register and table index")]
    pub(super) fn write_state(&mut self, i: Instr, regs: &[Value]) -> Result<(), Fault> {
        let keys = self.program.module().states[usize::from(i.a)].keys.len();
        let first = usize::from(i.b);
        let (keys, value) = (&regs[first..first + keys], &regs[usize::from(i.c)]);
        self.burn(keys.iter().fold(value.size(), |sum, key| sum.saturating_add(key.size())) / 16)?;
        self.host.permits_state(u32::from(i.a), true).map_err(Fault::NotPermitted)?;
        self.host.state_set(u32::from(i.a), keys, value.clone());
        self.host_holds()
    }

    fn host_holds(&self) -> Result<(), Fault> {
        if self.host.held() > self.limits.memory { Err(Fault::Memory) } else { Ok(()) }
    }
}
