//! A run that waits, moved to another version of its flow.

use crate::bench::{Bench, program};
use carapace_effect::Outcome;
use carapace_module::{Module, Type, TypeId, Value};
use carapace_vm::{Program, Run};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};
use std::sync::Arc;

const OLD: &str = r#"
type Order { id: Int, who: Text }
flow subject(n: Int) -> Int {
  let order = Order { id: n, who: "ana" }
  var left = 10
  let unused = "gone"
  wait(1h) as cooling
  left = left - order.id
  return left
}
"#;

/// Goes on with the run of one source as one of the other, and says how it ends; or why it cannot.
fn goes_on(old: &str, new: &str) -> String {
    let mut bench = Bench::with(old, vec![Value::Int(3)]);
    bench.advance();
    let new = program(new);
    match Run::moved(&bench.run.snapshot(), bench.program.module(), &new, "main.subject") {
        Err(error) => error.to_string(),
        Ok(run) => {
            let (before, written) = (bench.run.snapshot(), run.snapshot());
            assert_eq!(
                Run::restore(&new, &written).unwrap().snapshot(),
                written,
                "it is a run of the new version"
            );
            assert_eq!(bench.run.snapshot(), before);
            (bench.run, bench.program) = (run, Arc::clone(&new));
            let said = bench.tell("wait", Outcome::Done(Value::None));
            format!("{} {said:?}", bench.status())
        }
    }
}

#[test]
fn it_goes_on_with_what_it_knew() {
    // Names in another order, more before the wait, other code behind it, another type with the same structure.
    let new = r#"
    type Bought { id: Int, who: Text }
    flow subject(n: Int) -> Int {
      var left = 0
      let more = 1
      let order = Bought { id: n + more, who: "somebody" }
      if n > 0 {
        wait(5m) as cooling
      }
      send("{order.who}, {n}: {left}", to: oncall)
      return left * 2
    }
    "#;
    assert_eq!(goes_on(OLD, new), r#"waiting ["send ana, 3: 10"]"#);
    assert_eq!(goes_on(OLD, OLD), "finished Int(7) []");
}

#[test]
fn handlers_are_those_of_the_new_version() {
    let old = r#"
    flow subject(n: Int) -> Int {
      let who = "ana"
      do { wait(1h) as cooling } else { return 0 }
      return 1
    }
    on failure error { send("old: {error.message}", to: oncall) }
    "#;
    let new = r#"
    flow subject(n: Int) -> Int {
      let who = "bo"
      do {
        wait(1h) as cooling
        fail("inside")
      } else e { fail("{who} {n}: {e.message}") }
    }
    on failure error { send("new: {error.message}", to: oncall) }
    "#;
    assert_eq!(goes_on(old, new), r#"waiting ["send new: ana 3: inside"]"#);
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let cases = [
        ("return 1", "the new version has no wait `cooling` in the body of that flow"),
        (
            "let other = 1\nwait(1h) as cooling\nreturn other",
            "the new version goes on to read `other`, which the old one does not have at that wait",
        ),
        (
            "let left = \"ten\"\nwait(1h) as cooling\nif left == \"ten\" {\n  return 1\n}\nreturn 2",
            "`left` has another type in the new version",
        ),
        (
            "var left = 0\nfor x in [1, 2] {\n  left = left + x\n  wait(1h) as cooling\n}\nreturn left",
            "the wait stands in a `for`, `repeat` or `retry` of the new version, and how far that has got has no name",
        ),
        (
            "do { wait(1h) as cooling } else { return 2 }\nreturn 3",
            "what stands around the wait, `else`, `within`, `retry`, `on unknown` or `listen`, is not the same in the new \
             version",
        ),
    ];
    for (body, why) in cases {
        let new = format!("flow subject(n: Int) -> Int {{\n{body}\n}}\n");
        assert_eq!(goes_on(OLD, &new), why, "{body}");
    }
    let renamed = OLD.replace("subject", "subject2");
    assert_eq!(goes_on(OLD, &renamed), "the new version has no flow `main.subject`");
    let params = OLD.replace("n: Int)", "n: Int, m: Int)");
    assert!(goes_on(OLD, &params).contains("goes on to read `m`"));
}

#[test]
fn what_stands_elsewhere_stays() {
    let cases = [
        ("wait(1h)\nreturn 1", "it does not stand at a wait with a name"),
        (
            "parallel {\n  wait(1h) as cooling\n  wait(2h)\n}\nreturn 1",
            "branches of it go on beside the wait",
        ),
        ("inner()\nreturn 1", "it does not stand at a wait with a name"),
    ];
    for (body, why) in cases {
        let old = format!(
            "flow subject(n: Int) -> Int {{\n{body}\n}}\nflow inner() {{\n  wait(1h) as cooling\n}}\n"
        );
        let said = goes_on(&old, OLD);
        assert!(said.contains(why), "{body}: {said}");
    }
}

/// What a hand-made module may say of its waits.
fn altered(module: &mut Module, numbers: &[u16]) {
    let mut numbers = numbers.iter().copied();
    for function in &mut module.functions {
        for point in &mut function.wait_points {
            let mut next = || numbers.next().unwrap_or_default();
            match next() % 4 {
                0 => point.pc = u32::from(next()) % 40,
                1 => {
                    point.event = vec![("n".into(), Type::Declared(TypeId(next().into()), Vec::new().into()))]
                }
                2 => point.locals.iter_mut().for_each(|local| local.0 = next() % 40),
                _ => point
                    .locals
                    .iter_mut()
                    .for_each(|local| local.2 = Type::Declared(TypeId(next().into()), Vec::new().into())),
            }
        }
    }
}

proptest! {
    /// Whatever the tables of both modules say, and whatever the frames are: a run of the new version, or an error.
    #[test]
    fn tables_of_others_are_not_believed(
        old in vec(any::<u16>(), 0..12),
        new in vec(any::<u16>(), 0..12),
        flip in proptest::option::of((any::<usize>(), any::<u8>())),
    ) {
        let mut bench = Bench::with(OLD, vec![Value::Int(3)]);
        bench.advance();
        let (mut from, mut to) = (bench.program.module().clone(), program(OLD).module().clone());
        altered(&mut from, &old);
        altered(&mut to, &new);
        let to = Program::of(to).unwrap();
        let mut written = bench.run.snapshot();
        if let Some((at, bits)) = flip {
            let at = at % written.len();
            written[at] ^= bits;
        }
        if let Ok(mut run) = Run::moved(&written, &from, &to, "main.subject") {
            let written = run.snapshot();
            prop_assert_eq!(Run::restore(&to, &written).unwrap().snapshot(), written);
            let op = bench.op("wait");
            run.apply(&to, &op, Outcome::Done(Value::None));
            run.advance(&to, &mut bench.world, bench.limits);
        }
    }
}
