//! The client and the performer against servers on loopback that mean no good.

mod guard;
mod honest;
mod limits;
mod performer;
mod redirects;
mod server;
