//! A package that is edited: what is said right after a keystroke is what a check of everything says.

use crate::examples::{Example, examples};
use crate::typing::{Dice, edited};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_driver::{Checked, Files, MemoryFiles, Project, Quick, Scope};

/// Edits of each package in a round.
const EDITS: usize = 8;

/// A package: its name, and its files.
struct Package {
    name: String,
    files: MemoryFiles,
}

/// The examples, and every module of the library as a package of its own.
fn packages() -> Vec<Package> {
    let examples = examples();
    let examples = examples
        .iter()
        .map(|example: &Example| Package { name: example.name.clone(), files: example.with(example.main()) });
    let library = carapace_stdlib::MODULES.iter().map(|module| Package {
        name: module.path.to_owned(),
        files: MemoryFiles::new([("main.flow", module.text)]),
    });
    examples.chain(library).collect()
}

fn seed() -> u64 {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x0dd5_1234_abcd_ef01)
}

/// Edits a random file again and again; after each edit `look` is shown the files, the project and the path.
fn each_edit(seed: u64, look: &mut dyn FnMut(&str, &MemoryFiles, &mut Project, &str)) {
    let mut dice = Dice(seed);
    for round in 0..crate::rounds() {
        for package in packages() {
            let mut files = package.files.clone();
            let mut project = Project::load(&files, "main.flow");
            let paths = files.list().unwrap();
            for edit in 0..EDITS {
                let path = &paths[dice.below(paths.len())];
                // Mostly from the whole text: after many edits little is left that means anything.
                let from = if dice.below(3) > 0 { &package.files } else { &files };
                let text = edited(&text_of(from, path), &mut dice);
                files.insert(path, text.as_bytes());
                match dice.below(4) {
                    0 => drop(project.checked(&files)),
                    1 => {
                        let whole = project.snapshot().check(&files, &|| false).unwrap();
                        project.set(path, &text);
                        project.adopt(whole);
                    }
                    _ => {}
                }
                project.set(path, &text);
                let title = format!("{} {path}, round {round}, edit {edit}", package.name);
                look(&title, &files, &mut project, path);
            }
        }
    }
}

fn text_of(files: &MemoryFiles, path: &str) -> String {
    String::from_utf8(files.read(path, usize::MAX - 1).unwrap()).unwrap()
}

/// What is said about the file, but for what only the whole package shows; and about style, where both know that nothing
/// else is wrong.
fn said<'d>(
    told: impl Iterator<Item = (&'d Diagnostic, &'d Scope)>,
    quick: &Quick,
    style: bool,
) -> Vec<String> {
    let own = told.filter(|(told, scope)| {
        let scope = if style { **scope != Scope::Package } else { **scope == Scope::Item };
        told.primary.span.file == quick.file && scope
    });
    own.map(|(told, scope)| format!("{scope:?} {told:#?}")).collect()
}

/// What a keystroke says and what a whole check says.
fn both(quick: &Quick, fresh: &Checked) -> (Vec<String>, Vec<String>) {
    // Errors elsewhere, or of the whole package, are those of the last whole check.
    let ours =
        |told: &Diagnostic, scope: &Scope| told.primary.span.file == quick.file && *scope == Scope::Item;
    let mut errors = fresh.diagnostics.iter().zip(&fresh.scopes).filter(|(told, _)| told.is_error());
    let style = errors.all(|(told, scope)| ours(told, scope))
        && !quick.diagnostics.iter().zip(&quick.scopes).any(|(t, s)| t.is_error() && *s == Scope::Package);
    (
        said(quick.diagnostics.iter().zip(&quick.scopes), quick, style),
        said(fresh.diagnostics.iter().zip(&fresh.scopes), quick, style),
    )
}

#[test]
fn what_a_keystroke_says_is_what_a_whole_check_says() {
    let (mut looked_at, mut items, mut noticed) = (0, 0, 0);
    let mut before: Option<Quick> = None;
    let seed = seed();
    println!("SEED={seed}");
    each_edit(seed, &mut |title, files, project, path| {
        let quick = project.quick(files, path).unwrap();
        let fresh = Checked::of(files, "main.flow");
        let (quickly, whole) = both(&quick, &fresh);
        assert_eq!(quickly, whole, "{title}\n{}", text_of(files, path));
        looked_at += quick.looked_at;
        items += quick.tree.items.len();
        // The same of what was said about another text: else this test would notice nothing.
        noticed += usize::from(before.replace(quick).is_some_and(|quick| {
            let (before, now) = both(&quick, &fresh);
            before != now
        }));
    });
    println!("{looked_at} of {items} items were checked; {noticed} stale answers differ");
    assert!(noticed > 20, "only {noticed} stale answers differ");
}

#[test]
fn a_package_that_was_edited_is_the_package_that_was_opened() {
    let seed = seed();
    println!("SEED={seed}");
    each_edit(seed, &mut |title, files, project, path| {
        project.quick(files, path);
        let checked = project.checked(files);
        let mut opened = Project::load(files, "main.flow");
        let fresh = opened.checked(files);
        assert_eq!(checked.diagnostics, fresh.diagnostics, "{title}");
        assert_eq!(checked.program, fresh.program, "{title}");
        assert_eq!(checked.facts, fresh.facts, "{title}");
        // Asked again, a keystroke's answer has everything that the whole check said.
        let quick = project.quick(files, path).unwrap();
        let own = fresh.diagnostics.iter().filter(|told| told.primary.span.file == quick.file);
        assert_eq!(quick.diagnostics, own.cloned().collect::<Vec<_>>(), "{title}\n{}", text_of(files, path));
        let known = project.known(files, path).unwrap();
        let all: Vec<String> = shown(&known.checked, quick.file);
        assert_eq!(all, shown(&fresh, quick.file), "{title}\n{}", text_of(files, path));
        let Some(placed) = quick.tree.items.last() else { return };
        let probed = project.probe(files, path, (&text_of(files, path), placed.offset), |_| true).unwrap();
        assert_eq!(shown(&probed.checked, quick.file).last(), all.last(), "{title}");
    });
}

/// The facts about a file's items, but for what only a whole check knows. Types of two checks are compared as an author
/// would write them.
fn shown(checked: &Checked, file: FileId) -> Vec<String> {
    let outline = &checked.outline;
    let own = checked.facts.items.iter().filter(|item| item.file == file);
    own.map(|item| {
        let names = item.references.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>();
        let types = item.types.iter().map(|(range, ty)| format!("{range:?} {}", outline.show(ty)));
        let calls =
            item.calls.iter().map(|c| format!("{:?} {:?} {}", c.range, c.args, outline.show(&c.result)));
        let locals =
            item.locals.iter().map(|l| format!("{} {:?} {}", l.name, l.visible, outline.show(&l.ty)));
        let all: Vec<String> = names.into_iter().chain(types).chain(calls).chain(locals).collect();
        format!("{} {all:#?}", item.offset)
    })
    .collect()
}
