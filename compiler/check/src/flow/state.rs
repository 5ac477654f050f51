//! Durable state: its key, reads and writes.

use super::stmt::reads;
use crate::code;
use crate::collect::{Checker, DefId, DefKind, World};
use crate::facts::{NameKind, Role};
use crate::infer::{Body, Mode};
use crate::names::Found;
use crate::tree::{Expr, ExprKind, Migration, State, StateId, StmtKind};
use carapace_diagnostic::{Span, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::{self, ItemKind};
use std::sync::Arc;

/// What a state is kept by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StateKey {
    /// The run's sender: channel and id.
    Sender,
    /// The run's conversation: channel and id.
    Conversation,
    /// Values of a type: `name[key]`.
    Typed(Type),
}

impl<'a> Checker<'a> {
    /// The state's number in the program; entered when first asked for.
    pub(crate) fn state(&mut self, id: DefId) -> Option<StateId> {
        if let Some(known) = self.states.get(&id) {
            return Some(*known);
        }
        let def = self.def(id);
        let ItemKind::State(decl) = &def.item.kind else { return None };
        let made = StateId(u32::try_from(self.program.states.len()).unwrap_or(u32::MAX));
        self.states.insert(id, made);
        let ty = self.resolve_type(def.at, &decl.ty, &[]);
        self.refuse_function_type(def.at, &ty, decl.ty.range);
        let keys = self
            .state_keys(id)
            .iter()
            .flat_map(|key| match key {
                StateKey::Sender | StateKey::Conversation => vec![Type::Text, Type::Text],
                StateKey::Typed(ty) => vec![ty.clone()],
            })
            .collect();
        let name = self.full_name(id);
        let nothing = Expr { ty: Type::Error, span: def.span(), kind: ExprKind::Error };
        self.program.states.push(State {
            name,
            ty: ty.clone(),
            keys,
            init: nothing,
            keep: None,
            migrations: Vec::new(),
            span: def.span(),
        });
        let mut body = Body::new(self, def.at, Mode::Pure("the first value of a state"));
        let init = body.check(&decl.init, &ty);
        let keep =
            decl.keep.as_ref().and_then(|k| body.known_duration(&k.duration, "how long a state is kept"));
        body.check_state_keys(decl);
        body.finish(None);
        let migrations = self.migrations(id, decl, &ty);
        if let Some(state) = self.program.states.get_mut(made.0 as usize) {
            state.init = init;
            state.keep = keep;
            state.migrations = migrations;
        }
        Some(made)
    }

    /// What becomes of values of the types that the state had before.
    fn migrations(&mut self, id: DefId, decl: &'a ast::State, ty: &Type) -> Vec<Migration> {
        let def = self.def(id);
        let mut made: Vec<Migration> = Vec::new();
        for migration in &decl.migrations {
            let from = self.resolve_type(def.at, &migration.ty, &[]);
            self.refuse_function_type(def.at, &from, migration.ty.range);
            let mut body = Body::new(self, def.at, Mode::Pure("a migration"));
            if made.iter().any(|known| known.from == from) && from != Type::Error {
                let shown = body.cx.show(&from);
                let told = body
                    .told(code::TWICE, migration.ty.range, format!("there are two migrations from `{shown}`"))
                    .help("keep one of them: a value has one type, and becomes one value");
                body.report(told);
            }
            let param = body.declare(&migration.name, from.clone(), false);
            let value = body.check(&migration.value, ty);
            made.push(Migration { from, param, value, locals: body.finish(None) });
        }
        made
    }

    /// What it is kept by, in order.
    pub(crate) fn state_keys(&mut self, id: DefId) -> Vec<StateKey> {
        let def = self.def(id);
        let ItemKind::State(decl) = &def.item.kind else { return Vec::new() };
        if let Some(ty) = &decl.key_type {
            let ty = self.resolve_type(def.at, ty, &[]);
            return if World::is(&ty, self.world.user) {
                vec![StateKey::Sender]
            } else if World::is(&ty, self.world.conversation) {
                vec![StateKey::Conversation]
            } else {
                vec![StateKey::Typed(ty)]
            };
        }
        decl.keys
            .iter()
            .filter_map(|key| match &key.kind {
                ast::ExprKind::Name(name) if name.text == "sender" => Some(StateKey::Sender),
                ast::ExprKind::Name(name) if name.text == "conversation" => Some(StateKey::Conversation),
                _ => None,
            })
            .collect()
    }
}

