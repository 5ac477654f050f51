//! The harness notices: a machine whose code has a bug in it differs from the evaluator, and soon. Each bug is one that a
//! compiler or machine could really have; each construct of the language has one, so that a generator which no longer
//! writes the construct is noticed too.

use crate::programs::{checked, flow};
use crate::three_way::{Twin, arguments, compare};
use carapace_module::code::{Fork, From, Instr, Module, Op};
use carapace_tests::generate::program;
use carapace_vm::Program;

/// What is changed in every function of the module; whether anything was.
type Bug = fn(&mut Module) -> bool;

/// Programs that are tried at most.
const TRIES: u64 = 4_000;

const BUGS: &[(&str, Bug)] = &[
    ("an addition subtracts", |m| swap(m, Op::AddInt, Op::SubInt)),
    ("a comparison takes the limit, too", |m| swap(m, Op::JumpUnlessLtInt, Op::JumpUnlessLeInt)),
    ("a condition is turned round", |m| swap(m, Op::JumpIfNot, Op::JumpIf)),
    ("text is compared with its case", |m| {
        let folds = [
            (Op::ContainsFold, Op::Contains),
            (Op::StartsWithFold, Op::StartsWith),
            (Op::EndsWithFold, Op::EndsWith),
            (Op::EqFold, Op::Eq),
            (Op::LtFold, Op::Lt),
        ];
        let in_jumps = texts(m, |test| (test.a >= 4).then(|| test.a -= 4).is_some());
        folds.into_iter().fold(in_jumps, |any, (fold, plain)| swap(m, fold, plain) || any)
    }),
    ("a text is tested for something else", |m| {
        texts(m, |test| {
            test.a ^= 1;
            true
        })
    }),
    ("a field is its neighbour", |m| each(m, |i, _| i.op == Op::Field && set(i, Instr { c: i.c ^ 1, ..*i }))),
    ("a case is never taken", |m| {
        each(m, |i, next| i.op == Op::JumpUnlessTag && set(i, Instr::wide(Op::Jump, 0, next.into())))
    }),
    ("what `else` catches stays done", |m| swap(m, Op::EnterScope, Op::EnterAttempt)),
    ("an effect's undo is forgotten", |m| skip(m, |i| i.op == Op::UndoNext)),
    ("a finished block's undo is forgotten", |m| skip(m, |i| i.op == Op::UndoNow)),
    ("a deadline is forgotten", |m| skip(m, |i| i.op == Op::Deadline && i.a == 0)),
    ("a deadline at a time is forgotten", |m| skip(m, |i| i.op == Op::Deadline && i.a == 1)),
    ("a retry does not wait", |m| skip(m, |i| i.op == Op::Backoff)),
    ("every failure is tried again", |m| {
        each(m, |i, _| i.op == Op::IsTransient && set(i, Instr::new(Op::Bool, i.a, 1, 0)))
    }),
    ("a state is not written", |m| skip(m, |i| i.op == Op::StateSet)),
    ("a setting is another", |m| each(m, |i, _| i.op == Op::Setting && set(i, Instr::wide(Op::Int, i.a, 6)))),
    ("`fail` is passed over", |m| skip(m, |i| i.op == Op::Fail)),
    ("`cancel` fails", |m| each(m, |i, _| i.op == Op::Cancel && set(i, Instr::new(Op::Fail, i.a, 0, 0)))),
    ("branches go the other way round", |m| {
        forks(m, |fork| match fork {
            Fork::All(branches) => {
                branches.reverse();
                branches.iter().any(|(branch, _)| branch.captures == 0)
            }
            _ => false,
        })
    }),
    ("whoever wins is said to be another", |m| {
        forks(m, |fork| match fork {
            Fork::Race(branches) => {
                branches.reverse();
                true
            }
            _ => false,
        })
    }),
    ("an event is taken from anyone", |m| {
        m.waits.iter_mut().filter(|wait| wait.from != From::Sender).for_each(|wait| wait.from = From::Sender);
        !m.waits.is_empty()
    }),
    ("the buffer of a listener is another", |m| {
        each(m, |i, _| i.op == Op::ListenNext && set(i, Instr::new(Op::Await, i.a, 0, 0)))
    }),
    ("a started run is not started", |m| {
        each(m, |i, _| i.op == Op::Start && set(i, Instr::new(Op::ThisRun, i.a, 0, 0)))
    }),
    ("a loop stops early", |m| skip(m, |i| i.op == Op::NextInRange)),
    ("a list is not gone through", |m| skip(m, |i| i.op == Op::NextItem)),
    ("captures are not there", |m| swap(m, Op::JumpIfSome, Op::JumpIfNone)),
    ("`on failure` is passed over", |m| {
        // The handler's call in the function around a flow: between its scope and the raise.
        each(m, |i, next| i.op == Op::EnterScope && set(i, Instr::wide(Op::Jump, 0, next.into())))
    }),
    ("how often it may happen is forgotten", |m| {
        m.effect_calls
            .iter_mut()
            .for_each(|call| call.delivery = carapace_module::signature::Delivery::Default);
        true
    }),
    ("a wait loses its label", |m| {
        m.effect_calls.iter_mut().for_each(|call| call.label = None);
        true
    }),
];

