//! What a name means where it stands: locals, the module's items, the prelude's.

mod lookup;

pub(crate) use lookup::Found;
