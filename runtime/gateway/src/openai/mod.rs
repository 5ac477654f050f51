//! An API in the form of OpenAI's: each agent of what is deployed is a model there, so that a program that can talk to a model can
//! talk to an agent.
//!
//! A request becomes a run of a flow of the library, durable as any other: [`asking`] starts it, [`ends`] tells how it ended and
//! what models say meanwhile, and whoever hangs up has it cancelled. `chat` and `responses` are two forms of the same: they read
//! what is asked into one shape, and write one answer. What is [`kept`] is what clients refer to later, and what came of a request that
//! may be sent again ([`once`]). Errors have OpenAI's shape, also where the gateway itself turns somebody
//! away ([`shape`]).
//!
//! What the gateway wants of those who ask models is [`Models`]: it knows none of them. Deliberately not here: what an agent
//! does with a message, which the library says.

mod agents;
mod answer;
mod asked;
mod asking;
mod chat;
mod embeddings;
mod ends;
mod fields;
mod kept;
mod listed;
mod live;
mod models;
mod once;
mod responses;
mod service;
mod shape;
mod trouble;

pub use models::{Delta, Embed, Embedded, Embedding, Heard, Models, Said, Spent};
pub use service::{OpenAi, SERVE};
pub(crate) use shape::shape;
