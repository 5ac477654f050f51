//! Tokens with everything the printer wants to know of them.

use super::roles::Role;
use crate::lex::{Bracket, Token, TokenKind};
use crate::recover::Skeleton;
use crate::split::{Mark, Parts};

/// A comment before an atom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remark<'a> {
    pub(super) text: &'a str,
    /// Whether it begins its line.
    pub(super) own_line: bool,
    pub(super) blank_before: bool,
}

/// The kinds of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Parentheses and square brackets.
    List,
    Record,
    Block(Parts),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Open(Group),
    Close,
    /// A comma or the like that separates elements of a group.
    Comma,
}

/// A token, a whole text, or a stretch that does not parse.
#[derive(Debug, Clone)]
pub(super) struct Atom<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    /// The other bracket, or the atom itself.
    pub(super) partner: usize,
    /// Comments between the atom before and this one.
    pub(super) remarks: Vec<Remark<'a>>,
    /// Whether a blank line stood before it (or before its first remark).
    pub(super) blank_before: bool,
    /// Whether a statement, field, … begins here because the line does.
    pub(super) begins_line: bool,
    /// What stands before it when all is on one line.
    pub(super) lead: &'static str,
    pub(super) role: Option<Role>,
    /// Of an opening one: whether it must be broken into lines. Of any: whether it spans several.
    pub(super) forced: bool,
    /// The token it was made of.
    pub(super) token: usize,
}

impl Atom<'_> {
    pub(super) fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Makes the atoms of an item.
pub(super) fn atoms<'a>(
    source: &'a str,
    tokens: &[Token],
    keyword: usize,
    skeleton: &Skeleton,
) -> Vec<Atom<'a>> {
    let mut maker = Maker {
        source,
        tokens,
        skeleton,
        out: Vec::new(),
        remarks: Vec::new(),
        newlines: 0,
        blank: false,
        line_end: false,
    };
    maker.run(keyword);
    let mut list = maker.out;
    commas_of_types(&mut list);
    pair_up(&mut list);
    spaces(&mut list);
    force(&mut list);
    list
}

struct Maker<'a, 's> {
    source: &'a str,
    tokens: &'s [Token],
    skeleton: &'s Skeleton,
    out: Vec<Atom<'a>>,
    remarks: Vec<Remark<'a>>,
    newlines: usize,
    blank: bool,
    line_end: bool,
}

