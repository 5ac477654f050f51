//! Fuel, memory and depth: what never ends, ends.

use crate::bench::{Bench, World, program};
use carapace_module::Value;
use carapace_vm::{Fault, Limits, call_pure};

/// Less than a stretch has, so that the tests are quick.
const LIMITS: Limits = Limits { fuel: 4_000_000, memory: 4 << 20, ..Limits::STRETCH };

/// How the flow ends.
fn end(source: &str) -> String {
    let mut bench = Bench::with(source, vec![Value::Int(1)]);
    bench.limits = LIMITS;
    bench.advance();
    bench.broke()
}

const FUEL: &str = "fault: it ran too long without waiting for anything";
const MEMORY: &str = "fault: it holds more than it may";
const DEPTH: &str = "fault: calls or values are nested too deep";

#[test]
fn a_loop_for_ever_ends() {
    assert_eq!(end("flow subject(n: Int) { while n > 0 { } }"), FUEL);
}

#[test]
fn a_loop_for_ever_over_something_large_ends_as_soon() {
    // Each step is one instruction; what it looks through is paid for.
    let large = "let xs = 1..20_000\n let word = xs.map(x => \"{x}\").join(\",\")\n";
    for step in [
        "if n in xs.reverse() { }",
        "if 0 in xs { }",
        "if word contains \"none\" { }",
        "if word contains \"none\" ignoring case { }",
        "if xs == xs.reverse() { }",
        "if word matches re\"z+$\" { }",
        "if word.length() == 0 { }",
        "if xs.sort().is_empty() { }",
    ] {
        let step = if step.contains("is_empty") { "if xs.sort() is empty { }" } else { step };
        let source = format!("flow subject(n: Int) {{ {large} while n > 0 {{ {step} }} }}");
        let mut bench = Bench::with(&source, vec![Value::Int(1)]);
        bench.limits = LIMITS;
        bench.advance();
        assert_eq!(bench.status(), FUEL, "{step}");
    }
}

#[test]
fn what_is_at_hand_is_not_paid_for_by_its_size() {
    let source = "flow subject(n: Int) -> Int {
      let xs = 1..10_000
      var i = 0
      while i < xs.count() { i = i + 1 }
      return i
    }";
    assert_eq!(end(source), "finished Int(10000)");
}

#[test]
fn a_text_doubled_for_ever_ends_quickly() {
    let source = "flow subject(n: Int) { var t = \"carapace\"\n while n > 0 { t = t + t } }";
    assert_eq!(end(source), MEMORY);
}

#[test]
fn a_shared_list_doubled_forty_times_counts_as_written_out() {
    let source = "type Pair {
        left: Tree?
        right: Tree?
      }
      type Tree { pair: Pair? }
      flow subject(n: Int) {
        var t = Tree { pair: none }
        repeat 40 { t = Tree { pair: Pair { left: t, right: t } } }
      }";
    assert_eq!(end(source), MEMORY);
}

#[test]
fn large_values_in_many_frames_are_too_much_together() {
    // Each frame holds a megabyte; no single value is large.
    let source = "fn deep(n: Int, t: Text) -> Int {
        let own = t + \"{n}\"
        if n == 0 { return own.length() }
        let below = deep(n - 1, t)
        return below + own.length()
      }
      flow subject(n: Int) -> Int {
        var t = \"x\"
        repeat 20 { t = t + t }
        return deep(1_000, t)
      }";
    assert_eq!(end(source), MEMORY);
}

