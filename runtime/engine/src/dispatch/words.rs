//! Which of thousands of words a text contains, in one pass.

use super::Candidate;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use std::sync::Arc;

/// Flows by the words one of which must occur in the text for their guard to hold.
#[derive(Debug, Default)]
pub(crate) struct Words {
    automaton: Option<AhoCorasick>,
    /// By pattern: who wants it.
    wanted_by: Vec<Vec<Candidate>>,
}

impl Words {
    pub(crate) fn build(entries: &[(Vec<Arc<str>>, Candidate)]) -> Words {
        let mut patterns: Vec<String> = Vec::new();
        let mut wanted_by: Vec<Vec<Candidate>> = Vec::new();
        let mut known = rustc_hash::FxHashMap::<String, usize>::default();
        for (words, candidate) in entries {
            for word in words {
                let word = fold(word);
                let at = *known.entry(word.clone()).or_insert_with(|| {
                    patterns.push(word);
                    wanted_by.push(Vec::new());
                    patterns.len() - 1
                });
                if let Some(wanted) = wanted_by.get_mut(at) {
                    wanted.push(*candidate);
                }
            }
        }
        // Too many patterns for the automaton is the one way in which building fails; then everybody is asked.
        let automaton = AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(&patterns).ok();
        Words { automaton, wanted_by }
    }

    /// Adds everybody who wants a word that occurs in the text.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        let Some(automaton) = &self.automaton else {
            found.extend(self.wanted_by.iter().flatten());
            return;
        };
        let text = fold(text);
        for hit in automaton.find_overlapping_iter(&text) {
            found.extend(self.wanted_by.get(hit.pattern().as_usize()).into_iter().flatten());
        }
    }
}

/// Lower case, and letters that simple case folding takes for one another made one: a word that the guard would find
/// must be found here. Finding more does no harm, the guard is asked.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
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
        .collect()
}
