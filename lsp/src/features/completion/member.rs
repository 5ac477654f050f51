//! What may stand behind a dot, in braces of a record, and in a pattern.

use super::complete::Here;
use super::cursor::Cursor;
use super::proposal::{Completion, CompletionKind};
use carapace_check::{ItemOutline, NameKind, Outline, Reference};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind, FieldInit, Name, Path, PatternKind};
use carapace_syntax::walk::Node;

/// What something has.
pub(super) fn of(here: &Here<'_, '_>, base: &Expr) -> Vec<Completion> {
    let (outline, cursor) = (&here.tried.checked.outline, here.cursor);
    if let Some(reference) = last_name(here, base)
        && let Some(found) = of_name(outline, cursor, reference)
    {
        return found;
    }
    let Some(ty) = here.facts.type_of(base.range) else { return Vec::new() };
    let inner = match ty {
        Type::Optional(inner) => inner,
        other => other,
    };
    let members = outline.members(inner);
    let mut found: Vec<Completion> = members.iter().map(|m| Completion::member(cursor, outline, m)).collect();
    if matches!(ty, Type::Optional(_)) {
        // What may be none is asked with `?.`: the dot is written anew.
        if cursor.back(0) == "." {
            let dot = cursor.before.last().map_or(cursor.start, |token| token.start);
            for completion in &mut found {
                completion.replace = TextRange::new(dot, cursor.offset);
                completion.filter = Some(format!(".{}", completion.label));
                completion.insert = format!("?.{}", completion.insert);
                completion.snippet = completion.snippet.as_ref().map(|snippet| format!("?.{snippet}"));
            }
        }
        found.extend(outline.methods(ty).into_iter().map(|item| Completion::item(cursor, item, 1)));
    }
    found
}

/// The reference that an expression is, or ends with.
fn last_name<'s>(here: &Here<'s, '_>, base: &Expr) -> Option<&'s Reference> {
    let name = match &base.kind {
        ExprKind::Name(name) | ExprKind::Field { name, .. } => name,
        ExprKind::Paren(inner) => return last_name(here, inner),
        _ => return None,
    };
    here.facts.references.iter().find(|reference| reference.range == name.range)
}

/// What a module, a type or a channel has. None for what is a value.
fn of_name(outline: &Outline, cursor: &Cursor<'_>, reference: &Reference) -> Option<Vec<Completion>> {
    match reference.kind {
        NameKind::Module => Some(of_module(outline, cursor, reference)),
        NameKind::Type => {
            let item = outline.item(reference.site)?;
            Some(outline.tags(&item.ty).iter().map(|tag| Completion::tag(cursor, tag)).collect())
        }
        NameKind::Channel | NameKind::Room | NameKind::Group | NameKind::Agent | NameKind::Connection => {
            let slot = outline.item(reference.site)?;
            let effects = outline.effects_of(slot).into_iter().map(|item| Completion::item(cursor, item, 0));
            let mut found: Vec<Completion> = effects.collect();
            found.extend(outline.fields(&slot.ty).iter().map(|m| Completion::member(cursor, outline, m)));
            Some(found)
        }
        _ => None,
    }
}

fn of_module(outline: &Outline, cursor: &Cursor<'_>, reference: &Reference) -> Vec<Completion> {
    let path = outline.module_at(reference.site).or_else(|| {
        // An alias: the `use` that it is declared in says which module.
        let of_file =
            outline.package.modules.iter().find(|module| module.file == reference.site.span.file)?;
        let alias = cursor.back(1);
        let (_, path) = of_file.uses.iter().find(|(name, _)| &**name == alias)?;
        outline.module(path)
    });
    let named = |item: &&ItemOutline| {
        !matches!(item.kind, NameKind::ChannelKind | NameKind::TextTag | NameKind::Trigger | NameKind::Broken)
            && item.effect.as_ref().is_none_or(|effect| effect.on.is_none())
    };
    let items = path.into_iter().flat_map(|module| &module.items).filter(named);
    items.map(|item| Completion { rank: 2, ..Completion::item(cursor, item, 0) }).collect()
}

