//! Modules that no compiler made. Whatever verifies is run under little fuel, told junk, cancelled, written down and read
//! back; it ends, waits or faults, and never takes the process with it.
//!
//! The seeds are the frozen modules of `tests/golden/`, with a few instructions, operands and tables changed at random.
//! `ROUNDS=100 SEED=7 cargo test -p carapace-tests --test hostile` looks longer, and elsewhere.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod change;
mod drive;
mod manifest;

use carapace_module::Module;
use carapace_vm::Program;
use change::{Dice, change};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

fn seeds() -> Vec<(String, Module)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/modules");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "flowc"));
    paths.sort();
    assert!(paths.len() >= 8, "the frozen modules are found");
    let read = |path: &Path| Module::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    paths.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn modules_changed_at_random_never_panic() {
    let seed = number("SEED", 0x5eed_0bad_c0de);
    println!("SEED={seed}");
    let mut dice = Dice(seed);
    let (mut sound, mut refused) = (0, 0);
    for round in 0..number("ROUNDS", 1) * 150 {
        for (name, module) in seeds_once() {
            let mut changed = module.clone();
            for _ in 0..1 + dice.below(3) {
                change(&mut changed, &mut dice);
            }
            let title = format!("{name} in round {round}");
            let judged = catch_unwind(AssertUnwindSafe(|| {
                let Ok(program) = Program::load(&changed.to_bytes()) else { return false };
                carapace_module::print(program.module());
                drive::all(&program, &mut dice);
                true
            }));
            match judged {
                Ok(true) => sound += 1,
                Ok(false) => refused += 1,
                Err(_) => panic!("{title}: it panics\n{}", carapace_module::print(&changed)),
            }
        }
    }
    // Otherwise the test looks at nothing.
    assert!(sound > 100 && refused > 100, "{sound} were sound, {refused} refused");
}

fn seeds_once() -> &'static [(String, Module)] {
    static SEEDS: std::sync::LazyLock<Vec<(String, Module)>> = std::sync::LazyLock::new(seeds);
    &SEEDS
}

#[test]
fn bytes_changed_at_random_never_panic() {
    let mut dice = Dice(number("SEED", 0x5eed_0bad_c0de));
    for (_, module) in seeds_once() {
        let bytes = module.to_bytes();
        for _ in 0..number("ROUNDS", 1) * 300 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + dice.below(4) {
                let at = dice.below(damaged.len());
                match dice.below(3) {
                    0 => damaged[at] = u8::try_from(dice.below(256)).unwrap(),
                    1 if damaged.len() > 1 => drop(damaged.remove(at)),
                    _ => damaged.truncate(at.max(1)),
                }
            }
            let _ = Program::load(&damaged);
            // A stranger can compute the hash, too.
            if damaged.len() > 44 {
                for end in [damaged.len(), damaged.len() / 2] {
                    let hash = blake3::hash(&damaged[44..end.max(44)]);
                    damaged[12..44].copy_from_slice(hash.as_bytes());
                    let _ = Program::load(&damaged);
                }
            }
        }
    }
}

#[test]
fn a_module_of_another_version_says_so() {
    for (_, module) in seeds_once() {
        let bytes = module.to_bytes();
        let mut newer = bytes.clone();
        newer[8] = 200;
        let error = Program::load(&newer).err().unwrap().to_string();
        assert!(error.contains("200"), "{error}");
        let mut machine = bytes.clone();
        machine[10] = 200;
        let error = Program::load(&machine).err().unwrap().to_string();
        assert!(error.contains("200"), "{error}");
    }
}
