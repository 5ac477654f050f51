//! Types as written, and the bodies of declared types.

use super::{At, Checker, DefKind, FieldSig};
use crate::code;
use crate::facts::{NameKind, Role};
use carapace_diagnostic::{Diagnostic, TextRange, suggest};
use carapace_module::{Field, Type, TypeDef, TypeId, TypeKind, Variant};
use carapace_syntax::ast::{self, ItemKind, Name, Path, TypeBody, TypeExpr, TypeExprKind};
use std::sync::Arc;

const BUILTIN: [&str; 17] = [
    "Bool", "Int", "Number", "Text", "Bytes", "Time", "Date", "Duration", "Money", "Json", "Regex",
    "Nothing", "Secret", "List", "Map", "Never", "Type",
];

impl<'a> Checker<'a> {
    /// Fills in the fields and tags of every declared type.
    pub(crate) fn resolve_types(&mut self) {
        for index in 0..self.defs.len() {
            let Some(def) = self.defs.get(index).copied() else { continue };
            let (DefKind::Type(id), ItemKind::Type(decl)) = (def.kind, &def.item.kind) else { continue };
            let (kind, fields, variants) = match &decl.body {
                TypeBody::Record(fields) => {
                    let (fields, sigs) = self.resolve_fields(def.at, fields, &decl.params);
                    (TypeKind::Record(fields), sigs, Vec::new())
                }
                TypeBody::Union(tags) => {
                    let (tags, sigs) = self.resolve_tags(def.at, tags, &decl.params);
                    (TypeKind::Union(tags), Vec::new(), sigs)
                }
            };
            if let Some(entry) = self.program.types.types.get_mut(id.0 as usize) {
                entry.kind = kind;
            }
            if let Some(info) = self.type_info.get_mut(id.0 as usize) {
                info.fields = fields;
                info.variants = variants;
            }
        }
        self.refuse_infinite_types();
    }

    fn resolve_fields(
        &mut self,
        at: At,
        fields: &'a [ast::Field],
        params: &'a [Name],
    ) -> (Vec<Field>, Vec<FieldSig<'a>>) {
        let mut out: Vec<Field> = Vec::with_capacity(fields.len());
        let mut sigs = Vec::with_capacity(fields.len());
        for field in fields {
            if !field.name.text.is_empty() && out.iter().any(|f| *f.name == *field.name.text) {
                self.twice(at, &field.name, "field");
                continue;
            }
            let ty = self.resolve_type(at, &field.ty, params);
            self.refuse_function_type(at, &ty, field.ty.range);
            out.push(Field {
                name: Arc::from(field.name.text.as_str()),
                json_key: field.json_key.as_deref().map(Arc::from),
                docs: field.docs.as_deref().map(Arc::from),
                ty,
            });
            sigs.push(FieldSig { default: field.default.as_ref() });
        }
        (out, sigs)
    }

    fn resolve_tags(
        &mut self,
        at: At,
        tags: &'a [ast::Variant],
        params: &'a [Name],
    ) -> (Vec<Variant>, Vec<Vec<FieldSig<'a>>>) {
        let mut out: Vec<Variant> = Vec::with_capacity(tags.len());
        let mut all = Vec::with_capacity(tags.len());
        for tag in tags {
            if !tag.name.text.is_empty() && out.iter().any(|t| *t.name == *tag.name.text) {
                self.twice(at, &tag.name, "tag");
                continue;
            }
            let (fields, sigs) = self.resolve_fields(at, &tag.fields, params);
            out.push(Variant {
                name: Arc::from(tag.name.text.as_str()),
                docs: tag.docs.as_deref().map(Arc::from),
                fields,
            });
            all.push(sigs);
        }
        (out, all)
    }

    pub(crate) fn twice(&mut self, at: At, name: &Name, what: &str) {
        self.report(
            Diagnostic::new(
                code::TWICE,
                at.span(name.range),
                format!("{what} `{}` stands here twice", name.text),
            )
            .help("leave one of them out"),
        );
    }