#[test]
fn undos_listeners_branches_and_state_are_counted() {
    let undos = "flow subject(n: Int) { while n > 0 { do { } undo { send(\"x\", to: oncall) } } }";
    assert_eq!(end(undos), MEMORY);
    let deadlines = "flow subject(n: Int) { while n > 0 { do { } within 1h } }";
    assert_eq!(end(deadlines), MEMORY);
    let state = "flow subject(n: Int) { var i = 0\n while n > 0 { i = i + 1\n set notes[i] = \"a note\" } }";
    assert_eq!(end(state), MEMORY);
    let copies = "flow subject(n: Int) {
        var t = \"x\"
        repeat 20 { t = t + t }
        let text = t
        for i in 1..1_000 parallel { send(\"{i} {text.length()}\", to: oncall) }
      }";
    assert_eq!(end(copies), MEMORY);
}

#[test]
fn recursion_without_end_ends() {
    assert_eq!(end("fn f(n: Int) -> Int = f(n) + 1\nflow subject(n: Int) -> Int { return f(n) }"), DEPTH);
    assert_eq!(end("flow subject(n: Int) { subject(n) }"), DEPTH);
    assert_eq!(end("flow subject(n: Int) { parallel { subject(n) } }"), DEPTH);
}

#[test]
fn values_nest_only_so_deep() {
    let source = "type Node { next: Node? }
      flow subject(n: Int) {
        var node = Node { next: none }
        repeat 100_000 { node = Node { next: node } }
      }";
    assert_eq!(end(source), DEPTH);
}

#[test]
fn the_first_value_of_a_state_cannot_ask_for_itself_for_ever() {
    // The compiler lets no first value read state; a module may have been made by something else.
    let mut module =
        program("fn total_now() -> Int = 1\nflow subject(n: Int) -> Int { return total }").module().clone();
    let reads = module
        .functions
        .iter()
        .position(|f| f.code.iter().any(|i| i.op == carapace_module::code::Op::StateGet));
    let body = module.functions[reads.unwrap()].clone();
    let init = &mut module.states[0].init;
    let at = init.0 as usize;
    let read = body.code.iter().find(|i| i.op == carapace_module::code::Op::StateGet).copied().unwrap();
    let give = carapace_module::code::Instr::new(carapace_module::code::Op::Return, read.a, 0, 0);
    module.functions[at].code = vec![read, give];
    module.functions[at].registers = body.registers;
    module.functions[at].sites = Vec::new();
    let program = carapace_vm::Program::of(module).unwrap();
    let init = program.module().states[0].init;
    assert_eq!(call_pure(&program, init, &[], &mut World::default(), Limits::PURE), Err(Fault::Depth));
}

#[test]
fn a_deep_run_is_dropped_without_recursion() {
    let mut value = Value::Int(1);
    for _ in 0..100_000 {
        value = Value::record(vec![value]);
    }
    let bench = Bench::with("flow subject(n: Int) { wait(1m) }", vec![value]);
    drop(bench);
}

#[test]
fn what_was_done_before_the_fuel_ran_out_is_taken_back() {
    let mut bench = Bench::with(
        "flow subject(n: Int) {
           send(\"one\", to: oncall) undo { send(\"undo one\", to: oncall) }
           while n > 0 { }
         } on failure error { send(error.message, to: oncall) }",
        vec![Value::Int(1)],
    );
    bench.limits = LIMITS;
    bench.advance();
    assert_eq!(bench.done("one"), ["send undo one"]);
    assert!(bench.done("undo one")[0].starts_with("send it ran too long"), "and it may tell");
    bench.done("too long");
    assert_eq!(bench.status(), FUEL);
}

#[test]
fn a_handler_that_never_ends_ends_too() {
    assert_eq!(end("flow subject(n: Int) { fail(\"no\") } on failure { while n > 0 { } }"), FUEL);
    let nested = "flow a(n: Int) { while n > 0 { } } on failure { while n > 0 { } }
      flow subject(n: Int) { a(n) } on failure { while n > 0 { } }";
    let mut bench = Bench::with(nested, vec![Value::Int(1)]);
    bench.limits = LIMITS;
    bench.advance();
    assert_eq!(bench.status(), FUEL);
    let used = bench.last.map_or(0, |stretch| stretch.fuel_used);
    assert!(used <= 2 * LIMITS.fuel, "it is not given fuel without end: {used}");
}
