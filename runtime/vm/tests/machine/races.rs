//! Forks: who wins, who is let go of, how many at a time.

use crate::bench::Bench;
use carapace_effect::Outcome;
use carapace_module::Value;

#[test]
fn the_first_wins_and_the_others_are_let_go_of() {
    let mut bench = Bench::new(
        r#"
flow subject() -> Text {
  let first = race {
    a: desk.ask("a")
    b: desk.ask("b")
  }
  return match first {
    a(let value) => "a {value}"
    b(let value) => "b {value}"
  }
}
"#,
    );
    assert_eq!(bench.advance(), ["ask a", "ask b"]);
    assert_eq!(bench.tell("ask b", Outcome::Done(Value::text("!"))), ["lets go of ask a"]);
    assert_eq!(bench.status(), "finished b !");
}

#[test]
fn a_branch_that_wins_with_none_has_a_value() {
    let mut bench = Bench::new(
        r#"
flow find(n: Int) -> Text? {
  wait(1s)
  return none
}

flow subject() -> Text {
  let first = race {
    a: find(1)
    b: desk.ask("b")
  }
  return match first {
    a(let value) => value ?? "nothing"
    b(let value) => value
  }
}
"#,
    );
    bench.advance();
    bench.tell("wait", Outcome::Done(Value::None));
    assert_eq!(bench.status(), "finished nothing");
}

#[test]
fn results_of_a_parallel_loop_are_in_the_order_of_the_items() {
    let mut bench = Bench::new(
        r#"
flow subject() -> Text {
  let all = for word in ["a", "b", "c"] parallel 2 { desk.ask(word) }
  return all.join(" ")
}
"#,
    );
    assert_eq!(bench.advance(), ["ask a", "ask b"]);
    assert_eq!(bench.tell("ask b", Outcome::Done(Value::text("B"))), ["ask c"]);
    assert_eq!(bench.tell("ask c", Outcome::Done(Value::text("C"))), Vec::<String>::new());
    bench.tell("ask a", Outcome::Done(Value::text("A")));
    assert_eq!(bench.status(), "finished A B C");
}

#[test]
fn a_parallel_loop_over_very_many_items_runs_a_thousand_at_a_time() {
    let mut bench =
        Bench::new("flow subject() { for n in 1..20_000 parallel { send(\"{n}\", to: oncall) } }");
    let asked = bench.advance();
    assert_eq!(asked.len(), 1_000);
    assert_eq!(bench.done("send 7"), ["send 1001"]);
}
