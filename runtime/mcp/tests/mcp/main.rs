//! The client, with a server that does as it is told, and with one that nobody here wrote.

mod acts;
mod calls;
mod changes;
mod everything;
mod peers;
mod server;
