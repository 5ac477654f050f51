//! The reference of the standard library, made of its declarations: `docs/language/stdlib/`.
//!
//! A page for each module, one for all channel kinds, and an index. Nothing is said here that the `.flow` files do not
//! say: what is missing on a page is missing there.

mod index;
mod kinds;
mod module;
mod source;

/// A page: its file's name, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// `chat.md`.
    pub file: String,
    /// Markdown.
    pub text: String,
}

/// All pages, by their files' names.
pub fn pages() -> Vec<Page> {
    let modules = source::modules();
    let (kinds, others): (Vec<_>, Vec<_>) = modules.into_iter().partition(|m| m.is_kind());
    let mut pages: Vec<Page> = others.iter().map(module::page).collect();
    pages.push(kinds::page(&kinds));
    pages.push(index::page(&others, &kinds));
    pages.sort_by(|a, b| a.file.cmp(&b.file));
    pages
}

/// What every page begins with.
const MADE: &str =
    "<!-- Made of stdlib/*.flow; `BLESS=1 cargo test -p carapace-tests --test docs` makes it anew. -->\n";
