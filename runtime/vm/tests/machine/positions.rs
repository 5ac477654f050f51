//! Where a run stands, and where it broke.

use crate::bench::Bench;
use carapace_module::Value;

const SOURCE: &str = r#"
fn half(n: Int) -> Int {
  return 10 / n
}

flow subject(n: Int) -> Int {
  wait(1m)
  parallel {
    a: half(n)
    b: desk.ask("?")
  }
  return 1
}
"#;

#[test]
fn a_fault_names_the_place_that_broke() {
    let mut bench = Bench::with(SOURCE, vec![Value::Int(0)]);
    bench.advance();
    bench.done("wait");
    let broken = bench.last.as_ref().and_then(|stretch| stretch.broken.clone()).unwrap();
    let (function, site) = bench.program.place(broken.function, broken.pc).unwrap();
    assert_eq!(&*function, "main.half");
    let (site, module) = (site.unwrap(), bench.program.module());
    assert_eq!(&*module.files[site.file as usize], "main.flow");
    // The head is in front of the source: the place is counted in the file.
    let file = format!("{}{SOURCE}", crate::bench::HEAD);
    let text = &file[site.start as usize..site.end as usize];
    assert!("10 / n".contains(text), "{text}");
}

#[test]
fn a_waiting_run_says_what_it_waits_for_and_where() {
    let mut bench = Bench::with(SOURCE, vec![Value::Int(2)]);
    bench.advance();
    let wait = bench.op("wait");
    let positions = bench.run.positions(&bench.program);
    assert_eq!(positions.len(), 1);
    assert_eq!(positions[0].waits_for.as_ref(), Some(&wait));
    assert_eq!(&*positions[0].frames[0].0, "main.subject");
    bench.done("wait");
    let waiting = bench.run.positions(&bench.program);
    assert_eq!(waiting.iter().filter(|p| p.waits_for.is_some()).count(), 1);
}
