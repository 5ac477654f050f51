//! Semantic tokens: all of a file, what changed of them, and those of a range.

use crate::features::tokens::{self, Marks, Meaning, Meant};
use crate::server::{Answer, Session, Subject};
use tower_lsp::ls_types::*;

/// What tokens can be, in the order of the numbers that are sent. Names of the protocol, so that every theme has a colour
/// for each.
const TYPES: [&str; 16] = [
    "keyword",
    "string",
    "number",
    "comment",
    "operator",
    "namespace",
    "type",
    "typeParameter",
    "parameter",
    "variable",
    "property",
    "enumMember",
    "function",
    "method",
    "event",
    "class",
];

/// The type of what means something.
fn name(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Keyword => "keyword",
        Meaning::Text => "string",
        Meaning::Number => "number",
        Meaning::Comment => "comment",
        Meaning::Operator => "operator",
        Meaning::Module => "namespace",
        Meaning::Type => "type",
        Meaning::TypeParam => "typeParameter",
        Meaning::Param => "parameter",
        Meaning::Local | Meaning::State | Meaning::Constant => "variable",
        Meaning::Field | Meaning::Label => "property",
        Meaning::Tag => "enumMember",
        Meaning::Function | Meaning::Flow => "function",
        Meaning::Effect => "method",
        Meaning::Event => "event",
        Meaning::Slot | Meaning::Kind | Meaning::TextTag => "class",
    }
}

/// What else can be said of them. The last three are ours.
const MODIFIERS: [&str; 7] =
    ["declaration", "modification", "readonly", "defaultLibrary", "async", "secret", "untrusted"];

/// What is agreed upon.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TYPES.iter().map(|name| SemanticTokenType::new(name)).collect(),
        token_modifiers: MODIFIERS.iter().map(|name| SemanticTokenModifier::new(name)).collect(),
    }
}

/// `textDocument/semanticTokens/full`.
pub(crate) fn full(
    session: &mut Session,
    params: &SemanticTokensParams,
) -> Answer<Option<SemanticTokensResult>> {
    let subject = session.subject(&params.text_document.uri)?;
    let data = data(session, &subject, None);
    let result_id = Some(keep(session, &subject, data.clone()));
    Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id, data })))
}

/// `textDocument/semanticTokens/range`.
pub(crate) fn range(
    session: &mut Session,
    params: &SemanticTokensRangeParams,
) -> Answer<Option<SemanticTokensRangeResult>> {
    let subject = session.subject(&params.text_document.uri)?;
    let range = session.bytes(&subject, params.range);
    let data = data(session, &subject, Some(range));
    Ok(Some(SemanticTokensRangeResult::Tokens(SemanticTokens { result_id: None, data })))
}

/// `textDocument/semanticTokens/full/delta`: one replacement between the common beginning and the common end.
pub(crate) fn delta(
    session: &mut Session,
    params: &SemanticTokensDeltaParams,
) -> Answer<Option<SemanticTokensFullDeltaResult>> {
    let subject = session.subject(&params.text_document.uri)?;
    let data = data(session, &subject, None);
    let before = session.tokens.remove(&subject.path).filter(|(id, _)| *id == params.previous_result_id);
    let result_id = Some(keep(session, &subject, data.clone()));
    let Some((_, before)) = before else {
        return Ok(Some(SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id, data })));
    };
    let edits = difference(&before, &data).into_iter().collect();
    Ok(Some(SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta { result_id, edits })))
}

/// What has to be replaced in one list to get the other; nothing where they are the same. Numbers count the five integers of
/// each token.
fn difference(before: &[SemanticToken], after: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    if before == after {
        return None;
    }
    let same = |a: &[SemanticToken], b: &[SemanticToken]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let start = same(before, after);
    let rest = |list: &[SemanticToken]| list.iter().skip(start).rev().copied().collect::<Vec<_>>();
    let end = same(&rest(before), &rest(after));
    let middle = after.len().saturating_sub(end);
    let integers = |tokens: usize| u32::try_from(tokens.saturating_mul(5)).unwrap_or(u32::MAX);
    Some(SemanticTokensEdit {
        start: integers(start),
        delete_count: integers(before.len().saturating_sub(end).saturating_sub(start)),
        data: Some(after.get(start..middle).unwrap_or_default().to_vec()),
    })
}

