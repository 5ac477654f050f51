//! What stands for a value that its author has not written yet.

use super::place::Place;
use carapace_check::NameKind;
use carapace_diagnostic::FileId;
use carapace_module::{Type, TypeKind};
use carapace_syntax::ast::{Field, ItemKind, TypeBody};

/// A record in a record in a record is deep enough.
const DEPTH: usize = 3;

impl Place<'_> {
    /// A value of a type for something of that name: what is in scope under the name, else the plainest there is. None where a
    /// value has to come from somewhere (a person, a message).
    pub(super) fn filler(&self, name: &str, ty: &Type) -> Option<String> {
        let here = self.locals(self.cursor());
        let known = here.iter().find(|local| &*local.name == name && local.ty == *ty);
        let value =
            |kind| matches!(kind, NameKind::Param | NameKind::Local | NameKind::Var | NameKind::EventField);
        known.filter(|local| value(local.kind)).map(|_| name.to_owned()).or_else(|| self.plainest(ty, DEPTH))
    }

    fn plainest(&self, ty: &Type, depth: usize) -> Option<String> {
        let plain = match ty {
            Type::Bool => "false",
            Type::Int | Type::Number => "0",
            Type::Text => "\"\"",
            Type::Duration => "1m",
            Type::Money => "0 EUR",
            Type::Time => "moment(\"2026-01-01T00:00:00Z\")",
            Type::Json => "to_json(\"\")",
            Type::List(_) => "[]",
            Type::Map(..) => "[:]",
            Type::Optional(_) => "none",
            Type::Template(tag) if **tag == *"url" => "url\"https://example.com/\"",
            Type::Declared(id, args) if args.is_empty() => return self.declared(ty, *id, depth),
            _ => return None,
        };
        Some(plain.to_owned())
    }

    fn declared(&self, ty: &Type, id: carapace_module::TypeId, depth: usize) -> Option<String> {
        let written = self.written(ty)?;
        let depth = depth.checked_sub(1)?;
        match &self.outline().types.get(id)?.kind {
            TypeKind::Record(_) => {
                let fields = self.required_fields(ty)?;
                let values: Option<Vec<String>> = fields
                    .iter()
                    .map(|(name, ty)| Some(format!("{name}: {}", self.plainest(ty, depth)?)))
                    .collect();
                Some(format!("{written} {{ {} }}", values?.join(", ")))
            }
            TypeKind::Union(tags) => {
                if let Some(tag) = tags.iter().find(|tag| tag.fields.is_empty()) {
                    return Some(format!("{written}.{}", tag.name));
                }
                let tag = tags.first()?;
                let values: Option<Vec<String>> = tag
                    .fields
                    .iter()
                    .map(|field| Some(format!("{}: {}", field.name, self.plainest(&field.ty, depth)?)))
                    .collect();
                Some(format!("{written}.{}({})", tag.name, values?.join(", ")))
            }
        }
    }

    /// The fields of a declared record that every literal of it has: those without a default that may not be missing.
    pub(super) fn required_fields(&self, ty: &Type) -> Option<Vec<(String, Type)>> {
        let fields = self.outline().fields(ty);
        if fields.is_empty() || fields.iter().any(|field| field.site.is_none()) {
            return None;
        }
        let needed = fields.into_iter().filter(|field| {
            let defaulted =
                field.site.is_some_and(|site| has_default(self, site.span.file, site.span.range.start));
            !defaulted && !matches!(field.ty, Type::Optional(_))
        });
        Some(needed.map(|field| (field.name.to_string(), field.ty)).collect())
    }
}

impl Place<'_> {
    /// The fields of a tag of a union, behind a `?` too.
    pub(super) fn tag_fields(&self, ty: &Type, tag: &str) -> Option<Vec<(String, Type)>> {
        let id = match ty {
            Type::Declared(id, args) if args.is_empty() => *id,
            Type::Optional(inner) => return self.tag_fields(inner, tag),
            _ => return None,
        };
        let TypeKind::Union(tags) = &self.outline().types.get(id)?.kind else { return None };
        let found = tags.iter().find(|known| *known.name == *tag)?;
        Some(found.fields.iter().map(|field| (field.name.to_string(), field.ty.clone())).collect())
    }
}

/// Whether the field that is declared there has a default.
fn has_default(place: &Place<'_>, file: FileId, offset: u32) -> bool {
    let Some(placed) = place.here.snapshot.item_at(file, offset) else { return false };
    let ItemKind::Type(decl) = &placed.item.kind else { return false };
    let at = |field: &Field| field.name.range.start.saturating_add(placed.offset) == offset;
    let fields: Vec<&Field> = match &decl.body {
        TypeBody::Record(fields) => fields.iter().collect(),
        TypeBody::Union(tags) => tags.iter().flat_map(|tag| &tag.fields).collect(),
    };
    fields.into_iter().any(|field| at(field) && field.default.is_some())
}
