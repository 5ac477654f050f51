//! A condition on a message: in a loop of the machine, called as a guard, and called as the engine calls it. And the same
//! said in 14 plain instructions, one for each step: the compiler says it in fewer, which look at fields where they are.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

use carapace_engine::machine::{self, vm};
use carapace_module::code::{Function, Instr, Op};
use carapace_module::{Module, Value};
use carapace_tests::measure::{Budget, Contender, Nothing, program, pure_function, side_by_side, tell};
use carapace_vm::{Limits, Program, call_pure};
use std::hint::black_box;
use std::sync::Arc;

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
        call_pure(&program, looped, &args, &mut Nothing, Limits::STRETCH),
        Ok(Value::Int(TIMES)),
        "the condition holds"
    );
    let code = vm::load(&module.to_bytes()).unwrap();
    let plain = plain(module);
    let held = call_pure(&plain, guard, std::slice::from_ref(&event), &mut Nothing, Limits::PURE);
    assert_eq!(held, Ok(Value::Bool(true)), "said plainly it holds too");
    let times = side_by_side(
        200,
        vec![
            Contender::new("in a loop (with the loop's own)", || {
                drop(black_box(call_pure(&program, looped, &args, &mut Nothing, Limits::STRETCH)));
            }),
            Contender::new("as a guard", || {
                drop(black_box(call_pure(
                    &program,
                    guard,
                    std::slice::from_ref(&event),
                    &mut Nothing,
                    Limits::PURE,
                )));
            }),
            Contender::new("as a guard, by the engine", || {
                let limits = machine::Limits::PURE;
                drop(black_box(code.call_pure(guard, std::slice::from_ref(&event), &mut Nothing, limits)));
            }),
            Contender::new("as a guard, said plainly", || {
                let args = std::slice::from_ref(&event);
                drop(black_box(call_pure(&plain, guard, args, &mut Nothing, Limits::PURE)));
            }),
        ],
    );
    let short = executed(&module.functions[guard.0 as usize]);
    let long = executed(&plain.module().functions[guard.0 as usize]);
    assert_eq!(long, 14, "the budget speaks of 14 instructions");
    for ((name, time), (instructions, calls)) in
        times.iter().zip([(short, TIMES as f64), (short, 1.0), (short, 1.0), (long, 1.0)])
    {
        let what = format!("a condition of {instructions} instructions, {name}");
        tell(&what, time.best / calls, "ns", Budget::AtMost(40.0));
    }
}

/// How many instructions it takes where everything holds: no jump but the plain one is taken.
fn executed(function: &Function) -> usize {
    let (mut pc, mut count) = (0, 0);
    loop {
        let instr = function.code[pc];
        count += usize::from(instr.op != Op::Ext);
        match instr.op {
            Op::Return => return count,
            Op::Jump => pc = instr.wide_operand() as usize,
            _ => pc += 1,
        }
    }
}

/// The module with its guard said step by step, every value in a register.
fn plain(module: &Module) -> Arc<Program> {
    let flow = &module.flows[0];
    let slot = |name: &str| {
        let at = flow.triggers[0].fields.iter().position(|(field, _)| **field == *name).unwrap();
        u16::try_from(at).unwrap()
    };
    let help = module.constants.iter().position(|constant| *constant == Value::text("help")).unwrap();
    let code = vec![
        Instr::new(Op::Slot, 2, 0, slot("sender")),
        Instr::new(Op::Slot, 1, 2, 2),
        Instr::wide(Op::JumpIf, 1, 13),
        Instr::new(Op::Slot, 2, 0, slot("message")),
        Instr::new(Op::Slot, 1, 2, 5),
        Instr::wide(Op::JumpIfNot, 1, 13),
        Instr::new(Op::Slot, 3, 0, slot("message")),
        Instr::new(Op::Slot, 2, 3, 1),
        Instr::wide(Op::Const, 3, u32::try_from(help).unwrap()),
        Instr::new(Op::StartsWith, 1, 2, 3),
        Instr::wide(Op::JumpIfNot, 1, 13),
        Instr::new(Op::Bool, 1, 1, 0),
        Instr::wide(Op::Jump, 0, 14),
        Instr::new(Op::Bool, 1, 0, 0),
        Instr::new(Op::Return, 1, 0, 0),
    ];
    let mut module = module.clone();
    let guard = flow.guard.unwrap().0 as usize;
    module.functions[guard] = Function { code, registers: 4, params: 1, ..Function::default() };
    Program::of(module).unwrap()
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
