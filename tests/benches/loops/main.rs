//! Loops, calls, texts, lists, maps and records: our machine beside Rhai, and beside VRL where that is built too
//! (`--features peers`), each with the same work said its way.
//!
//! VRL has neither functions nor `while`: it takes part where it can say the same. All are compiled beforehand.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![cfg_attr(feature = "vrl", expect(clippy::panic, reason = "a benchmark stops at the first surprise"))]

mod cases;
mod ours;
mod rhai;
#[cfg(feature = "vrl")]
mod vrl;

use carapace_tests::measure::{Budget, Contender, side_by_side, tell};
use cases::{CASES, Case};
use ours::Ours;
use rhai::Rhai;
use std::hint::black_box;

/// A language that does the work, and what it comes to.
type Peer = (&'static str, Box<dyn FnMut() -> String>);

fn main() {
    for case in CASES {
        measure(case);
    }
}

fn measure(case: &Case) {
    let mut peers = peers(case);
    // They say the same only where they come to the same.
    let results: Vec<String> = peers.iter_mut().map(|(_, run)| run()).collect();
    assert!(results.iter().all(|result| result == results.first().unwrap()), "{}: {results:?}", case.name);
    let contenders = peers.iter_mut().map(|(name, run)| Contender::new(name, || drop(black_box(run()))));
    let times = side_by_side(40, contenders.collect());
    let ours = times.first().unwrap().1.best;
    for (name, time) in times.get(1..).unwrap() {
        let bounded = case.budget && *name == "Rhai";
        let budget = if bounded { Budget::AtLeast(3.0) } else { Budget::None };
        tell(
            &format!("{}, ours {:.1} µs, {name}", case.name, ours / 1e3),
            time.best / ours,
            "× as long",
            budget,
        );
    }
}

/// Ours first.
fn peers(case: &Case) -> Vec<Peer> {
    let (mut ours, mut rhai) = (Ours::new(case), Rhai::new(case));
    let peers: [Peer; 2] = [("ours", Box::new(move || ours.run())), ("Rhai", Box::new(move || rhai.run()))];
    peers.into_iter().chain(third(case)).collect()
}

/// VRL, where it is built and has a form of the case.
#[cfg(feature = "vrl")]
fn third(case: &Case) -> Option<Peer> {
    let mut vrl = vrl::Vrl::new(case)?;
    Some(("VRL", Box::new(move || vrl.run())))
}

#[cfg(not(feature = "vrl"))]
fn third(_: &Case) -> Option<Peer> {
    None
}
