//! How long files and functions may be, so that each can be read in one go.

use crate::tree;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// The hard limit of a file, in lines.
const LONGEST_FILE: usize = 800;
/// The hard limit of a function, in lines.
const LONGEST_FUNCTION: usize = 100;

#[test]
fn files_are_short_enough_to_read() {
    let source = |path: &str| path.ends_with(".rs") || path.ends_with(".pest") || path.ends_with(".flow");
    let files = tree::files();
    let long = files.iter().filter(|f| source(&f.path)).filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines", file.path))
    });
    tree::none(
        &format!("a file has at most {LONGEST_FILE} lines: split it by concept"),
        &long.collect::<Vec<_>>(),
    );
}

#[test]
fn functions_are_short_enough_to_read() {
    let mut breaches = Vec::new();
    for file in tree::rust() {
        let parsed = syn::parse_file(&file.text).unwrap_or_else(|e| panic!("{}: {e}", file.path));
        let mut functions = Functions { path: &file.path, long: Vec::new() };
        functions.visit_file(&parsed);
        breaches.extend(functions.long);
    }
    tree::none(&format!("a function has at most {LONGEST_FUNCTION} lines: name its parts"), &breaches);
}

#[test]
fn a_long_function_is_noticed() {
    let body = "let _ = 1;\n".repeat(LONGEST_FUNCTION);
    let file = syn::parse_file(&format!("impl A {{ fn long() {{\n{body}}} }}")).unwrap();
    let mut functions = Functions { path: "a.rs", long: Vec::new() };
    functions.visit_file(&file);
    assert_eq!(functions.long, ["a.rs: `long` has 102 lines"]);
}

/// Collects the functions that are too long.
struct Functions<'a> {
    path: &'a str,
    long: Vec<String>,
}

impl Functions<'_> {
    fn look(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let last = block.span().end().line;
        let lines = last.saturating_sub(first) + 1;
        if lines > LONGEST_FUNCTION {
            self.long.push(format!("{}: `{}` has {lines} lines", self.path, signature.ident));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.look(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.look(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.look(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
