//! The library's types that the checker has to know by name.

use super::Checker;
use carapace_module::{Type, TypeId};

/// Types of the prelude; none where it does not declare them.
#[derive(Debug, Default, Clone)]
pub(crate) struct World {
    pub(crate) user: Option<TypeId>,
    pub(crate) conversation: Option<TypeId>,
    pub(crate) room: Option<TypeId>,
    pub(crate) group: Option<TypeId>,
    pub(crate) channel: Option<TypeId>,
    pub(crate) content: Option<TypeId>,
    pub(crate) target: Option<TypeId>,
    pub(crate) error: Option<TypeId>,
    pub(crate) run: Option<TypeId>,
    pub(crate) agent: Option<TypeId>,
    pub(crate) connection: Option<TypeId>,
}

impl World {
    /// A known type as a type, or the absorbing one.
    pub(crate) fn ty(id: Option<TypeId>) -> Type {
        id.map_or(Type::Error, Type::declared)
    }

    /// Whether `ty` is that known type.
    pub(crate) fn is(ty: &Type, id: Option<TypeId>) -> bool {
        matches!((ty, id), (Type::Declared(a, _), Some(b)) if *a == b)
    }
}

impl Checker<'_> {
    /// Finds them in the prelude.
    pub(crate) fn find_world(&mut self) {
        let find = |name: &str| {
            self.prelude.get(name).and_then(|id| match self.def(*id).kind {
                super::DefKind::Type(ty) => Some(ty),
                _ => None,
            })
        };
        self.world = World {
            user: find("User"),
            conversation: find("Conversation"),
            room: find("Room"),
            group: find("Group"),
            channel: find("Channel"),
            content: find("Content"),
            target: find("Target"),
            error: find("Error"),
            run: find("Run"),
            agent: find("Agent"),
            connection: find("Connection"),
        };
    }
}