/// Gives the instruction another form; so that a bug is one expression.
fn set(place: &mut Instr, instr: Instr) -> bool {
    *place = instr;
    true
}

/// Changes instructions; the second is the number of the one behind.
fn each(module: &mut Module, change: impl Fn(&mut Instr, u16) -> bool) -> bool {
    let mut any = false;
    // The library's own stays as it is: a program without it does not load, and so shows nothing.
    for function in module.functions.iter_mut().filter(|function| !function.name.starts_with("std/")) {
        for (instr, next) in function.code.iter_mut().zip(1..) {
            any |= change(instr, next);
        }
    }
    any
}

fn swap(module: &mut Module, from: Op, to: Op) -> bool {
    each(module, |instr, _| {
        let is = instr.op == from;
        if is {
            instr.op = to;
        }
        is
    })
}

fn skip(module: &mut Module, which: impl Fn(&Instr) -> bool) -> bool {
    each(module, |instr, next| which(instr) && set(instr, Instr::wide(Op::Jump, 0, next.into())))
}

/// Changes the tests of the jumps that test texts.
fn texts(module: &mut Module, change: impl Fn(&mut Instr) -> bool) -> bool {
    let mut any = false;
    for function in &mut module.functions {
        let mut jumps = false;
        for instr in &mut function.code {
            any |= jumps && change(instr);
            jumps = matches!(instr.op, Op::JumpIfText | Op::JumpUnlessText);
        }
    }
    any
}

fn forks(module: &mut Module, change: impl Fn(&mut Fork) -> bool) -> bool {
    module.forks.iter_mut().filter_map(|fork| change(fork).then_some(())).count() > 0
}

/// Bytes that look random and are the same every time.
fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[4]
        })
        .collect()
}

/// Whether the bug is there in this program, and whether it makes a difference.
fn notices(bug: Bug, seed: u64) -> Option<String> {
    let generated = program(&bytes(seed, 300));
    let checked = checked(&generated.source);
    let mut module = carapace_emit::emit(&checked.program).unwrap();
    if !bug(&mut module) {
        return None;
    }
    // What does not even load needs no harness.
    let program = Program::load(&module.to_bytes()).ok()?;
    let args = arguments();
    let mut twins = [Twin::new(&program, generated.flow, &args, false)];
    let _ = flow(&checked.program, generated.flow);
    compare(&checked, generated.flow, &bytes(seed ^ 0xabcd, 80), &args, &mut twins)
}

#[test]
fn every_planted_bug_is_noticed() {
    let missed: Vec<&str> = BUGS
        .iter()
        .filter(|(_, bug)| !(0..TRIES).any(|seed| notices(*bug, seed).is_some()))
        .map(|(name, _)| *name)
        .collect();
    assert!(missed.is_empty(), "nothing differs where {}", missed.join("; where "));
}

#[test]
fn without_a_bug_nothing_differs() {
    for seed in 0..40 {
        assert_eq!(notices(|_| true, seed), None);
    }
}