fn keep(session: &mut Session, subject: &Subject, data: Vec<SemanticToken>) -> String {
    session.answers = session.answers.wrapping_add(1);
    let id = session.answers.to_string();
    session.tokens.insert(subject.path.clone(), (id.clone(), data));
    id
}

fn data(
    session: &Session,
    subject: &Subject,
    only: Option<carapace_diagnostic::TextRange>,
) -> Vec<SemanticToken> {
    let mut out = Vec::new();
    let mut last = Position::new(0, 0);
    for meant in tokens::tokens(&subject.snapshot, subject.file, only) {
        let range = session.range(&subject.snapshot, subject.file, meant.range);
        let same_line = range.start.line == last.line;
        out.push(SemanticToken {
            delta_line: range.start.line.saturating_sub(last.line),
            delta_start: range.start.character.saturating_sub(if same_line { last.character } else { 0 }),
            length: range.end.character.saturating_sub(range.start.character),
            token_type: number(&meant),
            token_modifiers_bitset: bits(meant.meaning, meant.marks),
        });
        last = range.start;
    }
    out
}

fn number(meant: &Meant) -> u32 {
    let at = TYPES.iter().position(|known| *known == name(meant.meaning));
    u32::try_from(at.unwrap_or_default()).unwrap_or_default()
}

fn bits(meaning: Meaning, marks: Marks) -> u32 {
    let set = [
        marks.declaration,
        marks.write,
        meaning == Meaning::Constant,
        marks.library,
        marks.waits,
        marks.secret,
        marks.untrusted,
    ];
    set.iter().enumerate().filter(|(_, on)| **on).fold(0, |bits, (at, _)| bits | (1 << at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(of: &[u32]) -> Vec<SemanticToken> {
        let token = |n: &u32| SemanticToken { token_type: *n, ..SemanticToken::default() };
        of.iter().map(token).collect()
    }

    #[test]
    fn a_difference_leads_from_one_list_to_the_other() {
        let cases: [(&[u32], &[u32]); 7] = [
            (&[], &[1]),
            (&[1, 2, 3], &[1, 9, 3]),
            (&[1, 2, 3], &[1, 3]),
            (&[1, 1], &[1, 1, 1]),
            (&[1, 2], &[]),
            (&[1], &[2]),
            (&[5, 6, 7], &[5, 6, 7]),
        ];
        for (before, after) in cases {
            let (before, after) = (list(before), list(after));
            let mut made = before.clone();
            if let Some(edit) = difference(&before, &after) {
                let (start, count) = (edit.start as usize / 5, edit.delete_count as usize / 5);
                made.splice(start..start + count, edit.data.unwrap_or_default());
            }
            assert_eq!(made, after);
        }
    }

    #[test]
    fn every_meaning_has_a_number_and_every_number_a_meaning() {
        use std::collections::BTreeSet;
        let all = [
            Meaning::Keyword,
            Meaning::Text,
            Meaning::Number,
            Meaning::Comment,
            Meaning::Operator,
            Meaning::Module,
            Meaning::Type,
            Meaning::TypeParam,
            Meaning::Param,
            Meaning::Local,
            Meaning::State,
            Meaning::Constant,
            Meaning::Field,
            Meaning::Label,
            Meaning::Tag,
            Meaning::Function,
            Meaning::Flow,
            Meaning::Effect,
            Meaning::Event,
            Meaning::Slot,
            Meaning::Kind,
            Meaning::TextTag,
        ];
        let named: BTreeSet<&str> = all.into_iter().map(name).collect();
        assert_eq!(named, TYPES.into_iter().collect());
    }
}
