//! Calls of pure functions: guards, keys, conditions, first values.

use crate::exec::{Machine, Pause};
use crate::fault::Fault;
use crate::host::{Host, Limits};
use crate::program::Program;
use crate::task::{Reason, Task};
use carapace_effect::TaskPath;
use carapace_module::Value;
use carapace_module::code::Op;
use carapace_module::signature::FunctionId;

/// Calls a pure function.
///
/// # Errors
/// Where it breaks a rule of the machine, or is not pure after all.
pub fn call_pure(
    program: &Program,
    function: FunctionId,
    args: Vec<Value>,
    host: &mut dyn Host,
    limits: Limits,
) -> Result<Value, Fault> {
    evaluate(&mut Machine::new(program, host, limits), function.0, args)
}

/// The same, on a machine that is running already and pays for it.
pub(crate) fn evaluate(machine: &mut Machine<'_>, function: u32, args: Vec<Value>) -> Result<Value, Fault> {
    let callee = machine.program.module().functions.get(function as usize);
    let callee = callee.ok_or(Fault::unsound("a function is missing"))?;
    if usize::from(callee.params) != args.len() {
        return Err(Fault::unsound("a call has other arguments than the function"));
    }
    let mut task = Task::new(TaskPath::default());
    task.push(function, callee.registers, args, Reason::Base);
    match machine.execute(&mut task.frames, &mut task.stack)? {
        Pause::Returned(_, value) => Ok(value),
        Pause::Task(i) if i.op == Op::Fail => {
            let message = task.register(i.a);
            Err(Fault::Native(message.as_text().unwrap_or_default().to_owned()))
        }
        Pause::Task(_) => Err(Fault::unsound("a pure function asks for something")),
    }
}
