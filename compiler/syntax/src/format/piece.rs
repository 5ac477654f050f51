//! Printing: a piece on one line where it fits, else broken where it may be.

use super::atoms::{Atom, Group, Kind, Remark, elements, own_level};
use super::roles::Role;

/// The widest line.
pub(super) const WIDTH: usize = 100;

/// Writes atoms.
pub(super) struct Printer<'l, 'a> {
    pub(super) list: &'l [Atom<'a>],
    pub(super) out: String,
    /// Letters on the current line.
    column: usize,
    /// Whether lines may be broken anywhere, as in a header.
    pub(super) free: bool,
}

impl<'l, 'a> Printer<'l, 'a> {
    pub(super) fn new(list: &'l [Atom<'a>]) -> Printer<'l, 'a> {
        Printer { list, out: String::new(), column: 0, free: false }
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    pub(super) fn line(&mut self, indent: usize) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// A piece that begins where the printer stands; `indent` is that of its line.
    pub(super) fn piece(&mut self, from: usize, to: usize, indent: usize) {
        let breaks = self.breaks(from, to, indent);
        let mut at = from;
        let mut level = indent;
        while at < to {
            let Some(atom) = self.list.get(at) else { break };
            if breaks.contains(&at) {
                level = indent + 2;
                self.line(level);
            } else if at > from && !self.is_trailing_comma(at) {
                self.put(atom.lead);
            }
            if let Kind::Open(group) = atom.kind
                && (atom.forced || self.must_break(at, group, &breaks, to))
            {
                self.group(at, group, level);
                at = atom.partner + 1;
                continue;
            }
            if !self.is_trailing_comma(at) {
                self.put(atom.text);
            }
            at += 1;
        }
    }

    fn is_trailing_comma(&self, at: usize) -> bool {
        let next_closes = self.list.get(at + 1).is_some_and(|a| a.kind == Kind::Close);
        next_closes && self.list.get(at).is_some_and(|a| a.kind == Kind::Comma)
    }

    /// Before which atoms of its own level the piece goes to the next line.
    fn breaks(&self, from: usize, to: usize, indent: usize) -> Vec<usize> {
        if self.lines_fit(from, to, indent, &[]) {
            return Vec::new();
        }
        let level: Vec<usize> = own_level(self.list, from, to).filter(|i| *i > from).collect();
        let role = |i: usize| self.list.get(i).and_then(|a| a.role);
        let suffixes: Vec<usize> = level.iter().copied().filter(|i| role(*i) == Some(Role::Suffix)).collect();
        if let Some(first) = suffixes.first()
            && self.lines_fit(from, to, indent, &[*first])
        {
            return vec![*first];
        }
        if !suffixes.is_empty() && self.lines_fit(from, to, indent, &suffixes) {
            return suffixes;
        }
        let dots: Vec<usize> = level.iter().copied().filter(|i| self.is_chain_dot(*i)).collect();
        if self.free {
            let joints = level
                .iter()
                .copied()
                .filter(|i| self.list.get(*i).is_some_and(|a| matches!(a.text, "and" | "or")));
            return joints.collect();
        }
        let mut all = suffixes;
        if dots.len() > 1 {
            all.extend(dots);
            all.sort_unstable();
        }
        all
    }

    /// A dot behind a call.
    fn is_chain_dot(&self, at: usize) -> bool {
        let dot = self.list.get(at).is_some_and(|a| matches!(a.text, "." | "?."));
        dot && at.checked_sub(1).and_then(|i| self.list.get(i)).is_some_and(|a| a.text == ")")
    }

    /// Whether all lines of the piece are short enough with these breaks, groups broken only where they must be.
    fn lines_fit(&self, from: usize, to: usize, indent: usize, breaks: &[usize]) -> bool {
        let mut column = self.column.max(indent);
        let mut level = indent;
        let mut at = from;
        while at < to {
            let Some(atom) = self.list.get(at) else { break };
            if breaks.contains(&at) {
                level = indent + 2;
                column = level;
            } else if at > from {
                column += atom.lead.len();
            }
            column += first_line_width(atom);
            if column > WIDTH {
                return false;
            }
            if atom.text.contains('\n') {
                column = last_line_width(atom);
            }
            if matches!(atom.kind, Kind::Open(_)) && atom.forced {
                column = level + 1;
                at = atom.partner + 1;
                continue;
            }
            at += 1;
        }
        true
    }

    /// Whether the group at `open`, which need not be broken, does not fit where the printer stands.
    fn must_break(&self, open: usize, group: Group, breaks: &[usize], to: usize) -> bool {
        let Some(atom) = self.list.get(open) else { return false };
        let close = atom.partner;
        if close <= open + 1 || matches!(atom.role, Some(Role::Tight)) {
            return false;
        }
        let lone = group == Group::List
            && elements(self.list, open).len() == 1
            && atom.role == Some(Role::Primary)
            && atom.text == "(";
        if lone {
            return false;
        }
        let mut column = self.column;
        for at in open..to {
            let Some(atom) = self.list.get(at) else { break };
            if at > open {
                column += atom.lead.len();
            }
            column += first_line_width(atom);
            if at > close && breaks.contains(&at) {
                return false;
            }
            if column > WIDTH {
                // A list is broken if it does not end in time itself; a block also for what follows.
                return at <= close || matches!(group, Group::Block(_));
            }
            if atom.text.contains('\n') || (matches!(atom.kind, Kind::Open(_)) && atom.forced) {
                return false;
            }
            if at >= close && group == Group::List {
                return false;
            }
        }
        false
    }

    /// A group, an element a line.
    pub(super) fn group(&mut self, open: usize, group: Group, indent: usize) {
        let Some(atom) = self.list.get(open) else { return };
        self.put(atom.text);
        let elements = elements(self.list, open);
        let commas = group == Group::List && self.takes_commas(open, elements.len());
        self.elements(&elements, indent + 2, commas, atom.partner, group == Group::List);
        self.line(indent);
        if let Some(close) = self.list.get(atom.partner) {
            self.put(close.text);
        }
    }

    /// A comma may stand behind the last one, unless the brackets hold a lambda's parameters or one thing only.
    fn takes_commas(&self, open: usize, count: usize) -> bool {
        let Some(atom) = self.list.get(open) else { return false };
        let lambda = self.list.get(atom.partner + 1).is_some_and(|a| a.text == "=>")
            && atom.role == Some(Role::Primary);
        let only = atom.role == Some(Role::Primary) && atom.text == "(" && count == 1;
        !lambda && !only && atom.role != Some(Role::Tight) && count > 0
    }

    /// Elements, each on a line of its own, with the remarks between them. `end` is the atom behind the last.
    pub(super) fn elements(
        &mut self,
        list: &[(usize, usize)],
        indent: usize,
        commas: bool,
        end: usize,
        tight: bool,
    ) {
        let mut previous_end: Option<usize> = None;
        for (index, (from, to)) in list.iter().copied().enumerate() {
            self.remarks_between(previous_end, from, indent, tight);
            let blank = self.list.get(from).is_some_and(|a| a.blank_before && a.remarks.is_empty());
            if index > 0 && !tight && blank {
                self.blank_line();
            }
            self.inner_remarks(from, to, indent);
            self.line(indent);
            self.piece(from, to, indent);
            if commas {
                self.put(",");
            }
            previous_end = Some(to);
        }
        self.remarks_between(previous_end, end, indent, tight);
    }

    fn blank_line(&mut self) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
    }

    /// The comments before atom `at`: behind the element before where they stood there, else on lines of their own.
    fn remarks_between(&mut self, previous_end: Option<usize>, at: usize, indent: usize, tight: bool) {
        let first = previous_end.unwrap_or(at);
        let remarks: Vec<Remark<'a>> =
            (first..=at).filter_map(|i| self.list.get(i)).flat_map(|a| a.remarks.iter().copied()).collect();
        for (index, remark) in remarks.into_iter().enumerate() {
            if !remark.own_line && previous_end.is_some() && index == 0 {
                self.put(" ");
            } else {
                if remark.blank_before && (previous_end.is_some() || index > 0) && !tight {
                    self.blank_line();
                }
                self.line(indent);
            }
            self.put(remark.text);
        }
    }

    /// Comments in the middle of a piece cannot stay there: they go above it.
    pub(super) fn inner_remarks(&mut self, from: usize, to: usize, indent: usize) {
        let inside: Vec<&'a str> = own_level(self.list, from, to)
            .filter(|i| *i > from)
            .filter_map(|i| self.list.get(i))
            .flat_map(|a| a.remarks.iter().map(|r| r.text))
            .collect();
        for text in inside {
            self.line(indent);
            self.put(text);
        }
    }
}

fn first_line_width(atom: &Atom<'_>) -> usize {
    match atom.text.split_once('\n') {
        Some((first, _)) => first.chars().count(),
        None => atom.width(),
    }
}

fn last_line_width(atom: &Atom<'_>) -> usize {
    atom.text.rsplit_once('\n').map_or_else(|| atom.width(), |(_, last)| last.chars().count())
}
