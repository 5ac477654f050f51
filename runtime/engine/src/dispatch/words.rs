//! Which of thousands of words a text contains, in one pass.

use super::Candidate;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use std::borrow::Cow;
use std::sync::Arc;

/// Up to so many bytes of words, the automaton is a table of every state and letter: half as long a way through a text,
/// and some tens of megabytes at most.
const TABLE: usize = 64 << 10;

/// Flows by the words one of which must occur in the text for their guard to hold.
#[derive(Debug, Default)]
pub(crate) struct Words {
    automaton: Option<AhoCorasick>,
    /// By pattern: who wants it.
    wanted_by: Vec<Vec<Candidate>>,
}

impl Words {
    pub(crate) fn build(entries: &[(Arc<str>, Candidate)]) -> Words {
        let mut patterns: Vec<String> = Vec::new();
        let mut wanted_by: Vec<Vec<Candidate>> = Vec::new();
        let mut known = rustc_hash::FxHashMap::<String, usize>::default();
        for (word, candidate) in entries {
            let word = fold(word).into_owned();
            let at = *known.entry(word.clone()).or_insert_with(|| {
                patterns.push(word);
                wanted_by.push(Vec::new());
                patterns.len() - 1
            });
            if let Some(wanted) = wanted_by.get_mut(at) {
                wanted.push(*candidate);
            }
        }
        let small = patterns.iter().map(String::len).sum::<usize>() <= TABLE;
        let mut builder = AhoCorasickBuilder::new();
        builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true);
        builder.kind(small.then_some(AhoCorasickKind::DFA));
        // Too many patterns for the automaton is the one way in which building fails; then everybody is asked.
        Words { automaton: builder.build(&patterns).ok(), wanted_by }
    }

    /// Adds everybody who wants a word that occurs in the text.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        let Some(automaton) = &self.automaton else {
            found.extend(self.wanted_by.iter().flatten());
            return;
        };
        for hit in automaton.find_overlapping_iter(&*fold(text)) {
            found.extend(self.wanted_by.get(hit.pattern().as_usize()).into_iter().flatten());
        }
    }
}

/// Lower case where that is more than ASCII's, which the automaton does not mind, and letters that simple case folding
/// takes for one another made one: a word that the guard would find must be found here. Finding more does no harm, the
/// guard is asked.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ſ' => 's',
            'ς' => 'σ',
            'ϐ' => 'β',
            'ϑ' => 'θ',
            'ϕ' => 'φ',
            'ϖ' => 'π',
            'ϰ' => 'κ',
            'ϱ' => 'ρ',
            'ϵ' => 'ε',
            'ẛ' => 'ṡ',
            'µ' => 'μ',
            c => c,
        })
        .collect::<String>()
        .into()
}
