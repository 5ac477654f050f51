//! What the command itself has to say, as lines of the log.

use carapace_diagnostic::{Diagnostic, SourceFile, SourceMap};

/// A line for people: it says itself how much it matters, in the word that it begins with.
pub(crate) fn note(text: &str) {
    let plain = plain(text);
    if plain.starts_with("error") {
        tracing::error!(target: "carapace", "{plain}");
    } else if plain.starts_with("warning") {
        tracing::warn!(target: "carapace", "{plain}");
    } else {
        tracing::info!(target: "carapace", "{plain}");
    }
}

/// Something with a code: one that begins with `W` is a warning's.
pub(crate) fn problem(code: &str, message: &str, help: Option<&str>) {
    if code.starts_with('W') {
        tracing::warn!(target: "carapace", code, help, "{message}");
    } else {
        tracing::error!(target: "carapace", code, help, "{message}");
    }
}

/// A mistake in a file.
pub(crate) fn finding(found: &Diagnostic, sources: &SourceMap) {
    let source = sources.get(found.primary.span.file);
    let file = source.map(SourceFile::name);
    let line = source.map(|source| source.position(found.primary.span.range.start).line);
    let (code, message) = (found.code.0, &found.message);
    if found.is_error() {
        tracing::error!(target: "carapace", code, file, line, "{message}");
    } else {
        tracing::warn!(target: "carapace", code, file, line, "{message}");
    }
}

/// The same without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut plain, part| {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_no_text() {
        assert_eq!(plain("\u{1b}[33;1mwarning\u{1b}[0m[W1]: more"), "warning[W1]: more");
        assert_eq!(plain("m"), "m");
    }
}
