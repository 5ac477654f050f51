//! Files: where they lie while they are on their way, and who fetches them and looks at what they are.

mod held;
mod looking;
mod scratch;

pub use held::Held;
pub use looking::{File, Media, NoMedia, Preview};
pub use scratch::{Filling, Scratch};
