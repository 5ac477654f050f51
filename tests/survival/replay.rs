//! The journal tells everything: what is rebuilt from it is the engine that wrote it, byte for byte.

use crate::package::{Package, load, random, seeded, seeds};
use crate::world::{START, World};
use carapace_engine::{Core, Input, Line, State};

/// After every how-manieth line the whole engine is compared.
const EVERY: usize = 8;

#[test]
fn an_engine_that_is_rebuilt_is_the_one_that_was_lost() {
    let (mut lines, mut compared) = (0, 0);
    for (seed, package) in seeded(3) {
        let (read, times) = rebuilt(package, seed, 40);
        (lines, compared) = (lines + read, compared + times);
    }
    println!("{lines} lines replayed; {compared} times three engines compared byte for byte");
    assert!(compared > 100);
}

#[test]
fn an_engine_of_random_programs_is_rebuilt_as_well() {
    let (mut lines, mut compared) = (0, 0);
    for seed in seeds(5).take(60) {
        let package = random(seed);
        let (read, times) = rebuilt(&package, seed, 10);
        (lines, compared) = (lines + read, compared + times);
    }
    println!("{lines} lines of 60 random programs replayed; {compared} times three engines compared");
    assert!(lines > 2_000 && compared > 200, "{lines} {compared}");
}

/// Lives with a package for a while, and compares the engine with those that only read what it wrote. Gives how many lines there
/// were, and how often they were compared.
fn rebuilt(package: &Package, seed: u64, rounds: usize) -> (usize, usize) {
    let mut world = World::new(package, seed, START);
    let mut written: Option<State> = None;
    let (mut after, mut compared) = (0, 0);
    for _ in 0..rounds {
        world.live(&mut |world| {
            if let Some(state) = &mut written {
                let line: Line = serde_json::from_str(world.journal.last().unwrap()).unwrap();
                state.apply(&line);
            }
            after += 1;
            if after % EVERY != 0 {
                return;
            }
            // The one that lives, the one that only reads, and the one that was written down and read a while ago.
            let lives = world.core.snapshot();
            compared += 1;
            assert!(world.reader.snapshot() == lives, "{}: line {}", package.name, world.journal.len());
            if let Some(state) = &written {
                assert!(state.snapshot() == lives, "{}: line {}", package.name, world.journal.len());
            }
            let state = State::restore(&lives, load).unwrap();
            assert!(state.snapshot() == lives, "{}: a snapshot is canonical", package.name);
            written = Some(state);
        });
    }
    let journal: Vec<Line> = world.journal.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let replayed = Core::replay(&journal, load, [0, 0]);
    assert!(replayed.snapshot() == world.core.snapshot(), "{}: from creation", package.name);
    (world.journal.len(), compared)
}

#[test]
fn an_engine_that_is_rebuilt_decides_as_the_one_that_was_lost() {
    let mut decided = 0;
    for (seed, package) in seeded(4) {
        let mut world = World::new(package, seed, START);
        for _ in 0..12 {
            for _ in 0..3 {
                world.live(&mut |_| {});
            }
            let seed = [seed, decided as u64];
            let mut lived = Core::of(world.core.state().clone(), seed);
            let mut read = Core::restore(&world.reader.snapshot(), load, seed).unwrap();
            for _ in 0..3 {
                let event = world.happen();
                for core in [&mut lived, &mut read] {
                    core.submit(world.now, Input::Event(Box::new(event.clone())));
                    core.pump(world.now + 60_000);
                }
                let (ours, theirs) = (lived.take_lines(), read.take_lines());
                decided += ours.len();
                assert_eq!(ours, theirs, "{}", package.name);
                assert_eq!(lived.take_outgoing(u64::MAX), read.take_outgoing(u64::MAX));
            }
        }
    }
    println!("{decided} decisions the same");
    assert!(decided > 500);
}
