//! Small sources, parsed.

use carapace_diagnostic::FileId;
use carapace_syntax::ast::{Expr, FnBody, ItemKind};
use carapace_syntax::{Parse, parse};

/// The codes of what is wrong with a source.
pub(crate) fn codes(source: &str) -> Vec<&'static str> {
    parsed(source).diagnostics.iter().map(|d| d.code.0).collect()
}

/// An expression, if nothing is wrong with it.
pub(crate) fn expression(source: &str) -> Option<Expr> {
    let parse = parsed(&format!("fn f() -> Int = {source}\n"));
    let item = parse.file.items.first()?;
    match &item.item.kind {
        ItemKind::Fn(function) if parse.diagnostics.is_empty() => match &function.body {
            FnBody::Expr(expr) => Some(expr.clone()),
            FnBody::Block(_) => None,
        },
        _ => None,
    }
}

fn parsed(source: &str) -> Parse {
    parse(FileId(0), source)
}
