//! One proposal.

use super::cursor::Cursor;
use crate::features::hover;
use crate::workspace::Snapshot;
use carapace_check::{Callable, DefinitionSite, ItemOutline, LocalName, Member, NameKind, Outline};
use carapace_diagnostic::{FileId, TextRange};
use carapace_module::Type;

/// What a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A name that means something.
    Name(NameKind),
    /// A word of the language.
    Keyword,
    /// Several words with places to fill in.
    Snippet,
    /// A type that no source declares.
    Builtin,
    /// A value, written out.
    Value,
}

/// Where the documentation of a proposal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Docs {
    /// There is none.
    None,
    /// With the declaration at this place.
    Site(DefinitionSite),
    /// With the module of this path.
    Module(String),
    /// In the list of words, under this one.
    Word(String),
    /// In the list of words that only tests and agents have, under this one.
    Listed(String),
    /// In the list of types that no source declares, under this one.
    Builtin(String),
    /// Here.
    Text(String),
}

/// Something that may be written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// As it is shown, and what is typed is compared with.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or declaration, on one line.
    pub detail: String,
    /// What is written.
    pub insert: String,
    /// The same with places to fill in (`${1:name}`), for editors that know them.
    pub snippet: Option<String>,
    /// What is replaced.
    pub replace: TextRange,
    /// Better ones have lower numbers.
    pub rank: u8,
    /// Where its documentation is.
    pub docs: Docs,
    /// The path of the module that has to be brought in with it.
    pub brings: Option<String>,
    /// What is typed is compared with this instead of the label.
    pub filter: Option<String>,
}

impl Completion {
    /// A proposal of plain text at the cursor.
    pub(super) fn plain(cursor: &Cursor<'_>, label: impl Into<String>, kind: CompletionKind) -> Completion {
        let label = label.into();
        Completion {
            insert: label.clone(),
            label,
            kind,
            detail: String::new(),
            snippet: None,
            replace: cursor.replace(),
            rank: 5,
            docs: Docs::None,
            brings: None,
            filter: None,
        }
    }

    /// A local name.
    pub(super) fn local(cursor: &Cursor<'_>, outline: &Outline, local: &LocalName) -> Completion {
        let detail = if local.ty == Type::Error { String::new() } else { outline.show(&local.ty) };
        Completion {
            detail,
            rank: 2,
            docs: Docs::Site(local.site),
            ..Completion::plain(cursor, &*local.name, CompletionKind::Name(local.kind))
        }
    }

    /// An item, called where it can be; `skip` parameters are there already.
    pub(super) fn item(cursor: &Cursor<'_>, item: &ItemOutline, skip: usize) -> Completion {
        let kind = CompletionKind::Name(item.kind);
        let made = Completion::plain(cursor, &*item.name, kind);
        let called = !matches!(item.kind, NameKind::Trigger) && !item.starts;
        let snippet = match &item.callable {
            Some(callable) if called && !cursor.called() => Some(call(&item.name, callable, skip)),
            _ => None,
        };
        Completion {
            detail: item.signature.to_string(),
            rank: 4,
            docs: Docs::Site(item.site),
            snippet,
            ..made
        }
    }

    /// What a value has.
    pub(super) fn member(cursor: &Cursor<'_>, outline: &Outline, member: &Member) -> Completion {
        let docs = member.site.map_or(Docs::None, Docs::Site);
        if member.kind != NameKind::Field
            && let Some(item) = member.site.and_then(|site| outline.item(site))
        {
            return Completion { rank: 4, docs, ..Completion::item(cursor, item, 1) };
        }
        Completion {
            detail: outline.show(&member.ty),
            rank: 1,
            docs,
            ..Completion::plain(cursor, &*member.name, CompletionKind::Name(member.kind))
        }
    }

    /// A tag of a union, with its fields to fill in.
    pub(super) fn tag(cursor: &Cursor<'_>, tag: &Member) -> Completion {
        let fields: Vec<&str> = match tag.signature.split_once('(') {
            Some((_, fields)) => {
                fields.trim_end_matches(')').split(", ").filter_map(|f| f.split(':').next()).collect()
            }
            None => Vec::new(),
        };
        let filled: Vec<String> = fields
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{name}: ${{{}:{name}}}", at.saturating_add(1)))
            .collect();
        Completion {
            detail: tag.signature.to_string(),
            rank: 0,
            docs: tag.site.map_or(Docs::None, Docs::Site),
            snippet: (!filled.is_empty()).then(|| format!("{}({})", tag.name, filled.join(", "))),
            ..Completion::plain(cursor, &*tag.name, CompletionKind::Name(NameKind::Tag))
        }
    }

    /// A word of the language.
    pub(super) fn keyword(cursor: &Cursor<'_>, word: &str) -> Completion {
        let docs = Docs::Word(word.to_owned());
        Completion { rank: 6, docs, ..Completion::plain(cursor, word, CompletionKind::Keyword) }
    }
}

/// `send(${1:content}, to: ${2:to})`: the first by its place, the others by name; what may be left out is.
fn call(name: &str, callable: &Callable, skip: usize) -> String {
    let optional = |ty: &Type| matches!(ty, Type::Optional(_));
    let needed =
        callable.params.iter().skip(skip).filter(|param| param.default.is_none() && !optional(&param.ty));
    let mut parts = Vec::new();
    for (at, param) in needed.enumerate() {
        let (number, name) = (at.saturating_add(1), &param.name);
        let filled = match (&param.ty, at) {
            (Type::Fn(..), _) => format!("${{{number}:it}} => $0"),
            (_, 0) => format!("${{{number}:{name}}}"),
            _ => format!("{name}: ${{{number}:{name}}}"),
        };
        parts.push(filled);
    }
    format!("{name}({})", parts.join(", "))
}

/// The documentation of a proposal.
pub fn docs(snapshot: &Snapshot, docs: &Docs) -> Option<String> {
    let outline = &snapshot.checked.outline;
    let trimmed = |docs: &str| docs.trim().to_owned();
    match docs {
        Docs::None => None,
        Docs::Text(text) => Some(text.clone()),
        Docs::Site(site) => outline.docs(*site).map(|docs| trimmed(docs)),
        Docs::Module(path) => outline.module(path)?.docs.as_deref().map(trimmed),
        Docs::Word(word) => hover::sentence(word).map(str::to_owned),
        Docs::Listed(word) => hover::listed(word).map(str::to_owned),
        Docs::Builtin(name) => hover::builtin(name).map(str::to_owned),
    }
}

/// What changes elsewhere in the file for a proposal that brings in this module.
pub fn edits(snapshot: &Snapshot, file: FileId, brings: &str) -> Vec<(TextRange, String)> {
    vec![super::modules::use_edit(snapshot, file, brings)]
}
