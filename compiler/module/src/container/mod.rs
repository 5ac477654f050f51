//! The compiled package as one file.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic: `CARAPACE` |
//! | 2 | format version, little endian; this is 1 |
//! | 2 | version of the machine's semantics, little endian; this is 1 |
//! | 32 | BLAKE3 of all sections but the debug ones, in file order, each with its head |
//! | … | sections: tag (1 byte), length (variable-length integer), body |
//!
//! Sections stand in the order of their tags, each at most once. Tags below 128 must be known to the reader; others
//! may be passed over. Integers are as in [`crate::codec`]; `JSON` is UTF-8 JSON of the type in [`crate::signature`] and
//! its neighbours.
//!
//! | tag | section | body |
//! |---|---|---|
//! | 1 | package | text |
//! | 2 | types | JSON |
//! | 3 | constants | values |
//! | 4 | functions | each: name, params, registers, number of instructions, 8 bytes each (op, a, b, c, little endian) |
//! | 5 | effects | JSON |
//! | 6 | natives | JSON |
//! | 7 | flows | JSON |
//! | 8 | states | JSON |
//! | 9 | settings | JSON |
//! | 10 | slots | JSON |
//! | 11 | agents | JSON |
//! | 12 | tests | JSON |
//! | 13 | test operations | JSON |
//! | 14 | capabilities | JSON |
//! | 15 | effect calls | JSON |
//! | 16 | waits | JSON |
//! | 17 | forks | JSON |
//! | 18 | types that code refers to | JSON |
//! | 128 | debug: files | JSON |
//! | 129 | debug: places | number, then file, start, end of each |
//! | 130 | debug: places of code | by function: number, then first instruction and place of each run |
//! | 131 | debug: locals by function | JSON |
//! | 132 | debug: waits with a name by function; missing where there are none | JSON |

mod describe;
pub mod operands;
mod read;
mod slots;
mod verify;
mod write;

mod print;

pub use describe::trigger_text;
pub use print::print;
pub use read::ReadError;
pub use verify::VerifyError;

use crate::code::{Function, Module};
use crate::signature::{FlowSignature, FunctionId};

/// First bytes of every module.
pub const MAGIC: &[u8; 8] = b"CARAPACE";
/// The container's version.
pub const FORMAT: u16 = 1;
/// The version of what instructions mean, fuel costs, Unicode tables and regular expressions included.
pub const SEMANTICS: u16 = 1;

impl Module {
    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        write::write(self)
    }

    /// Reads and verifies a file. Arbitrary bytes give an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Module, ReadError> {
        let module = read::read(bytes)?;
        module.verify().map_err(ReadError::Verify)?;
        Ok(module)
    }

    /// Whether the code can be run: every index in its table, every register written before it is read.
    pub fn verify(&self) -> Result<(), VerifyError> {
        verify::verify(self)
    }

    /// The content's hash: what the package is, without where it came from.
    pub fn hash(&self) -> [u8; 32] {
        write::hash(self)
    }

    /// A function's code.
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(id.0 as usize)
    }

    /// The slots of its first argument, a record, that a function reads; none where it may do something with the whole.
    pub fn slots_of_argument(&self, id: FunctionId) -> Option<Vec<u16>> {
        slots::slots_of_argument(self, id)
    }

    /// A flow by its full name.
    pub fn flow(&self, name: &str) -> Option<&FlowSignature> {
        self.flows.iter().find(|flow| &*flow.name == name)
    }
}