    /// Functions live only while a pure call runs: nothing that is stored may hold one.
    pub(crate) fn refuse_function_type(&mut self, at: At, ty: &Type, range: TextRange) {
        if holds_function(ty) {
            self.report(
                Diagnostic::new(
                    code::NOT_STORABLE,
                    at.span(range),
                    format!("`{}` cannot be kept: a function cannot be stored", self.show(ty)),
                )
                .help("functions may only be parameters of `fn`; keep a tag and `match` on it instead"),
            );
        }
    }

    /// A written type; mistakes are told and absorb what follows from them.
    pub(crate) fn resolve_type(&mut self, at: At, ty: &TypeExpr, params: &[Name]) -> Type {
        match &ty.kind {
            TypeExprKind::Error => Type::Error,
            TypeExprKind::Optional(inner) => self.resolve_type(at, inner, params).optional(),
            TypeExprKind::Fn { params: inputs, result } => {
                let inputs = inputs.iter().map(|p| self.resolve_type(at, p, params)).collect();
                Type::Fn(inputs, Arc::new(self.resolve_type(at, result, params)))
            }
            TypeExprKind::Named { path, args } => {
                let args: Vec<Type> = args.iter().map(|a| self.resolve_type(at, a, params)).collect();
                self.named_type(at, path, args, ty.range, params)
            }
        }
    }

    fn named_type(
        &mut self,
        at: At,
        path: &Path,
        args: Vec<Type>,
        range: TextRange,
        params: &[Name],
    ) -> Type {
        let names: Vec<&str> = path.names.iter().map(|n| n.text.as_str()).collect();
        if names.iter().any(|n| n.is_empty()) {
            return Type::Error;
        }
        if let [name] = names.as_slice() {
            if let Some(n) = params.iter().position(|p| p.text == *name) {
                if let (Some(own), Some(param)) = (path.names.first(), params.get(n)) {
                    let site = at.span(param.range);
                    self.notes.name(at.span(own.range), site, NameKind::TypeParam, Role::Use);
                }
                return Type::Param(u32::try_from(n).unwrap_or(0));
            }
            // The module's own declaration goes before a builtin of the same name only in the library's docs.
            if let Some((ty, wanted)) = builtin(name, &args) {
                return if wanted == args.len() {
                    ty
                } else {
                    self.type_arguments(at, range, name, wanted, args.len())
                };
            }
        }
        if let [name] = names.as_slice()
            && args.is_empty()
            && let Some(ty) = self.tag_types.get(name).cloned()
        {
            self.note_text_type(at, path, &ty);
            return ty;
        }
        let Some(id) = self.find_type(at, path) else { return self.unknown_type(at, path, params) };
        self.note_type_path(at, &path.names);
        let DefKind::Type(ty) = self.def(id).kind else {
            let def = self.def(id);
            if def.kind == DefKind::Broken {
                return Type::Error;
            }
            self.report(
                Diagnostic::new(
                    code::WRONG_KIND,
                    at.span(range),
                    format!("`{}` is {}, not a type", def.name, def.kind.noun()),
                )
                .also(def.span(), "declared here"),
            );
            return Type::Error;
        };
        let wanted = self.program.types.get(ty).map_or(0, |d| d.params as usize);
        if wanted != args.len() {
            let name = self.def(id).name;
            return self.type_arguments(at, range, name, wanted, args.len());
        }
        Type::Declared(ty, Arc::from(args))
    }

    /// `Url` is declared as a type where it has docs of its own, else with the text that it is the type of.
    fn note_text_type(&mut self, at: At, path: &Path, ty: &Type) {
        if let (Type::Template(tag), [name]) = (ty, path.names.as_slice()) {
            if self.prelude.contains_key(name.text.as_str()) {
                self.note_type_path(at, &path.names);
            } else if let Some(id) = self.text_tags.get(&**tag).copied() {
                self.note_item(at, name, id);
            }
        }
    }

