//! A bare name as a value.

use super::{Body, Want};
use crate::code;
use crate::collect::{DefId, DefKind, World};
use crate::facts::Role;
use crate::names::Found;
use crate::tree::{Expr, ExprKind, Lambda};
use carapace_diagnostic::TextRange;
use carapace_module::{Type, TypeId, TypeKind};
use carapace_syntax::ast::Name;
use std::sync::Arc;

impl crate::collect::Checker<'_> {
    /// The number of a declared union's tag.
    pub(crate) fn world_tag(&self, id: TypeId, tag: &str) -> Option<u32> {
        match &self.program.types.get(id)?.kind {
            TypeKind::Union(tags) => {
                tags.iter().position(|t| *t.name == *tag).and_then(|n| u32::try_from(n).ok())
            }
            TypeKind::Record(_) => None,
        }
    }
}

impl<'a> Body<'_, 'a> {
    /// `name`.
    pub(crate) fn name(&mut self, name: &'a Name, want: Want<'_>) -> Expr {
        if name.text.is_empty() {
            return self.error(name.range);
        }
        if let Some(local) = self.find_local(&name.text) {
            return self.local(name, local);
        }
        if let Some(made) = self.bare_tag(name, want) {
            return made;
        }
        let found = self.find_global(&name.text);
        self.note_found(name, found);
        match found {
            Found::Item(id) => self.item_value(id, name.range, want),
            Found::Module(_) => {
                let told = self
                    .told(code::WRONG_KIND, name.range, format!("`{}` is a module, not a value", name.text))
                    .help(format!("name something of it: `{}.…`", name.text));
                self.report(told);
                self.error(name.range)
            }
            Found::Nothing | Found::Told => {
                self.unknown_name(name);
                self.error(name.range)
            }
        }
    }

    fn local(&mut self, name: &Name, local: crate::tree::LocalId) -> Expr {
        self.note_local(name, local, Role::Use);
        if self.info.get(local.0 as usize).is_some_and(|i| i.listen.is_some()) {
            let told = self
                .told(
                    code::WRONG_KIND,
                    name.range,
                    format!("`{}` is what a `listen` collects, not a value", name.text),
                )
                .help(format!("take the next one: `{}.next()`", name.text));
            self.report(told);
            return self.error(name.range);
        }
        let read = self.read(name.range, local);
        self.narrowed(read)
    }

    /// A tag without its union in front, where the union is wanted.
    fn bare_tag(&mut self, name: &Name, want: Want<'_>) -> Option<Expr> {
        let ty = union_of(want.ty()?)?.clone();
        let tag = self.tag_number(&ty, &name.text)?;
        let fields = self.tag_fields(&ty, tag)?;
        self.cx.note_tag(self.at, name, &ty);
        if !fields.is_empty() {
            let list = fields.iter().map(|(n, _)| format!("{n}: …")).collect::<Vec<_>>().join(", ");
            let told = self
                .told(code::MISSING_FIELD, name.range, format!("tag `{}` has fields", name.text))
                .help(format!("give them: `{}({list})`", name.text));
            self.report(told);
            return Some(self.error(name.range));
        }
        Some(self.make(name.range, ty, ExprKind::Tag(tag, Vec::new())))
    }

    /// Names and types of a tag's fields.
    pub(crate) fn tag_fields(&self, ty: &Type, tag: u32) -> Option<Vec<(Arc<str>, Type)>> {
        let Type::Declared(id, args) = ty else { return None };
        let TypeKind::Union(tags) = &self.cx.program.types.get(*id)?.kind else { return None };
        let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
        Some(
            tags.get(tag as usize)?
                .fields
                .iter()
                .map(|f| (f.name.clone(), crate::ty::substitute(&f.ty, &bound)))
                .collect(),
        )
    }

    /// An item as a value.
    pub(crate) fn item_value(&mut self, id: DefId, range: TextRange, want: Want<'_>) -> Expr {
        let def = self.cx.def(id);
        match def.kind {
            DefKind::Const => {
                let ty = self.cx.const_type(id);
                let Some(function) = self.cx.function(id) else { return self.error(range) };
                self.calls(crate::needs::Node::Function(function), range);
                self.make(range, ty, ExprKind::Call(function, Vec::new()))
            }
            DefKind::Setting => match self.cx.setting(id) {
                Some((setting, ty)) => {
                    self.note_address(&ty);
                    self.make(range, ty, ExprKind::Setting(setting))
                }
                None => self.error(range),
            },
            DefKind::State => self.state_read(id, range),
            DefKind::Channel => self.slot_value(id, range, self.cx.world.channel),
            DefKind::Room => self.slot_value(id, range, self.cx.world.room),
            DefKind::Group => self.slot_value(id, range, self.cx.world.group),
            DefKind::Connection => self.slot_value(id, range, self.cx.world.connection),
            DefKind::Agent => {
                self.touch_agent(id, range);
                self.slot_value(id, range, self.cx.world.agent)
            }
            DefKind::Fn | DefKind::ExternFn => self.function_value(id, range, want),
            DefKind::Tool | DefKind::Flow | DefKind::Effect => {
                let told = self
                    .told(
                        code::WRONG_KIND,
                        range,
                        format!("`{}` is {}, not a value", def.name, def.kind.noun()),
                    )
                    .help(format!("call it: `{}(…)`", def.name));
                self.report(told);
                self.error(range)
            }
            DefKind::Broken => self.error(range),
            DefKind::Type(_) | DefKind::Trigger | DefKind::ChannelKind | DefKind::TextTag => {
                let told = self
                    .told(
                        code::WRONG_KIND,
                        range,
                        format!("`{}` is {}, not a value", def.name, def.kind.noun()),
                    )
                    .help("name a value");
                self.report(told);
                self.error(range)
            }
        }
    }

    /// A slot as a value of its world type: a record of its full name.
    pub(crate) fn slot_value(&mut self, id: DefId, range: TextRange, ty: Option<TypeId>) -> Expr {
        if ty.is_none() {
            let def = self.cx.def(id);
            let told = self
                .told(code::WRONG_KIND, range, format!("`{}` is {}, not a value", def.name, def.kind.noun()))
                .help(format!("ask it for something: `{}.…(…)`", def.name));
            self.report(told);
            return self.error(range);
        }
        let name = self.cx.slot(id);
        let text = self.make(range, Type::Text, ExprKind::Slot(name));
        self.make(range, World::ty(ty), ExprKind::Record(vec![text], vec![0]))
    }

    fn function_value(&mut self, id: DefId, range: TextRange, want: Want<'_>) -> Expr {
        let def = self.cx.def(id);
        if !matches!(want.ty(), Some(Type::Fn(..))) {
            let told = self
                .told(code::WRONG_KIND, range, format!("`{}` is a function, not a value", def.name))
                .help(format!("call it: `{}(…)`", def.name));
            self.report(told);
            return self.error(range);
        }
        let Some(sig) = self.cx.callable(id) else { return self.error(range) };
        let params: Arc<[Type]> = sig.params.iter().map(|p| p.ty.clone()).collect();
        let ty = Type::Fn(params, Arc::new(sig.result.clone()));
        if def.kind == DefKind::Fn {
            let Some(function) = self.cx.function(id) else { return self.error(range) };
            self.calls(crate::needs::Node::Function(function), range);
            return self.make(range, ty, ExprKind::FunctionValue(function));
        }
        let Some(native) = self.cx.native(id) else { return self.error(range) };
        let params: Vec<_> = sig.params.iter().map(|p| self.hidden("", p.ty.clone(), false)).collect();
        let args = params.iter().map(|p| self.read(range, *p)).collect();
        let body = self.make(range, sig.result.clone(), ExprKind::CallNative(native, args));
        self.make(range, ty, ExprKind::Lambda(Box::new(Lambda { params, captures: Vec::new(), body })))
    }
}

/// The union in a wanted type, behind a `?` too.
pub(crate) fn union_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Declared(..) => Some(ty),
        Type::Optional(inner) => union_of(inner),
        _ => None,
    }
}
