//! The library checks cleanly when it is looked at as an author's package: every body, every default, every test.

mod support;

use carapace_check::{Origin, Sources, check};
use std::sync::Arc;

#[test]
fn the_library_checks() {
    let mut modules = support::library();
    for module in &mut modules {
        // In scope everywhere all the same, so one at a time.
        module.name = module.path.clone();
    }
    let mut all = String::new();
    for index in 0..modules.len() {
        let mut these = modules.clone();
        these[index].origin = Origin::Package;
        let was_prelude = modules[index].origin == Origin::Prelude;
        if was_prelude {
            // Both: the author's, to be looked at, and the prelude's, to be found.
            let mut twin = modules[index].clone();
            twin.origin = Origin::Prelude;
            these[index] = twin;
            let mut own = modules[index].clone();
            own.origin = Origin::Package;
            these.push(own);
        }
        let sources = Sources { root: Arc::from("main"), modules: &these, files: &|_| None, facts: false };
        let checked = check(&sources);
        let text = carapace_stdlib::MODULES[index].text;
        for d in checked.diagnostics {
            let line = text[..(d.primary.span.range.start as usize).min(text.len())].matches('\n').count() + 1;
            all.push_str(&format!("{}:{line}: {} {}\n", modules[index].path, d.code, d.message));
        }
    }
    assert!(all.is_empty(), "{all}");
}
