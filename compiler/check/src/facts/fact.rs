//! The facts, as they are asked for.

use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_module::Type;
use std::sync::Arc;

/// Where a name is declared. Two names that mean the same have the same site.
///
/// A module's is the empty range at the start of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionSite {
    /// The name's own place.
    pub span: Span,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A module, in `use` or by its alias.
    Module,
    /// A declared type.
    Type,
    /// `T` of `fn first<T>(…)`.
    TypeParam,
    /// A field of a record or of a tag.
    Field,
    /// A tag of a union.
    Tag,
    /// A function.
    Fn,
    /// An `extern fn`.
    Native,
    /// A constant.
    Const,
    /// A setting.
    Setting,
    /// A state.
    State,
    /// A channel.
    Channel,
    /// A room.
    Room,
    /// A group.
    Group,
    /// A connection.
    Connection,
    /// An agent.
    Agent,
    /// A tool.
    Tool,
    /// A flow or sub-flow.
    Flow,
    /// An effect.
    Effect,
    /// A trigger.
    Trigger,
    /// A field of a trigger's event, as a name in scope: `message`, `sender`.
    EventField,
    /// A kind of channel.
    ChannelKind,
    /// `url` of `url"…"`.
    TextTag,
    /// What a kind of channel can do.
    Capability,
    /// A parameter: of whatever is called, and of a trigger.
    Param,
    /// What `let`, `for`, a pattern, a lambda, `as found` or `else [e]` names.
    Local,
    /// A word of the language that has a value: `it` in the `where` of a wait, `trigger` in a flow with several. Its site is
    /// where that comes from, the trigger.
    It,
    /// A `var`.
    Var,
    /// A lane of `serial`.
    Lane,
    /// `as cooling` of a wait.
    WaitLabel,
    /// An item with a mistake in it.
    Broken,
}

/// What a name does where it stands. The later ones say more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// It is used.
    Use,
    /// Something new is given to it.
    Write,
    /// It is declared here: the site is this place, or that of the same name in another record of the same fields.
    Declaration,
}

/// A name that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The name, from the item's first byte.
    pub range: TextRange,
    /// Where what it means is declared.
    pub site: DefinitionSite,
    /// What that is.
    pub kind: NameKind,
    /// What the name does here.
    pub role: Role,
}

/// A call, of whatever has parameters: a function, an effect, a sub-flow, a tool, a tag with fields, a trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The whole call, from the item's first byte.
    pub range: TextRange,
    /// Where what is called is declared.
    pub site: DefinitionSite,
    /// What that is.
    pub kind: NameKind,
    /// Whether what stands before the dot is the first argument.
    pub method: bool,
    /// Types of the parameters, as they are here; none for a trigger's.
    pub params: Vec<Type>,
    /// What the call gives.
    pub result: Type,
    /// What is written between the parentheses.
    pub args: Vec<Argument>,
}

/// An argument, and the parameter it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// The value, from the item's first byte.
    pub range: TextRange,
    /// The parameter's number, from 0. What stands before the dot of a method has its own number among them.
    pub param: u32,
}

/// Where a value comes from, over all ways in which it gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Labels {
    /// It is a secret's handle, or holds one.
    pub secret: bool,
    /// Anybody may have written it, or a part of it.
    pub untrusted: bool,
    /// It came from outside, and the channel that brought it vouches for what it names.
    pub vouched: bool,
}

impl Labels {
    /// Both together.
    #[must_use]
    pub fn with(self, other: Labels) -> Labels {
        let untrusted = self.untrusted || other.untrusted;
        Labels {
            secret: self.secret || other.secret,
            untrusted,
            vouched: (self.vouched || other.vouched) && !untrusted,
        }
    }
}

/// What the checker found out about a flow, tool, function, constant or agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Everything it may touch, over all that it calls: lines of the manifest, sorted. Of flows and tools.
    pub capabilities: Vec<Arc<str>>,
    /// Whether it may wait for something that takes its time: a person, an event, the clock. Of an agent, whether its turns may:
    /// for somebody's yes, or in a tool.
    pub waits: bool,
    /// What it gives; of an agent, nothing.
    pub result: Type,
}

