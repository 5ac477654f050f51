//! What is declared, as data.

use crate::facts::{DefinitionSite, NameKind};
use carapace_diagnostic::{FileId, Span};
use carapace_module::signature::DeliveryClass;
use carapace_module::{Type, TypeTable};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The package's declarations and the library's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// The library's.
    pub library: Arc<OutlinePart>,
    /// The package's.
    pub package: OutlinePart,
    /// The types of both, which `Type` values of the same check refer to.
    pub types: TypeTable,
}

/// The declarations of some modules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutlinePart {
    /// The modules.
    pub modules: Vec<ModuleOutline>,
    /// What kinds of channels there are; `any` among them.
    pub kinds: Vec<KindOutline>,
    /// Names that are in scope everywhere, with their items. Sorted by name.
    pub prelude: Vec<(Arc<str>, DefinitionSite)>,
    /// Modules that are in scope everywhere: their last names and their paths. Sorted by name.
    pub prelude_modules: Vec<(Arc<str>, Arc<str>)>,
    /// By site, module and number of each item.
    pub(super) items: FxHashMap<DefinitionSite, (u32, u32)>,
    /// Fields, tags and parameters, by site.
    pub(super) parts: FxHashMap<DefinitionSite, PartOutline>,
}

/// A module.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleOutline {
    /// `shop/orders`, `std/chat`.
    pub path: Arc<str>,
    /// Its file.
    pub file: FileId,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// Whether its names are in scope everywhere.
    pub prelude: bool,
    /// What it brings in: the names by which it calls modules, and their paths.
    pub uses: Vec<(Arc<str>, Arc<str>)>,
    /// Its items that have names, in source order.
    pub items: Vec<ItemOutline>,
}

/// A declared item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemOutline {
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NameKind,
    /// Its name's place.
    pub site: DefinitionSite,
    /// How its declaration begins, on one line: `fn double(x: Int) -> Int`.
    pub signature: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// Its value's type, what a call of it gives, or the type itself.
    pub ty: Type,
    /// How it is called.
    pub callable: Option<Callable>,
    /// Of effects.
    pub effect: Option<EffectOutline>,
    /// Of channels, rooms and connections: the kind.
    pub of: Option<Arc<str>>,
    /// Of triggers: what the event brings, in order. The type is the absorbing one where the flow says it.
    pub fields: Vec<(Arc<str>, Type)>,
    /// Of triggers: what they are of (`channel`), if of anything.
    pub on: Option<Arc<str>>,
    /// Of effects and triggers: what the kind of channel must be able to do.
    pub requires: Vec<Arc<str>>,
    /// Of flows: whether it starts by itself.
    pub starts: bool,
}

/// How something is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Callable {
    /// Names of type parameters.
    pub type_params: Vec<Arc<str>>,
    /// Parameters, in order.
    pub params: Vec<Parameter>,
    /// What it gives.
    pub result: Type,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub site: DefinitionSite,
    /// As written: `to: trusted Target? = none`.
    pub text: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Its default, as written.
    pub default: Option<Arc<str>>,
    /// Whether it takes a secret.
    pub secret: bool,
    /// Whether it takes nothing untrusted.
    pub trusted: bool,
}

/// What else is said of an effect.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectOutline {
    /// How the runtime knows it: `chat.reply`.
    pub identity: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// What it is called on: `agent`, `channel`, a kind of connection (`mcp`); none for a free function.
    pub on: Option<Arc<str>>,
    /// How often it may happen.
    pub class: DeliveryClass,
    /// What the run must have: `conversation`, `sender`.
    pub needs: Vec<Arc<str>>,
    /// Parameters that need a capability: parameter, capability.
    pub requires_for: Vec<(Arc<str>, Arc<str>)>,
    /// Whether it waits: for a person, an event, the clock.
    pub waits: bool,
}

/// A kind of channel.
#[derive(Debug, Clone, PartialEq)]
pub struct KindOutline {
    /// `telegram`; `any`.
    pub name: Arc<str>,
    /// Where it is declared; `any` is not.
    pub site: Option<DefinitionSite>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// What it can do, sorted.
    pub can: Vec<Arc<str>>,
    /// The longest text of one message, in characters.
    pub max_text: Option<usize>,
}

/// A part of an item that has a name: a field, a tag, a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct PartOutline {
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NameKind,
    /// The item that it is a part of.
    pub owner: DefinitionSite,
    /// As written: `order_id: Text?`, `paid(amount: Money)`.
    pub text: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// Its type; of a tag, that of the union.
    pub ty: Type,
}

impl DefinitionSite {
    /// The place as a site.
    pub(crate) fn at(span: Span) -> DefinitionSite {
        DefinitionSite { span }
    }
}
