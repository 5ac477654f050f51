//! Which branches no test took.

use crate::render::Sources;
use carapace_diagnostic::Span;
use serde::Serialize;
use std::fmt::Write;

/// What the tests of a module reached.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Coverage {
    /// Places in the package's own flows and functions.
    pub places: usize,
    /// How many of them some test reached.
    pub reached: usize,
    /// Those that none reached, in the order of the source; a place inside another is not listed again.
    pub missed: Vec<Missed>,
}

/// Code that no test reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missed {
    /// The flow or function it stands in.
    pub owner: String,
    /// Where.
    pub span: Span,
}

impl Coverage {
    /// In words, for a person.
    pub(crate) fn words(&self, sources: &dyn Sources) -> String {
        let mut out = String::new();
        let percent = if self.places == 0 { 100.0 } else { ratio(self.reached, self.places) };
        // Writing to a String does not fail, here and below.
        let _ = writeln!(out, "coverage: {} of {} places ({percent:.1} %)", self.reached, self.places);
        for missed in &self.missed {
            let place = sources.place(missed.span);
            match place {
                Some((path, line, column, text)) => {
                    let _ = writeln!(
                        out,
                        "  no test reaches {path}:{line}:{column} in `{}`: {}",
                        missed.owner,
                        text.trim()
                    );
                }
                None => {
                    let _ = writeln!(out, "  no test reaches a place in `{}`", missed.owner);
                }
            }
        }
        out
    }
}

#[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}