impl<'a> Maker<'a, '_> {
    fn run(&mut self, keyword: usize) {
        let mut at = keyword;
        while let Some(token) = self.tokens.get(at).copied() {
            match token.kind {
                TokenKind::Newline => {
                    self.newlines += 1;
                    self.line_end |= self.skeleton.marks.get(at) == Some(&Mark::LineEnd);
                    at += 1;
                }
                TokenKind::Comment | TokenKind::Doc => {
                    let blank_before = self.newlines > 1;
                    if self.remarks.is_empty() {
                        self.blank = blank_before;
                    }
                    let text = token.text(self.source).trim_end();
                    self.remarks.push(Remark { text, own_line: self.newlines > 0, blank_before });
                    self.newlines = 0;
                    at += 1;
                }
                _ => at = self.atom(at, token),
            }
        }
    }

    /// Makes the atom that begins with `token`; the token behind it.
    fn atom(&mut self, at: usize, token: Token) -> usize {
        let broken = self.skeleton.broken.iter().filter(|r| r.start == token.start).max_by_key(|r| r.end);
        let end = match (broken, token.kind) {
            (Some(range), _) => range.end,
            (None, TokenKind::TextOpen) => self.text_end(at),
            _ => token.end,
        };
        let text = self.source.get(token.start as usize..end as usize).unwrap_or_default();
        let mark = self.skeleton.marks.get(at).copied().unwrap_or(Mark::Keep);
        let whole = broken.is_some() || token.kind == TokenKind::TextOpen;
        let kind = if whole { Kind::Plain } else { kind_of(token, mark, text) };
        let first_remark_blank = self.blank;
        let blank_before = if self.remarks.is_empty() { self.newlines > 1 } else { first_remark_blank };
        let role = if whole { None } else { self.skeleton.roles.get(&token.start).copied() };
        let role = if broken.is_some() && role.is_none() {
            self.skeleton.roles.get(&token.start).copied()
        } else {
            role
        };
        self.out.push(Atom {
            text,
            kind,
            partner: self.out.len(),
            remarks: std::mem::take(&mut self.remarks),
            blank_before,
            begins_line: std::mem::take(&mut self.line_end),
            lead: " ",
            role,
            // Kept for `force`: whether a line ended before this atom.
            forced: text.contains('\n'),
            token: at,
        });
        let line_before = self.newlines > 0 || self.out.last().is_some_and(|a| !a.remarks.is_empty());
        if let [.., open, _] = self.out.as_mut_slice()
            && matches!(open.kind, Kind::Open(Group::Record | Group::Block(_)))
            && line_before
        {
            open.forced = true;
        }
        (self.newlines, self.blank) = (0, false);
        let rest = self.tokens.get(at + 1..).unwrap_or_default();
        at + 1 + rest.partition_point(|t| t.end <= end)
    }

    /// The end of the text that begins with token `at`.
    fn text_end(&self, at: usize) -> u32 {
        let mut depth = 0usize;
        for token in self.tokens.get(at..).unwrap_or_default() {
            match token.kind {
                TokenKind::TextOpen => depth += 1,
                TokenKind::TextClose => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return token.end;
                    }
                }
                _ => {}
            }
        }
        self.source.len() as u32
    }
}

fn kind_of(token: Token, mark: Mark, text: &str) -> Kind {
    match (token.kind, mark) {
        (_, Mark::BlockOpen(parts)) => Kind::Open(Group::Block(parts)),
        (_, Mark::RecordOpen) => Kind::Open(Group::Record),
        (TokenKind::Open(Bracket::Paren | Bracket::Square), _) => Kind::Open(Group::List),
        (TokenKind::Close(_), _) => Kind::Close,
        (TokenKind::Punct, _) if text == "," => Kind::Comma,
        _ => Kind::Plain,
    }
}

