//! What other languages say, and how it is said here.

use super::explain::Failure;
use crate::build::relative;
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::{Diagnostic, Span, TextRange};

/// A statement that begins with a word of another language.
pub(super) fn foreign_statement(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.from).filter(|_| failure.rule == Rule::stmt_only)?;
    let word = failure.text(failure.from);
    let help = match word {
        "try" => "write `do { … } else problem { … }`",
        "catch" | "finally" | "except" => "put `else problem { … }` behind the call or the `do { … }`",
        "throw" | "raise" => "write `fail(\"…\")`",
        "switch" | "case" => "write `match value { pattern => … }`",
        "elif" | "elsif" | "elseif" => "write `else if`",
        "foreach" | "loop" => "write `for item in list { … }`, `while condition { … }` or `repeat 3 { … }`",
        "unless" => "write `if not …`",
        "function" | "def" | "func" | "fn" => {
            "functions stand outside of flows: `fn name(x: Int) -> Int = …`"
        }
        "flow" | "tool" | "type" | "state" | "agent" | "setting" | "room" | "group" | "use" => {
            "items stand outside of all braces"
        }
        "import" | "require" => "write `use folder/file` at the top of the file",
        "async" => "leave it out: every call that takes time is waited for",
        _ => return None,
    };
    // A variable may have such a name: then something goes on with it.
    if matches!(failure.text(failure.from + 1), "=" | "." | "(" | "[" | "?." | ":")
        && !matches!(word, "switch" | "catch")
    {
        return None;
    }
    let place = relative(TextRange::new(token.start, token.end));
    Some(
        Diagnostic::new(codes::FOREIGN_STATEMENT, place, format!("no statement begins with `{word}`"))
            .help(help),
    )
}

/// An item that begins with a word of another language.
pub(super) fn foreign_item(word: &str, place: Span) -> Option<Diagnostic> {
    let ours = match word {
        "function" | "def" | "func" => "fn",
        "import" | "require" | "include" => "use",
        "struct" | "enum" | "class" | "interface" | "record" => "type",
        "workflow" => "flow",
        "let" | "var" | "val" => "const",
        "secret" | "env" | "config" => {
            return Some(
                Diagnostic::new(codes::NO_ITEM, place, format!("no item begins with `{word}`"))
                    .help("write `setting name: Secret` for a token or a key, and `setting name: Text` for what may be seen"),
            );
        }
        _ => return None,
    };
    Some(
        Diagnostic::new(codes::NO_ITEM, place, format!("no item begins with `{word}`"))
            .help(format!("write `{ours}`"))
            .fix(format!("write `{ours}`"), place, ours),
    )
}