    pub(crate) fn find_type(&self, at: At, path: &Path) -> Option<super::DefId> {
        let (last, front) = path.names.split_last()?;
        let scope = self.module(at.module);
        let found = match front {
            [] => {
                scope.names.get(last.text.as_str()).or_else(|| self.prelude.get(last.text.as_str())).copied()
            }
            [alias] => {
                let target = scope.uses.get(alias.text.as_str())?;
                self.seen.alias(at.module, &alias.text);
                self.module(*target).names.get(last.text.as_str()).copied()
            }
            _ => None,
        }?;
        self.seen.item(found);
        Some(found)
    }

    fn unknown_type(&mut self, at: At, path: &Path, params: &[Name]) -> Type {
        let Some(last) = path.names.last() else { return Type::Error };
        let scope = match path.names.as_slice() {
            [alias, _] => match self.module(at.module).uses.get(alias.text.as_str()) {
                Some(target) => self.module(*target),
                None => {
                    self.unknown_alias(at, alias);
                    return Type::Error;
                }
            },
            _ => self.module(at.module),
        };
        let own = scope.names.iter().filter(|(_, id)| matches!(self.def(**id).kind, DefKind::Type(_)));
        let prelude = self.prelude.iter().filter(|(_, id)| matches!(self.def(**id).kind, DefKind::Type(_)));
        let mut candidates: Vec<&str> = own.chain(prelude).map(|(n, _)| *n).collect();
        candidates.sort_unstable();
        candidates.extend(BUILTIN.iter().filter(|b| !matches!(**b, "Never" | "Type")));
        candidates.extend(params.iter().map(|p| p.text.as_str()));
        candidates.extend(self.tag_types.keys());
        let near = suggest(&last.text, candidates).map(str::to_owned);
        let span = at.span(last.range);
        let told = Diagnostic::new(code::UNKNOWN_TYPE, span, format!("there is no type `{}`", last.text));
        self.report(match near {
            Some(near) => {
                told.help(format!("did you mean `{near}`?")).fix(format!("replace with `{near}`"), span, near)
            }
            None => told.help(format!("declare it: `type {} {{ … }}`", last.text)),
        });
        Type::Error
    }

    pub(crate) fn unknown_alias(&mut self, at: At, alias: &Name) {
        let near = suggest(&alias.text, self.module(at.module).uses.keys().copied()).map(str::to_owned);
        let span = at.span(alias.range);
        let told =
            Diagnostic::new(code::UNKNOWN_NAME, span, format!("there is no module `{}` here", alias.text));
        self.report(match near {
            Some(near) => {
                told.help(format!("did you mean `{near}`?")).fix(format!("replace with `{near}`"), span, near)
            }
            None => told.help(format!("bring it in with `use …/{}`", alias.text)),
        });
    }

    fn type_arguments(&mut self, at: At, range: TextRange, name: &str, wanted: usize, given: usize) -> Type {
        let wants = match wanted {
            0 => "no type arguments".to_owned(),
            1 => "one type argument".to_owned(),
            n => format!("{n} type arguments"),
        };
        self.report(
            Diagnostic::new(
                code::TYPE_ARGUMENTS,
                at.span(range),
                format!("`{name}` takes {wants}, but {given} are given"),
            )
            .help(match wanted {
                0 => format!("write `{name}`"),
                1 => format!("write `{name}<T>` with the type of its values for `T`"),
                _ => format!("write `{name}<K, V>` with the types of its keys and values"),
            }),
        );
        Type::Error
    }

    /// An unnamed record, one entry for all of the same shape.
    pub(crate) fn unnamed_record(&mut self, fields: Vec<(Arc<str>, Type)>) -> Type {
        if let Some(id) = self.unnamed.get(&fields) {
            return Type::declared(*id);
        }
        let kind = TypeKind::Record(
            fields
                .iter()
                .map(|(name, ty)| Field { name: name.clone(), json_key: None, docs: None, ty: ty.clone() })
                .collect(),
        );
        let id = self.unnamed_type(kind);
        self.unnamed.insert(fields, id);
        Type::declared(id)
    }