/// Between angle brackets a comma separates no elements of the group around them.
fn commas_of_types(list: &mut [Atom<'_>]) {
    let mut depth = 0usize;
    for atom in list {
        match (atom.role, atom.text) {
            (Some(Role::Angle), "<") => depth += 1,
            (Some(Role::Angle), _) => depth = depth.saturating_sub(1),
            _ if depth > 0 && atom.kind == Kind::Comma => atom.kind = Kind::Plain,
            _ => {}
        }
    }
}

fn pair_up(list: &mut [Atom<'_>]) {
    let mut stack = Vec::new();
    for index in 0..list.len() {
        match list.get(index).map(|a| a.kind) {
            Some(Kind::Open(_)) => stack.push(index),
            Some(Kind::Close) => {
                let Some(open) = stack.pop() else { continue };
                if let Some(atom) = list.get_mut(open) {
                    atom.partner = index;
                }
                if let Some(atom) = list.get_mut(index) {
                    atom.partner = open;
                }
            }
            _ => {}
        }
    }
}

/// What stands between atoms on one line.
fn spaces(list: &mut [Atom<'_>]) {
    let mut groups: Vec<Group> = Vec::new();
    for index in 0..list.len() {
        let (before, rest) = list.split_at_mut(index);
        let Some((atom, _)) = rest.split_first_mut() else { break };
        if atom.kind == Kind::Close {
            groups.pop();
        }
        let element = atom.begins_line || atom.role == Some(Role::Branch);
        let separated = element && groups.last().is_some_and(|g| *g != Group::List);
        atom.lead = match before.last() {
            None => "",
            Some(previous)
                if separated
                    && !matches!(previous.kind, Kind::Open(_) | Kind::Comma)
                    && atom.kind != Kind::Close =>
            {
                ", "
            }
            Some(previous) if spaced(previous, atom) => " ",
            Some(_) => "",
        };
        if let Kind::Open(group) = atom.kind {
            groups.push(group);
        }
    }
}

fn spaced(a: &Atom<'_>, b: &Atom<'_>) -> bool {
    let list_open = |atom: &Atom<'_>| atom.kind == Kind::Open(Group::List);
    if matches!(a.kind, Kind::Open(_)) && b.kind == Kind::Close {
        return false;
    }
    if list_open(a) || (b.kind == Kind::Close && matches!(b.text, ")" | "]")) {
        return false;
    }
    if matches!(b.text, "," | ":" | "." | "?." | "?" | "@" | "..")
        || matches!(a.text, "." | "?." | "@" | "..")
    {
        return false;
    }
    if b.role == Some(Role::Slash) || a.role == Some(Role::Slash) || a.role == Some(Role::Sign) {
        return false;
    }
    if b.role == Some(Role::Angle) || (a.role == Some(Role::Angle) && a.text == "<") {
        return false;
    }
    if list_open(b) {
        return b.role == Some(Role::Primary);
    }
    true
}

/// Which groups must be broken into lines, from the inside out.
fn force(list: &mut [Atom<'_>]) {
    for close in 0..list.len() {
        let Some(open) = list.get(close).filter(|a| a.kind == Kind::Close).map(|a| a.partner) else {
            continue;
        };
        let Some(Kind::Open(group)) = list.get(open).map(|a| a.kind) else { continue };
        let elements = elements(list, open);
        let inside = list.get(open + 1..close).unwrap_or_default();
        let own_remarks = own_level(list, open + 1, close)
            .chain([close])
            .any(|i| list.get(i).is_some_and(|a| !a.remarks.is_empty()));
        let any_forced = inside.iter().any(|a| a.forced);
        let already = list.get(open).is_some_and(|a| a.forced) && !inside.is_empty();
        let several = match group {
            Group::Block(Parts::Stmts) => elements.len() > 1,
            Group::Block(Parts::KindLines | Parts::Properties) => !elements.is_empty(),
            _ => false,
        };
        let forced = own_remarks || several || already || (group != Group::List && any_forced);
        if let Some(atom) = list.get_mut(open) {
            atom.forced = forced;
        }
    }
}

/// The atoms of `from..to` that are not inside of a group there; of a group its opening one.
pub(super) fn own_level<'l>(
    list: &'l [Atom<'_>],
    from: usize,
    to: usize,
) -> impl Iterator<Item = usize> + 'l {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= to {
            return None;
        }
        let here = at;
        let atom = list.get(here)?;
        at = if matches!(atom.kind, Kind::Open(_)) { atom.partner.max(here) + 1 } else { here + 1 };
        Some(here)
    })
}

/// The elements of the group that opens at `open`, without what separates them.
pub(super) fn elements(list: &[Atom<'_>], open: usize) -> Vec<(usize, usize)> {
    let Some(atom) = list.get(open) else { return Vec::new() };
    let close = atom.partner;
    let by_comma =
        !matches!(atom.kind, Kind::Open(Group::Block(Parts::Stmts | Parts::KindLines | Parts::Properties)));
    let lines = atom.kind != Kind::Open(Group::List);
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut from = None;
    for index in own_level(list, open + 1, close) {
        let Some(here) = list.get(index) else { break };
        if by_comma && here.kind == Kind::Comma {
            out.extend(from.take().map(|f| (f, index)));
            continue;
        }
        if lines && (here.begins_line || here.role == Some(Role::Branch)) {
            out.extend(from.take().map(|f| (f, index)));
        }
        from.get_or_insert(index);
    }
    out.extend(from.map(|f| (f, close)));
    out
}