impl<'a> Body<'_, 'a> {
    fn check_state_keys(&mut self, decl: &'a ast::State) {
        for key in &decl.keys {
            if let ast::ExprKind::Name(name) = &key.kind {
                self.cx.note_event_key(self.at, name);
            }
            if !matches!(&key.kind, ast::ExprKind::Name(n) if matches!(n.text.as_str(), "sender" | "conversation" | ""))
                && !matches!(key.kind, ast::ExprKind::Error)
            {
                let told = self
                    .told(code::STATE_KEY, key.range, "a state is kept by `sender`, by `conversation`, or by a type")
                    .help("write the type of the key: `by Text`, and give it where the state is used: `name[key]`");
                self.report(told);
            }
        }
        if let Some(ty) = &decl.key_type {
            let resolved = self.cx.resolve_type(self.at, ty, &[]);
            let world =
                World::is(&resolved, self.cx.world.user) || World::is(&resolved, self.cx.world.conversation);
            if !world && !crate::ty::is_keyable(&self.cx.program.types, &resolved) {
                let shown = self.cx.show(&resolved);
                let told = self
                    .told(code::KEY, ty.range, format!("a `{shown}` cannot be the key of a state"))
                    .help("use a text, a number, a time, or a tag without fields");
                self.report(told);
            }
        }
    }

    /// A state by its bare name: of the run's sender and conversation, where it is kept by them.
    pub(crate) fn state_read(&mut self, id: DefId, range: TextRange) -> Expr {
        let Some(key) = self.implicit_key(id, range) else { return self.error(range) };
        self.state_get(id, key, range)
    }

    /// `state[key]`.
    pub(crate) fn state_read_at(&mut self, id: DefId, range: TextRange, key: &'a ast::Expr) -> Expr {
        let Some(key) = self.explicit_key(id, key) else { return self.error(range) };
        self.state_get(id, key, range)
    }

    fn state_get(&mut self, id: DefId, key: Vec<Expr>, range: TextRange) -> Expr {
        if let Mode::Pure(what) = self.mode {
            let name = self.cx.def(id).name;
            let told = self
                .told(code::IMPURE, range, format!("`{name}` is a state, and {what} is pure"))
                .help("hand its value over as a parameter");
            self.report(told);
            return self.error(range);
        }
        self.reads_state = true;
        let Some(state) = self.cx.state(id) else { return self.error(range) };
        let full = self.cx.full_name(id);
        self.touch(format!("state {full}: read"));
        let ty = self.cx.program.states.get(state.0 as usize).map_or(Type::Error, |s| s.ty.clone());
        self.note_address(&ty);
        self.make(range, ty, ExprKind::StateGet(state, key))
    }

    fn implicit_key(&mut self, id: DefId, range: TextRange) -> Option<Vec<Expr>> {
        let name = self.cx.def(id).name;
        let mut parts = Vec::new();
        for key in self.cx.state_keys(id) {
            let word = match key {
                StateKey::Sender => "sender",
                StateKey::Conversation => "conversation",
                StateKey::Typed(_) => {
                    let told = self
                        .told(code::STATE_KEY, range, format!("`{name}` has a value for each key"))
                        .also(self.cx.def(id).span(), "declared with `by` here")
                        .help(format!("say which: `{name}[key]`"));
                    self.report(told);
                    return None;
                }
            };
            let Some(local) = self.find_local(word) else {
                let told = self
                    .told(
                        code::STATE_KEY,
                        range,
                        format!("`{name}` is kept by {word}, and there is none here"),
                    )
                    .also(self.cx.def(id).span(), "declared with `by` here")
                    .help(format!(
                        "say whose: `{name}[{}]`, with a parameter of type `{}`",
                        if word == "sender" { "user" } else { word },
                        if word == "sender" { "User" } else { "Conversation" }
                    ));
                self.report(told);
                return None;
            };
            let value = self.read(range, local);
            parts.extend(self.key_parts_of(value));
        }
        Some(parts)
    }

    fn explicit_key(&mut self, id: DefId, key: &'a ast::Expr) -> Option<Vec<Expr>> {
        let keys = self.cx.state_keys(id);
        let name = self.cx.def(id).name;
        let [only] = keys.as_slice() else {
            let message = if keys.is_empty() {
                format!("`{name}` has one value, without a key")
            } else {
                format!("`{name}` is kept by the run's own sender and conversation")
            };
            let told = self
                .told(code::STATE_KEY, key.range, message)
                .also(self.cx.def(id).span(), "declared here")
                .help(format!("write `{name}`"));
            self.report(told);
            return None;
        };
        let ty = match only {
            StateKey::Typed(ty) => {
                let ty = ty.clone();
                return Some(vec![self.check(key, &ty)]);
            }
            StateKey::Sender => World::ty(self.cx.world.user),
            StateKey::Conversation => World::ty(self.cx.world.conversation),
        };
        let value = self.infer(key, crate::infer::Want::Ty(&ty));
        if self.mode == Mode::Test && value.ty == Type::Text {
            // People of the simulated world have short names; their channel is the package's only one, or any.
            let channel = self.make(
                key.range,
                Type::Text,
                ExprKind::Const(crate::infer::text_value(&self.cx.only_channel())),
            );
            return Some(vec![channel, value]);
        }
        let value = self.convert(value, &ty);
        Some(self.key_parts_of(value))
    }

    /// A key as the parts that it is stored under: people and conversations by channel and id.
    pub(crate) fn key_parts_of(&mut self, value: Expr) -> Vec<Expr> {
        let world =
            World::is(&value.ty, self.cx.world.user) || World::is(&value.ty, self.cx.world.conversation);
        if !world {
            return vec![value];
        }
        ["channel", "id"]
            .iter()
            .filter_map(|field| {
                let Type::Declared(id, _) = &value.ty else { return None };
                let carapace_module::TypeKind::Record(fields) = &self.cx.program.types.get(*id)?.kind else {
                    return None;
                };
                let slot = u32::try_from(fields.iter().position(|f| *f.name == **field)?).ok()?;
                let kind = ExprKind::Field(Box::new(value.clone()), slot);
                Some(Expr { ty: Type::Text, span: value.span, kind })
            })
            .collect()
    }

    /// `set name = e`, `set name[key] = e`.
    pub(crate) fn set(
        &mut self,
        range: TextRange,
        target: &'a ast::Expr,
        key: Option<&'a ast::Expr>,
        value: &'a ast::Expr,
    ) -> Option<StmtKind> {
        let found = self.find_path(target);
        let Found::Item(id) = found else {
            if found == Found::Nothing {
                self.no_state(target);
            }
            self.infer(value, crate::infer::Want::Any);
            return None;
        };
        let def = self.cx.def(id);
        if def.kind != DefKind::State {
            let told = self
                .told(code::SET, target.range, format!("`{}` is {}, not a state", def.name, def.kind.noun()))
                .also(def.span(), "declared here")
                .help("`set` writes what is declared with `state`");
            self.report(told);
            self.infer(value, crate::infer::Want::Any);
            return None;
        }
        if !self.may_act(range, "set") {
            return None;
        }
        self.note_written(target, def.span());
        let state = self.cx.state(id)?;
        let full = self.cx.full_name(id);
        self.touch(format!("state {full}: write"));
        let ty = self.cx.program.states.get(state.0 as usize).map_or(Type::Error, |s| s.ty.clone());
        let keys = match key {
            Some(key) => self.explicit_key(id, key),
            None => self.implicit_key(id, target.range),
        };
        let made = self.check(value, &ty);
        self.warn_stale(state, &made, value.range);
        Some(StmtKind::Set(state, keys?, made))
    }

    /// Notes that the state that an expression names is written.
    fn note_written(&mut self, target: &'a ast::Expr, site: Span) {
        match &target.kind {
            ast::ExprKind::Paren(inner) => self.note_written(inner, site),
            ast::ExprKind::Name(name) | ast::ExprKind::Field { name, .. } => {
                let at = self.span(name.range);
                self.cx.notes.name(at, site, NameKind::State, Role::Write);
            }
            _ => {}
        }
    }

    fn no_state(&mut self, target: &'a ast::Expr) {
        if let ast::ExprKind::Name(name) = &target.kind {
            let local = self.names.iter().any(|(n, _)| **n == *name.text);
            if local {
                let told = self
                    .told(code::SET, target.range, format!("`{}` is a local name, not a state", name.text))
                    .help(format!("a `var` is assigned without `set`: `{} = …`", name.text));
                self.report(told);
            } else {
                self.unknown_name(name);
            }
        } else if !matches!(target.kind, ast::ExprKind::Error) {
            let told = self
                .told(code::SET, target.range, "`set` writes a state")
                .help("name it: `set score = …`, `set score[key] = …`");
            self.report(told);
        }
    }

    /// States that a value was computed from, with the waits before they were read.
    pub(crate) fn states_read(&self, value: &Expr) -> Vec<(StateId, u32)> {
        let (mut locals, mut states) = (Vec::new(), Vec::new());
        reads(crate::lint::Part::Expr(value), &mut locals, &mut states);
        let direct = states.into_iter().map(|s| (s, self.waits));
        let before = locals
            .into_iter()
            .filter_map(|l| self.info.get(l.0 as usize))
            .flat_map(|i| i.read.iter().copied());
        direct.chain(before).collect()
    }

    fn warn_stale(&mut self, state: StateId, value: &Expr, range: TextRange) {
        let stale = self.states_read(value).into_iter().any(|(s, waits)| s == state && waits < self.waits);
        if !stale {
            return;
        }
        let name =
            self.cx.program.states.get(state.0 as usize).map(|s| Arc::clone(&s.name)).unwrap_or_default();
        let short = name.rsplit('.').next().unwrap_or(&name).to_owned();
        let told = self
            .told(
                code::STALE_WRITE,
                range,
                format!("`{short}` was read before a wait: another run may have written it since"),
            )
            .help(format!("read it again here: `set {short} = {short} + …`"));
        self.report(told);
    }
}
