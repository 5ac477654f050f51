//! An editor's waits: from a keystroke to what is wrong, to proposals and to what a name is; in a file of 1,000 lines and in a
//! package of 1,000 files with 300 lines each. `package` measures what the compiler takes, `server` all of the server,
//! with the messages of both sides.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

mod corpus;
mod editor;
mod package;
mod server;
mod spent;

fn main() {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    if is_wanted("package") {
        package::measure();
    }
    if is_wanted("server") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(server::measure());
    }
}
