//! Runtimes on other machines: the same commands with `--to URL`, and what keeps somebody out.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "remote/asked.rs"]
mod asked;
mod talk;

#[path = "remote/deploy.rs"]
mod deploy;
#[path = "remote/login.rs"]
mod login;
#[path = "remote/logs.rs"]
mod logs;
#[path = "remote/refused.rs"]
mod refused;
#[path = "remote/same.rs"]
mod same;
#[path = "remote/tls.rs"]
mod tls;
