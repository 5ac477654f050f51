//! Whatever is typed: no panic, and work in proportion to length.

use crate::whole::FILES;
use carapace_diagnostic::FileId;
use carapace_syntax::{ItemCache, format, parse};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

fn parse_all(text: &str) -> usize {
    parse(FileId(0), text).diagnostics.len()
}

/// What a kilobyte may cost: generous, for an unoptimised build, and far below anything quadratic.
const PER_KILOBYTE: Duration = Duration::from_millis(60);

/// The processor's time that this thread has had. A clock would count what others do meanwhile.
fn worked() -> Duration {
    let at = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(at.tv_sec.unsigned_abs(), u32::try_from(at.tv_nsec).unwrap_or_default())
}

fn bounded(name: &str, text: &str) {
    let allowed = PER_KILOBYTE * (text.len() as u32 / 1024 + 2);
    let before = worked();
    parse_all(text);
    let took = worked() - before;
    assert!(took < allowed, "{name}: {} bytes take {took:?}, more than {allowed:?}", text.len());
}

#[test]
fn every_prefix() {
    for (name, text) in FILES {
        for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)).step_by(3) {
            bounded(name, &text[..end]);
        }
    }
}

#[test]
fn deep_nesting() {
    for open in [
        "(",
        "[",
        "{",
        "f(",
        "{a:",
        "if x {",
        "f(f(",
        "\"{",
        "x => (",
        "List<",
        "not ",
        "- ",
        "else if x {} ",
        "a.b(",
        "match x { y => ",
        "1 + ",
        "x.",
    ] {
        for close in ["", ")", "}", "]"] {
            let text = format!(
                "flow f on x.y {{\n  let a = {}1{}\n  reply(\"x\")\n}}\n",
                open.repeat(10_000),
                close.repeat(10_000)
            );
            bounded(open, &text);
        }
    }
}

#[test]
fn large_files() {
    let many: String = FILES.iter().map(|(_, text)| *text).collect::<String>().repeat(20);
    bounded("many items", &many);
    bounded("one line", &"x".repeat(1_000_000));
    bounded("blank lines", &"\n".repeat(1_000_000));
    bounded("braces", &"{}".repeat(300_000));
    bounded("strays", &"})]".repeat(300_000));
    bounded("quotes", &"\"".repeat(300_000));
    bounded("blocks", &"\"\"\"\n".repeat(100_000));
    bounded("items", &"flow f {\n".repeat(50_000));
    bounded("docs", &"/// x\n".repeat(100_000));
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// What people (and cats) type.
const TYPED: [&str; 30] = [
    "{", "}", "(", ")", "[", "]", "\"", "\"\"\"", "\n", " ", ",", ":", ".", "?", "=", "=>", "//", "///",
    "\\", "let ", "if ", "flow ", "else ", "x", "1", "<", ">", "- ", "é", "\n\n",
];

fn edited(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + dice.below(4) {
        let mut at = dice.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match dice.below(3) {
            0 => text.insert_str(at, TYPED[dice.below(TYPED.len())]),
            1 => {
                let mut end = (at + 1 + dice.below(12)).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(at..end, "");
            }
            _ => {
                let mut end = (at + 1 + dice.below(40)).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                let piece = text[at..end].to_owned();
                text.insert_str(at, &piece);
            }
        }
    }
    text
}

#[test]
fn random_edits() {
    let mut dice = Dice(0x5eed_1234_abcd_ef01);
    let rounds = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(150);
    for round in 0..rounds {
        for (name, text) in FILES {
            let text = edited(text, &mut dice);
            bounded(name, &text);
            let once = format(&text);
            let twice = format(&once);
            assert!(
                once == twice,
                "{name} in round {round}: formatting twice differs\n{}",
                first_difference(&once, &twice)
            );
            let (before, after) = (crate::formatting::meaning(&text), crate::formatting::meaning(&once));
            if before != after {
                let odd = before.iter().zip(&after).position(|(a, b)| a != b);
                panic!(
                    "{name} in round {round}: the meaning of item {odd:?} differs\n{text}\n--- formatted\n{once}"
                );
            }
        }
    }
}

#[test]
fn a_text_that_is_edited_is_what_it_would_be_at_once() {
    let mut dice = Dice(0x00c0_ffee_5eed_0001);
    let rounds = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(40);
    for (name, whole) in FILES {
        let mut cache = ItemCache::default();
        let mut text = (*whole).to_owned();
        for round in 0..rounds {
            // Now and then somebody takes it all back.
            text = if round % 20 == 19 { (*whole).to_owned() } else { edited(&text, &mut dice) };
            let tried = edited(&text, &mut dice);
            assert!(cache.probe(FileId(3), &tried) == parse(FileId(3), &tried), "{name}: {round}\n{tried}");
            assert!(cache.parse(FileId(3), &text) == parse(FileId(3), &text), "{name}: {round}\n{text}");
        }
    }
}

#[test]
fn what_nobody_touched_is_taken_over() {
    let text: String = FILES.iter().map(|(_, text)| *text).collect();
    let mut cache = ItemCache::default();
    let before = cache.parse(FileId(0), &text).file.items;
    for letter in ["x", "{", "\"", "\n", "flow f"] {
        let mut at = text.len() / 2;
        while !text.is_char_boundary(at) {
            at += 1;
        }
        let now = cache.probe(FileId(0), &format!("{}{letter}{}", &text[..at], &text[at..])).file.items;
        let known = |item: &&carapace_syntax::ast::Placed| {
            before.iter().any(|old| std::sync::Arc::ptr_eq(&old.item, &item.item))
        };
        let taken = now.iter().filter(known).count();
        assert!(taken + 8 > before.len(), "{letter:?}: {taken} of {}", before.len());
    }
}

fn first_difference(a: &str, b: &str) -> String {
    let lines: Vec<(&str, &str)> = a.lines().zip(b.lines()).collect();
    let at = lines.iter().position(|(x, y)| x != y).unwrap_or(lines.len());
    let from = at.saturating_sub(6);
    let show = |t: &str| t.lines().skip(from).take(14).collect::<Vec<_>>().join("\n");
    format!("--- once\n{}\n--- twice\n{}", show(a), show(b))
}
