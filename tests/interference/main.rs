//! What a stranger writes, and what a secret is, cannot be told from what reaches the places where they must not go.
//!
//! Random programs take what came from outside and hand it through everything the language has, towards names of events,
//! rooms and requests. Lines that the checker refuses are taken out. What is left runs twice, with texts that differ in
//! every letter and in nothing that a program can decide by (as long, as many words, in the same order), and with secrets
//! of two names. Both runs must then ask for the same, in every forbidden place.
//!
//! Branches on what a stranger wrote are not what this is about (labels follow values), which is why the texts are alike in
//! everything but their letters. A checker that is blind at one place must be noticed: see [`holes`].

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod holes;
mod program;
mod twins;
mod write;

use program::{Written, written};
use proptest::prelude::*;
use twins::{checked, difference};

/// How many cases are tried; `CASES=20000` looks longer.
fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn nothing_forbidden_is_told(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        inputs in any::<u8>(),
    ) {
        let program = accepted(&written(&bytes, None), &[]);
        if let Some(difference) = difference(&program, inputs) {
            panic!("{difference}\n{}", program.source());
        }
    }
}

/// The program without the lines that the checker refuses, but for mistakes of these codes.
fn accepted(program: &Written, ignored: &[&str]) -> Written {
    let mut program = program.clone();
    // Taking a line out never makes another one wrong; the second look is to be sure.
    for _ in 0..2 {
        let wrong: Vec<usize> = checked(&program.source())
            .1
            .into_iter()
            .filter(|(_, code)| !ignored.contains(&code.as_str()))
            .map(|(line, code)| {
                assert!(program.may_go(line), "line {line} is wrong: {code}\n{}", program.source());
                line
            })
            .collect();
        program.remove(&wrong);
    }
    program
}

/// Programs of which many forbidden places are left, and many were refused: else nothing would be shown.
#[test]
fn the_programs_are_about_something() {
    let (mut left, mut gone) = (0, 0);
    for seed in 0..100 {
        let before = written(&holes::bytes(seed), None);
        let after = accepted(&before, &[]);
        left += after.sinks();
        gone += before.sinks() - after.sinks();
    }
    assert!(left > 200 && gone > 200, "{left} forbidden places are left, {gone} were refused");
}
