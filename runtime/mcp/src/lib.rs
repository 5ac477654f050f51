//! The Model Context Protocol, both ways.
//!
//! [`client`] keeps a connection to each server that a configuration names, performs `mcp.call` with them and knows their
//! tools. [`server`] offers what a runtime lets be called to programs that speak the protocol: over HTTP, and over standard
//! input and output. The protocol's words and wires are `rmcp`'s, which nobody else here sees.
//!
//! Deliberately not here: deciding to call a tool (flows and agents do), the runtime whose tools are offered (a
//! [`Runtime`](server::Runtime) is handed in), and who may ask (the gateway's matter).

pub mod client;
pub mod server;
