//! Whatever is typed: no panic, and time in proportion to length.

use crate::whole::FILES;
use carapace_diagnostic::FileId;
use carapace_syntax::parse;
use std::time::{Duration, Instant};

fn parse_all(text: &str) -> usize {
    parse(FileId(0), text).diagnostics.len()
}

/// What a kilobyte may cost: generous, for a loaded machine and an unoptimised build, and far below anything quadratic.
const PER_KILOBYTE: Duration = Duration::from_millis(60);

fn timed(name: &str, text: &str) {
    let start = Instant::now();
    parse_all(text);
    let allowed = PER_KILOBYTE * (text.len() as u32 / 1024 + 2);
    let took = start.elapsed();
    assert!(took < allowed, "{name}: {} bytes took {took:?}, more than {allowed:?}", text.len());
}

#[test]
fn every_prefix() {
    for (name, text) in FILES {
        for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)).step_by(3) {
            timed(name, &text[..end]);
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
            timed(open, &text);
        }
    }
}

#[test]
fn large_files() {
    let many: String = FILES.iter().map(|(_, text)| *text).collect::<String>().repeat(20);
    timed("many items", &many);
    timed("one line", &"x".repeat(1_000_000));
    timed("blank lines", &"\n".repeat(1_000_000));
    timed("braces", &"{}".repeat(300_000));
    timed("strays", &"})]".repeat(300_000));
    timed("quotes", &"\"".repeat(300_000));
    timed("blocks", &"\"\"\"\n".repeat(100_000));
    timed("items", &"flow f {\n".repeat(50_000));
    timed("docs", &"/// x\n".repeat(100_000));
}
