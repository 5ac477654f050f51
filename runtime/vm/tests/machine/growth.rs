//! Lists that grow, and loops over ranges: what they cost.

use crate::bench::{Bench, World, program};
use carapace_effect::Outcome;
use carapace_module::Value;
use carapace_vm::{Limits, Run, Status};

/// What the flow costs, and how it ends.
fn cost(source: &str) -> (u64, String) {
    let mut bench = Bench::with(source, vec![Value::Int(1)]);
    bench.advance();
    (bench.last.as_ref().map_or(0, |stretch| stretch.fuel_used), bench.broke())
}

#[test]
fn a_list_that_grows_costs_what_is_added() {
    let grown = "flow subject(n: Int) -> Int {
      var items: List<Int> = []
      for i in 1..20_000 { items = items + [i] }
      return items.count()
    }";
    let (fuel, end) = cost(grown);
    assert_eq!(end, "finished Int(20000)");
    assert!(fuel < 100_000, "{fuel}");
    let by_lists = grown.replace("+ [i]", "+ [i, i]").replace("1..20_000", "1..10_000");
    let (fuel, end) = cost(&by_lists);
    assert_eq!(end, "finished Int(20000)");
    assert!(fuel < 150_000, "{fuel}");
}

#[test]
fn a_list_that_somebody_else_holds_costs_a_copy() {
    for keep in ["let kept = items", "let kept = [items]", "let kept = count(items)"] {
        let source = format!(
            "fn count(xs: List<Int>) -> Int = xs.count()
            flow subject(n: Int) {{
              var items = [0]
              while items.count() < 100_000 {{
                {keep}
                items = items + [1]
              }}
            }}"
        );
        let mut bench = Bench::with(&source, vec![Value::Int(1)]);
        bench.limits = Limits { fuel: 4_000_000, ..Limits::STRETCH };
        bench.advance();
        assert_eq!(bench.broke(), "fault: it ran too long without waiting for anything", "{keep}");
    }
}

#[test]
fn what_was_kept_is_not_changed_by_what_is_added() {
    let source = "flow subject(n: Int) -> Text {
      var items = [1]
      items = items + [2]
      let kept = items
      items = items + [3]
      items = items + items
      return \"{kept} {items}\"
    }";
    assert_eq!(cost(source).1, "finished 1, 2 1, 2, 3, 1, 2, 3");
}

#[test]
fn a_run_that_was_read_back_pays_no_more_and_no_less() {
    let source = "flow subject(n: Int) -> Int {
      var items: List<Int> = []
      for i in 1..500 { items = items + [i] }
      wait(1m)
      for i in 1..500 { items = items + [i] }
      return items.count()
    }";
    let program = program(source);
    let body = program.module().flow("main.subject").unwrap().body;
    let mut fuel = Vec::new();
    for read_back in [false, true] {
        let mut run = Run::start(&program, body, vec![Value::Int(1)]);
        let first = run.advance(&program, &mut World::default(), Limits::STRETCH);
        if read_back {
            run = Run::restore(&program, &run.snapshot()).unwrap();
        }
        assert!(run.apply(&program, &first.requests[0].op, Outcome::Done(Value::None)));
        let second = run.advance(&program, &mut World::default(), Limits::STRETCH);
        assert_eq!(second.status, Status::Finished(Value::Int(1_000)));
        fuel.push((first.fuel_used, second.fuel_used));
    }
    assert_eq!(fuel[0], fuel[1]);
}

#[test]
fn a_range_is_gone_through_and_never_made() {
    let (fuel, end) = cost(
        "flow subject(n: Int) -> Int {
          for i in 1..9_223_372_036_854_775_807 { if i == 3 { return i } }
          return 0
        }",
    );
    assert_eq!(end, "finished Int(3)");
    assert!(fuel < 100, "{fuel}");
}

#[test]
fn a_range_ends_at_the_last_of_all_ints() {
    let (_, end) = cost(
        "flow subject(n: Int) -> Int {
          var rounds = 0
          for i in 9_223_372_036_854_775_806..9_223_372_036_854_775_807 { rounds = rounds + 1 }
          for i in 2..1 { rounds = rounds + 100 }
          for i in 5..5 { rounds = rounds + 10 }
          return rounds
        }",
    );
    assert_eq!(end, "finished Int(12)");
}