    /// An unnamed union: each tag with the fields given.
    pub(crate) fn unnamed_union(&mut self, tags: Vec<(Arc<str>, Option<Type>)>) -> Type {
        let kind = TypeKind::Union(
            tags.into_iter()
                .map(|(name, value)| Variant {
                    name,
                    docs: None,
                    fields: value
                        .into_iter()
                        .map(|ty| Field { name: Arc::from("value"), json_key: None, docs: None, ty })
                        .collect(),
                })
                .collect(),
        );
        Type::declared(self.unnamed_type(kind))
    }

    fn unnamed_type(&mut self, kind: TypeKind) -> TypeId {
        let id = TypeId(u32::try_from(self.program.types.types.len()).unwrap_or(u32::MAX));
        self.program.types.types.push(TypeDef { name: Arc::from(""), docs: None, params: 0, kind });
        self.type_info.push(super::TypeInfo::default());
        id
    }

    /// A record that holds itself without `?`, list or map in between has no smallest value.
    fn refuse_infinite_types(&mut self) {
        for index in 0..self.defs.len() {
            let Some(def) = self.defs.get(index).copied() else { continue };
            let DefKind::Type(id) = def.kind else { continue };
            if self.is_package(def.at.module) && self.reaches(id, id, &mut Vec::new()) {
                self.report(
                    Diagnostic::new(
                        code::INFINITE_TYPE,
                        def.span(),
                        format!("every `{}` would contain another `{}`, without end", def.name, def.name),
                    )
                    .help("make one of the fields on the way optional (`?`), or a list"),
                );
            }
        }
    }

    fn reaches(&self, from: TypeId, to: TypeId, seen: &mut Vec<TypeId>) -> bool {
        if seen.contains(&from) {
            return false;
        }
        seen.push(from);
        let hit = |ty: &Type, seen: &mut Vec<TypeId>| match ty {
            Type::Declared(id, _) => *id == to || self.reaches(*id, to, seen),
            _ => false,
        };
        match self.program.types.get(from).map(|d| &d.kind) {
            Some(TypeKind::Record(fields)) => fields.iter().any(|f| hit(&f.ty, seen)),
            // A union ends where one tag does.
            Some(TypeKind::Union(tags)) => {
                !tags.is_empty()
                    && tags.iter().all(|t| t.fields.iter().any(|f| hit(&f.ty, &mut seen.clone())))
            }
            None => false,
        }
    }
}

/// A builtin type of that name with its arguments, and how many it takes.
fn builtin(name: &str, args: &[Type]) -> Option<(Type, usize)> {
    let arg = |n: usize| Arc::new(args.get(n).cloned().unwrap_or(Type::Error));
    Some(match name {
        "Bool" => (Type::Bool, 0),
        "Int" => (Type::Int, 0),
        "Number" => (Type::Number, 0),
        "Text" => (Type::Text, 0),
        "Bytes" => (Type::Bytes, 0),
        "Time" => (Type::Time, 0),
        "Date" => (Type::Date, 0),
        "Duration" => (Type::Duration, 0),
        "Money" => (Type::Money, 0),
        "Json" => (Type::Json, 0),
        "Regex" => (Type::Regex, 0),
        "Nothing" => (Type::Nothing, 0),
        "Never" => (Type::Never, 0),
        "Secret" => (Type::Secret, 0),
        // Only of parameters of trigger declarations: the argument is a type.
        "Type" => (Type::Error, 0),
        "List" => (Type::List(arg(0)), 1),
        "Map" => (Type::Map(arg(0), arg(1)), 2),
        _ => return None,
    })
}

fn holds_function(ty: &Type) -> bool {
    match ty {
        Type::Fn(..) => true,
        Type::List(a) | Type::Optional(a) => holds_function(a),
        Type::Map(a, b) => holds_function(a) || holds_function(b),
        Type::Declared(_, args) => args.iter().any(holds_function),
        _ => false,
    }
}
