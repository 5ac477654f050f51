//! Calls of pure functions: guards, keys, conditions, first values.

use crate::exec::{Machine, Pause, clear};
use crate::fault::Fault;
use crate::host::{Host, Limits};
use crate::program::Program;
use crate::task::{Frame, Reason};
use carapace_module::Value;
use carapace_module::code::{Instr, Op};
use carapace_module::signature::FunctionId;

/// How many registers a function may have that is called without anything on the heap: most guards and keys have fewer.
const FEW: usize = 8;

/// Calls a pure function.
///
/// # Errors
/// Where it breaks a rule of the machine, or is not pure after all.
pub fn call_pure(
    program: &Program,
    function: FunctionId,
    args: &[Value],
    host: &mut dyn Host,
    limits: Limits,
) -> Result<Value, Fault> {
    evaluate(&mut Machine::new(program, host, limits), function.0, args)
}

/// The same, on a machine that is running already and pays for it.
pub(crate) fn evaluate(machine: &mut Machine<'_>, function: u32, args: &[Value]) -> Result<Value, Fault> {
    let callee = machine.program.module().functions.get(function as usize);
    let callee = callee.ok_or(Fault::unsound("a function is missing"))?;
    if usize::from(callee.params) != args.len() {
        return Err(Fault::unsound("a call has other arguments than the function"));
    }
    let count = usize::from(callee.registers);
    let mut frame = Frame { function, pc: 0, base: 0, reason: Reason::Base, scopes: 0 };
    if count > FEW {
        let mut registers = args.to_vec();
        registers.resize(count, Value::None);
        let left = machine.run(&mut frame, &mut registers)?;
        return go_on(machine, frame, registers, left);
    }
    let mut few = [const { Value::None }; FEW];
    few.iter_mut().zip(args).for_each(|(register, arg)| *register = arg.clone());
    let registers = few.get_mut(..count).unwrap_or_default();
    let left = machine.run(&mut frame, registers)?;
    match registers.get_mut(usize::from(left.a)) {
        Some(result) if left.op == Op::Return => {
            let result = std::mem::replace(result, Value::None);
            clear(registers);
            // Nothing in it needs to be dropped any more, and the compiler cannot know.
            std::mem::forget(few);
            Ok(result)
        }
        _ => {
            let registers = registers.iter_mut().map(|register| std::mem::replace(register, Value::None));
            let registers = registers.collect();
            go_on(machine, frame, registers, left)
        }
    }
}

/// What follows once the function's own instructions were left: calls of others, and then its result.
fn go_on(
    machine: &mut Machine<'_>,
    frame: Frame,
    mut registers: Vec<Value>,
    left: Instr,
) -> Result<Value, Fault> {
    let mut frames = vec![frame];
    let pause = match machine.follow(&mut frames, &mut registers, left)? {
        Some(pause) => pause,
        None => machine.execute(&mut frames, &mut registers)?,
    };
    match pause {
        Pause::Returned(_, value) => Ok(value),
        Pause::Task(i) if i.op == Op::Fail => {
            let base = frames.last().map_or(0, |frame| frame.base as usize);
            let message = registers.get(base + usize::from(i.a)).and_then(Value::as_text);
            Err(Fault::Native(message.unwrap_or_default().to_owned()))
        }
        Pause::Task(_) => Err(Fault::unsound("a pure function asks for something")),
    }
}
