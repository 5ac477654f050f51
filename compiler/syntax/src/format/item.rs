//! Whole items: the header's lines, the alternatives of a union.

use super::atoms::{Atom, Group, Kind, atoms, own_level};
use super::piece::{Printer, WIDTH};
use crate::lex::Token;
use crate::recover::Skeleton;

/// An item in the one style, without what stands above it.
pub(super) fn item(source: &str, tokens: &[Token], keyword: usize, skeleton: &Skeleton) -> String {
    let mut list = atoms(source, tokens, keyword, skeleton);
    let clauses =
        skeleton.clauses.iter().map(|(from, to)| (atom_at(&list, *from), atom_at(&list, *to))).collect();
    let head = list.first().map_or("", |a| a.text);
    match head {
        "flow" => flow(&mut list, clauses),
        "type" => union(&list).unwrap_or_else(|| simple(&list)),
        _ => simple(&list),
    }
}

/// The first atom made of token `token` or a later one.
fn atom_at(list: &[Atom<'_>], token: usize) -> usize {
    list.partition_point(|a| a.token < token)
}

fn simple(list: &[Atom<'_>]) -> String {
    let mut printer = Printer::new(list);
    leading(&mut printer, 0, list.len());
    printer.piece(0, list.len(), 0);
    printer.out
}

/// Comments that have no place inside go above the item.
fn leading(printer: &mut Printer<'_, '_>, from: usize, to: usize) {
    printer.inner_remarks(from, to, 0);
    if printer.out.is_empty() {
        return;
    }
    // Each was put on a line of its own, and the first began with a line's end.
    let text = std::mem::take(&mut printer.out);
    printer.put(text.trim_start_matches('\n'));
    printer.line(0);
}

fn flow(list: &mut [Atom<'_>], mut clauses: Vec<(usize, usize)>) -> String {
    let first = clauses.first().map_or(list.len(), |c| c.0);
    let body = own_level(list, 0, list.len())
        .filter(|i| *i >= clauses.last().map_or(0, |c| c.1))
        .find(|i| matches!(list.get(*i).map(|a| a.kind), Some(Kind::Open(Group::Block(_)))));
    let Some(body) = body else { return simple(list) };
    clauses.sort_by_key(|(from, _)| rank(list.get(*from).map_or("", |a| a.text)));
    let on_first = clauses.first().is_some_and(|(from, _)| list.get(*from).is_some_and(|a| a.text == "on"));
    let lines = clauses.get(usize::from(on_first)..).unwrap_or_default().to_vec();
    if !lines.is_empty()
        && let Some(atom) = list.get_mut(body)
        && atom.partner > body + 1
    {
        atom.forced = true;
    }
    let mut printer = Printer::new(list);
    leading(&mut printer, 0, first.min(body));
    printer.piece(0, first.min(body), 0);
    if on_first && let Some((from, to)) = clauses.first().copied() {
        printer.put(" ");
        printer.piece(from, to, 0);
    }
    if lines.is_empty() {
        printer.put(" ");
    } else {
        printer.free = true;
        printer.elements(&lines, 2, false, body, true);
        printer.free = false;
        printer.line(0);
    }
    printer.piece(body, list.len(), 0);
    printer.out
}

/// The order of the clauses.
fn rank(word: &str) -> usize {
    const ORDER: [&str; 12] = [
        "on",
        "where",
        "limit",
        "debounce",
        "dedupe",
        "serial",
        "timeout",
        "priority",
        "exclusive",
        "observes",
        "filter",
        "cancellable",
    ];
    ORDER.iter().position(|w| *w == word).unwrap_or(ORDER.len())
}

/// `type X = a | b`: on one line if it fits and nothing is said about an alternative, else one a line.
fn union(list: &[Atom<'_>]) -> Option<String> {
    let equals = own_level(list, 0, list.len()).find(|i| list.get(*i).is_some_and(|a| a.text == "="))?;
    let bars: Vec<usize> =
        own_level(list, equals, list.len()).filter(|i| list.get(*i).is_some_and(|a| a.text == "|")).collect();
    let remarks =
        own_level(list, equals, list.len()).any(|i| list.get(i).is_some_and(|a| !a.remarks.is_empty()));
    let width: usize = list.iter().map(|a| a.lead.len() + a.width()).sum();
    let leading_bar = bars.first() == Some(&(equals + 1));
    let forced = list.iter().any(|a| a.forced);
    let broken = remarks || forced || width - if leading_bar { 2 } else { 0 } > WIDTH;
    let mut printer = Printer::new(list);
    printer.piece(0, equals + 1, 0);
    let first = equals + 1 + usize::from(leading_bar);
    let mut starts = vec![first];
    starts.extend(bars.iter().filter(|b| **b > first).map(|b| b + 1));
    for (index, start) in starts.iter().copied().enumerate() {
        let end = starts.get(index + 1).map_or(list.len(), |next| next - 1);
        if broken {
            let before = if start == first && !leading_bar { start..start + 1 } else { start - 1..start + 1 };
            for remark in before.filter_map(|i| list.get(i)).flat_map(|a| a.remarks.iter()) {
                if !remark.own_line && index > 0 {
                    printer.put(" ")
                } else {
                    printer.line(2)
                }
                printer.put(remark.text);
            }
            printer.line(2);
            printer.put("| ");
            printer.piece(start, end, 2);
        } else {
            printer.put(if index == 0 { " " } else { " | " });
            printer.piece(start, end, 0);
        }
    }
    Some(printer.out)
}
