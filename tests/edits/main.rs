//! Whatever is typed into a flow: the front says what is wrong with it and never panics; what it finds nothing wrong with
//! compiles; and what it formats means what it meant. Over every prefix and random edits of every example.
//!
//! `ROUNDS=100 SEED=7 cargo test -p carapace-tests --test edits` looks longer, and elsewhere.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod examples;
mod judge;
mod keystrokes;
mod odd;
mod typing;

use crate::examples::examples;
use crate::judge::judge;
use crate::typing::{Dice, edited};

/// Prefixes end that many bytes apart; which of them, the round decides.
const APART: usize = 61;

/// How often everything is gone through.
fn rounds() -> usize {
    std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[test]
fn every_prefix_checks() {
    for round in 0..rounds() {
        for example in examples() {
            let text = example.main();
            // The whole is the last prefix, and nothing is wrong with it.
            let ends = (round % APART..text.len()).step_by(APART).chain([text.len()]);
            for end in ends.filter(|end| text.is_char_boundary(*end)) {
                judge(&example, &text[..end], &format!("{} up to byte {end}", example.name));
            }
        }
    }
}

#[test]
fn random_edits_check() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed_1234_abcd_ef01);
    println!("SEED={seed}");
    let mut dice = Dice(seed);
    for round in 0..rounds() * 8 {
        for example in examples() {
            let text = edited(example.main(), &mut dice);
            judge(&example, &text, &format!("{} in round {round}", example.name));
        }
    }
}
