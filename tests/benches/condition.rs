//! A condition of 14 instructions, the guard of a flow on a message: in a loop of the machine, called as a guard, and
//! called as the engine calls it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

use carapace_engine::machine::{self, vm};
use carapace_module::code::{Function, Op};
use carapace_module::{Module, Value};
use carapace_tests::measure::{Budget, Contender, Nothing, program, pure_function, side_by_side, tell};
use carapace_vm::{Limits, call_pure};
use std::hint::black_box;

/// The condition, as a guard and in a loop.
const SOURCE: &str = r#"
channel desk: any

flow guarded on desk.message
  where not sender.bot and message.mentioned and message.text starts with "help"
{
  reply("Coming.")
}

fn looped(times: Int, sender: User, message: Message) -> Int {
  var held = 0
  for time in 1..times {
    if not sender.bot and message.mentioned and message.text starts with "help" { held = held + 1 }
  }
  return held
}
"#;

/// How often the loop goes round.
const TIMES: i64 = 1_000;

fn main() {
    let program = program(SOURCE);
    let module = program.module();
    let flow = &module.flows[0];
    let (guard, looped) = (flow.guard.unwrap(), pure_function(module, "looped"));
    let event = event(module);
    let parts = |name: &str| {
        let at = flow.triggers[0].fields.iter().position(|(field, _)| **field == *name).unwrap();
        event.slot(at).unwrap().clone()
    };
    let args = vec![Value::Int(TIMES), parts("sender"), parts("message")];
    assert_eq!(
        call_pure(&program, looped, args.clone(), &mut Nothing, Limits::STRETCH),
        Ok(Value::Int(TIMES)),
        "the condition holds"
    );
    let code = vm::load(&module.to_bytes()).unwrap();
    let times = side_by_side(
        200,
        vec![
            Contender::new("in a loop (with the loop's own)", || {
                drop(black_box(call_pure(&program, looped, args.clone(), &mut Nothing, Limits::STRETCH)));
            }),
            Contender::new("as a guard", || {
                drop(black_box(call_pure(&program, guard, vec![event.clone()], &mut Nothing, Limits::PURE)));
            }),
            Contender::new("as a guard, by the engine", || {
                let limits = machine::Limits::PURE;
                drop(black_box(code.call_pure(guard, vec![event.clone()], &mut Nothing, limits)));
            }),
        ],
    );
    let instructions = executed(&module.functions[guard.0 as usize]);
    for ((name, time), calls) in times.iter().zip([TIMES as f64, 1.0, 1.0]) {
        let what = format!("a condition of {instructions} instructions, {name}");
        tell(&what, time.best / calls, "ns", Budget::AtMost(40.0));
    }
}

/// How many instructions it takes where everything holds: no jump but the plain one is taken.
fn executed(function: &Function) -> usize {
    let (mut pc, mut count) = (0, 0);
    loop {
        let instr = function.code[pc];
        count += 1;
        match instr.op {
            Op::Return => return count,
            Op::Jump => pc = instr.wide_operand() as usize,
            _ => pc += 1,
        }
    }
}

/// The event record of the flow's trigger.
fn event(module: &Module) -> Value {
    let text = Value::text;
    let fields = module.flows[0].triggers[0].fields.iter().map(|(name, _)| match &**name {
        "message" => Value::record(vec![
            text("m1"),
            text("help me, please"),
            Value::list(vec![]),
            Value::None,
            Value::list(vec![]),
            Value::Bool(true),
        ]),
        "sender" => {
            Value::record(vec![text("u1"), text("ana"), Value::Bool(false), Value::None, text("main.desk")])
        }
        "conversation" => Value::record(vec![text("c1"), text("main.desk"), Value::Tag(0), Value::None]),
        "channel" => Value::record(vec![text("main.desk")]),
        "received_at" => Value::Time(1_767_603_600_000),
        _ => Value::Tag(0),
    });
    Value::record(fields.collect())
}