/// The type that a name of a record literal stands for.
pub(super) fn type_named(here: &Here<'_, '_>, name: &Name) -> Option<Type> {
    let reference =
        here.facts.references.iter().find(|r| r.range == name.range && r.kind == NameKind::Type)?;
    here.tried.checked.outline.item(reference.site).map(|item| item.ty.clone())
}

/// Fields of a record literal that have no value yet.
pub(super) fn missing_fields(here: &Here<'_, '_>, path: &Path, given: &[FieldInit]) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let Some(ty) = path.names.last().and_then(|name| type_named(here, name)) else { return Vec::new() };
    let missing = outline.fields(&ty).into_iter().filter(|f| !given.iter().any(|g| g.name.text == *f.name));
    missing
        .map(|field| {
            let made = Completion::member(here.cursor, outline, &field);
            Completion { insert: format!("{}: ", field.name), rank: 0, ..made }
        })
        .collect()
}

/// Tags in a `match`, of what is looked at; those that have a case already come last.
pub(super) fn patterns(here: &Here<'_, '_>, front: Option<&Name>) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let cases = here.path.iter().rev().find_map(|node| match node {
        Node::Expr(Expr { kind: ExprKind::Match(cases), .. }) => Some(cases),
        _ => None,
    });
    let Some(cases) = cases else { return Vec::new() };
    let Some(ty) = here.facts.type_of(cases.subject.range) else { return Vec::new() };
    let taken = |name: &str| {
        cases.arms.iter().any(|arm| match &arm.pattern.kind {
            PatternKind::Tag { path, .. } => path.names.last().is_some_and(|last| last.text == name),
            _ => false,
        })
    };
    let mut found: Vec<Completion> = outline
        .tags(ty)
        .iter()
        .map(|tag| {
            let made = Completion::tag(here.cursor, tag);
            let bound = made.snippet.as_ref().map(|s| s.replace(": ${", ": let ${"));
            Completion { snippet: bound, rank: if taken(&tag.name) { 7 } else { 0 }, ..made }
        })
        .collect();
    if front.is_none() {
        let word = |word: &str| Completion { rank: 4, ..Completion::keyword(here.cursor, word) };
        found.extend(["let", "_"].map(word));
        if matches!(ty, Type::Optional(_)) {
            found.push(word("none"));
        }
    }
    found
}

/// Fields of a tag's pattern.
pub(super) fn pattern_fields(here: &Here<'_, '_>) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let tag = here.path.iter().rev().find_map(|node| match node {
        Node::Pattern(pattern) => match &pattern.kind {
            PatternKind::Tag { path, .. } => path.names.last(),
            _ => None,
        },
        _ => None,
    });
    let site =
        tag.and_then(|tag| here.facts.references.iter().find(|r| r.range == tag.range)).map(|r| r.site);
    let Some(part) = site.and_then(|site| outline.part(site)) else { return Vec::new() };
    let fields = part.text.split_once('(').map_or("", |(_, fields)| fields.trim_end_matches(')'));
    let names = fields.split(", ").filter_map(|field| field.split_once(':'));
    names
        .map(|(name, ty)| Completion {
            detail: ty.trim().to_owned(),
            insert: format!("{name}: "),
            rank: 0,
            ..Completion::plain(here.cursor, name, CompletionKind::Name(NameKind::Field))
        })
        .collect()
}

/// What `is` may ask.
pub(super) fn conditions(here: &Here<'_, '_>, subject: &Expr) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let Some(ty) = here.facts.type_of(subject.range) else { return Vec::new() };
    let mut found: Vec<Completion> = outline
        .tags(ty)
        .iter()
        .map(|tag| Completion { snippet: None, ..Completion::tag(here.cursor, tag) })
        .collect();
    let words: &[&str] = match ty {
        Type::Optional(_) => &["some", "none"],
        Type::Text | Type::Bytes | Type::List(_) | Type::Map(..) => &["empty", "not"],
        _ => &[],
    };
    found.extend(words.iter().map(|word| Completion { rank: 1, ..Completion::keyword(here.cursor, word) }));
    found
}