/// A name that is in scope in a part of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalName {
    /// As written.
    pub name: Arc<str>,
    /// Its type; for what a `listen` collects, that of the events.
    pub ty: Type,
    /// Where it is declared.
    pub site: DefinitionSite,
    /// What it is.
    pub kind: NameKind,
    /// Where it may be used, from the item's first byte. Names that are declared later hide earlier ones.
    pub visible: TextRange,
}

/// Facts about one item. All ranges count from its first byte; all lists are sorted by range.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFacts {
    /// The item's file.
    pub file: FileId,
    /// The item's first byte in it.
    pub offset: u32,
    /// Its length in bytes.
    pub len: u32,
    /// Every name that means something. A short field (`Pair { left }`) stands here twice: as the field and as the value.
    pub references: Vec<Reference>,
    /// Types of expressions, and of names that declare values.
    pub types: Vec<(TextRange, Type)>,
    /// Labels of expressions and of names that declare values, where they have any.
    pub labels: Vec<(TextRange, Labels)>,
    /// Calls.
    pub calls: Vec<Call>,
    /// Names in scope, in the order of their declarations.
    pub locals: Vec<LocalName>,
    /// What was found out about the item as a whole; none for what has no body.
    pub header: Option<Header>,
}

impl ItemFacts {
    /// The names at a place (bytes from the item's start), a cursor behind a name belonging to it.
    pub fn references_at(&self, offset: u32) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.range.touches(offset))
    }

    /// The type of exactly that expression or name.
    pub fn type_of(&self, range: TextRange) -> Option<&Type> {
        let at = self.types.binary_search_by_key(&range, |(known, _)| *known).ok()?;
        self.types.get(at).map(|(_, ty)| ty)
    }

    /// The labels of exactly that expression or name.
    pub fn labels_of(&self, range: TextRange) -> Option<Labels> {
        let at = self.labels.binary_search_by_key(&range, |(known, _)| *known).ok()?;
        self.labels.get(at).map(|(_, labels)| *labels)
    }

    /// The innermost call around a place.
    pub fn call_at(&self, offset: u32) -> Option<&Call> {
        self.calls.iter().filter(|call| call.range.touches(offset)).min_by_key(|call| call.range.len())
    }

    /// The names in scope at a place, innermost last, those that are hidden left out.
    pub fn locals_at(&self, offset: u32) -> Vec<&LocalName> {
        let mut found: Vec<&LocalName> = Vec::new();
        for local in self.locals.iter().filter(|local| local.visible.touches(offset)) {
            found.retain(|other| other.name != local.name);
            found.push(local);
        }
        found
    }
}

/// All facts of a check, about the package's own items (about the library's, where it is looked at as an author's).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// By file and place.
    pub items: Vec<ItemFacts>,
}

impl Facts {
    /// Facts about the item at a place of a file.
    pub fn item_at(&self, file: FileId, offset: u32) -> Option<&ItemFacts> {
        let after = self.items.partition_point(|item| (item.file, item.offset) <= (file, offset));
        let item = self.items.get(after.checked_sub(1)?)?;
        (item.file == file && offset <= item.offset.saturating_add(item.len)).then_some(item)
    }

    /// The names at a place of a file.
    pub fn references_at(&self, file: FileId, offset: u32) -> impl Iterator<Item = &Reference> {
        let item = self.item_at(file, offset);
        item.into_iter().flat_map(move |item| item.references_at(offset.saturating_sub(item.offset)))
    }

    /// Every place that means what is declared there, the declaration itself included where it is the package's.
    pub fn places_of(&self, site: DefinitionSite) -> impl Iterator<Item = (Span, &Reference)> {
        self.items.iter().flat_map(move |item| {
            let of_it = item.references.iter().filter(move |reference| reference.site == site);
            of_it.map(|reference| (Span::new(item.file, reference.range.shift(item.offset)), reference))
        })
    }
}
