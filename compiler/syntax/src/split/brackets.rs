//! Which bracket closes which, in one item.

use crate::lex::{Bracket, Token, TokenKind};

/// How deep brackets may be nested in an item. Everything after the parser walks the tree by recursion.
pub(crate) const MAX_DEPTH: usize = 200;
/// How many operators and calls may be chained along one path, all levels of brackets together.
const MAX_CHAIN: u32 = 600;
/// How many open brackets a closing one is compared with, so that junk costs no more than its length.
pub(crate) const SEARCH: usize = 256;

/// The brackets of an item; tokens are counted from the item's first.
#[derive(Debug, Default)]
pub(crate) struct Brackets {
    /// For every token its partner, where it is a bracket that has one.
    pub(crate) partner: Vec<Option<u32>>,
    /// Opening brackets that nothing closes.
    pub(crate) unclosed: Vec<usize>,
    /// Closing brackets that close nothing.
    pub(crate) stray: Vec<usize>,
    /// Where a missing `}` is put: the unclosed brace, and the token before which its partner belongs.
    pub(crate) closed_before: Vec<(usize, usize)>,
    /// The tokens at which nesting or chaining becomes too deep.
    pub(crate) too_deep: Vec<usize>,
    /// How deep it goes at most, chains included.
    pub(crate) depth: usize,
}

/// Pairs the brackets of `tokens`. Where a brace is missing, indentation tells which.
pub(crate) fn match_brackets(source: &str, tokens: &[Token]) -> Brackets {
    let plain = pair(source, tokens, false);
    let brace_missing = plain
        .unclosed
        .iter()
        .any(|i| tokens.get(*i).is_some_and(|t| t.kind == TokenKind::Open(Bracket::Brace)));
    if brace_missing { pair(source, tokens, true) } else { plain }
}

/// A bracket that is open.
struct Open {
    token: usize,
    bracket: Bracket,
    /// How far the line it stands on is indented.
    indent: u32,
    /// What may deepen the tree since the last separator on this level.
    chain: u32,
}

fn pair(source: &str, tokens: &[Token], by_indent: bool) -> Brackets {
    let mut out = Brackets { partner: vec![None; tokens.len()], ..Brackets::default() };
    let mut stack: Vec<Open> = Vec::new();
    let mut ground = 0u32;
    let mut chain = 0u32;
    let mut line_start = 0u32;
    let mut indent = 0u32;
    let mut fresh = true;
    let mut was_over = false;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Newline {
            (line_start, fresh) = (token.end, true);
            if stack.last().is_some_and(|o| o.bracket == Bracket::Brace) {
                reset(&mut stack, &mut chain);
            }
            continue;
        }
        let first_on_line = std::mem::take(&mut fresh);
        if first_on_line {
            indent = token.start.saturating_sub(line_start);
        }
        match token.kind {
            TokenKind::Open(bracket) => {
                stack.push(Open { token: index, bracket, indent, chain: 0 });
                if stack.len() == MAX_DEPTH + 1 {
                    out.too_deep.push(index);
                }
            }
            TokenKind::Close(bracket) => {
                if by_indent && first_on_line && bracket == Bracket::Brace {
                    give_up_deeper(&mut stack, &mut out, indent, index, &mut chain);
                }
                close(&mut stack, &mut out, bracket, index, &mut chain);
                deepen(&mut stack, &mut ground, &mut chain);
            }
            TokenKind::Word if deepens(token.text(source)) => deepen(&mut stack, &mut ground, &mut chain),
            TokenKind::Punct => match token.text(source) {
                "," | "|" | ";" => reset(&mut stack, &mut chain),
                ":" | "@" => {}
                _ => deepen(&mut stack, &mut ground, &mut chain),
            },
            _ => {}
        }
        out.depth = out.depth.max(stack.len() + (chain + ground) as usize);
        let over = chain + ground > MAX_CHAIN;
        if over && !was_over {
            out.too_deep.push(index);
        }
        was_over = over;
    }
    for open in stack {
        if open.bracket == Bracket::Brace {
            out.closed_before.push((open.token, tokens.len()));
        }
        out.unclosed.push(open.token);
    }
    out.unclosed.sort_unstable();
    out
}

fn deepens(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "else" | "start" | "between" | "is" | "in" | "contains" | "matches")
}

fn deepen(stack: &mut [Open], ground: &mut u32, chain: &mut u32) {
    match stack.last_mut() {
        Some(open) => {
            open.chain += 1;
            *chain += 1;
        }
        // Outside of all brackets stand headers: clause by clause, so only a run-away one counts.
        None => *ground = ground.saturating_add(u32::from(*ground < MAX_CHAIN / 2)),
    }
}

fn reset(stack: &mut [Open], chain: &mut u32) {
    if let Some(open) = stack.last_mut() {
        *chain -= open.chain;
        open.chain = 0;
    }
}

fn pop(stack: &mut Vec<Open>, chain: &mut u32) -> Option<Open> {
    let open = stack.pop()?;
    *chain -= open.chain;
    Some(open)
}

/// A `}` that begins a line belongs to the brace whose line is indented alike, if there is one: what is open above it
/// was forgotten.
fn give_up_deeper(stack: &mut Vec<Open>, out: &mut Brackets, indent: u32, index: usize, chain: &mut u32) {
    if stack.last().is_none_or(|top| top.indent <= indent) {
        return;
    }
    let Some(home) =
        stack.iter().rev().take(SEARCH).position(|o| o.bracket == Bracket::Brace && o.indent == indent)
    else {
        return;
    };
    let home = stack.len() - home - 1;
    while stack.len() > home + 1 {
        if let Some(open) = pop(stack, chain) {
            if open.bracket == Bracket::Brace {
                out.closed_before.push((open.token, index));
            }
            out.unclosed.push(open.token);
        }
    }
}

fn close(stack: &mut Vec<Open>, out: &mut Brackets, bracket: Bracket, index: usize, chain: &mut u32) {
    let reachable = stack
        .iter()
        .rev()
        .take(SEARCH)
        .take_while(|o| {
            o.bracket == bracket
                || bracket == Bracket::Brace
                || bracket == Bracket::Interp
                || !is_brace(o.bracket)
        })
        .position(|o| o.bracket == bracket);
    let Some(above) = reachable else { return out.stray.push(index) };
    for _ in 0..above {
        if let Some(open) = pop(stack, chain) {
            if open.bracket == Bracket::Brace {
                out.closed_before.push((open.token, index));
            }
            out.unclosed.push(open.token);
        }
    }
    if let Some(open) = pop(stack, chain) {
        if let Some(slot) = out.partner.get_mut(open.token) {
            *slot = Some(index as u32);
        }
        if let Some(slot) = out.partner.get_mut(index) {
            *slot = Some(open.token as u32);
        }
    }
}

fn is_brace(bracket: Bracket) -> bool {
    matches!(bracket, Bracket::Brace | Bracket::Interp)
}
