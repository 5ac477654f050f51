//! The configuration of a runtime, `carapace.json5`: what is wrong with it, what could stand at a place, what stands there.
//!
//! An editor's environment is not that of the runtime, and what a file includes may be elsewhere: of both, nothing is said.

use crate::workspace::Lines;
use carapace_config::{Choice, Cursor, Document, check_text};
use carapace_diagnostic::{Diagnostic, FileId, TextRange};
use std::sync::Arc;

/// The text of a configuration, as it stands in the editor.
pub struct Configuration {
    /// Its text.
    pub text: Arc<str>,
    /// Where its lines begin.
    pub lines: Lines,
    document: Document,
}

impl Configuration {
    /// Of a text.
    pub fn of(text: Arc<str>) -> Configuration {
        let lines = Lines::of(&text);
        let document = Document::parse(&text, FileId(0));
        Configuration { text, lines, document }
    }

    /// What is wrong with it.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        check_text(&self.document)
    }

    /// Keys, or values, that could stand at a byte.
    pub fn complete(&self, offset: u32) -> Vec<Choice> {
        Cursor::at(&self.document, offset).map(|cursor| cursor.choices()).unwrap_or_default()
    }

    /// What there is to say about what stands at a byte, in Markdown, and of which bytes.
    pub fn hover(&self, offset: u32) -> Option<(TextRange, String)> {
        carapace_config::hover(&self.document, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration without its `$0`, and where that stood.
    fn marked(text: &str) -> (Configuration, u32) {
        let at = u32::try_from(text.find("$0").unwrap()).unwrap();
        (Configuration::of(text.replace("$0", "").into()), at)
    }

    #[test]
    fn keys_values_and_words_are_known_while_the_text_is_broken() {
        let (configuration, at) = marked("{ version: 1,\n accounts: { web: { kind: $0 } },\n lisen: 'x' ");
        let labels: Vec<String> = configuration.complete(at).into_iter().map(|choice| choice.label).collect();
        assert_eq!(labels, ["terminal", "webchat", "telegram"]);
        let codes: Vec<&str> = configuration.diagnostics().iter().map(|d| d.code.0).collect();
        assert_eq!(codes, ["E0977", "E0977", "W0601"], "no end, no value, no such key");
        let (configuration, at) = marked("{ version: 1, his$0tory: '30d' }");
        assert!(configuration.hover(at).unwrap().1.contains("How long what was is kept"));
        assert_eq!(configuration.diagnostics(), []);
    }
}
