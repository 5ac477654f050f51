//! What editors install beside the language server: the tree-sitter grammar, the extension for VS Code, the files for Neovim
//! and Helix. None of it is Rust, and nothing imports this crate: it is where their tests live. That each editor works with
//! the built binary is tested in `cli/tests/editors`.
