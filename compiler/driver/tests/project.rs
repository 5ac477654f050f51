//! A package that is edited, from the outside.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_driver::{Checked, MemoryFiles, Project, Quick, Scope};

const MAIN: &str = "use shop/prices\n\nchannel desk: any\n\n\
/// Adds one.\nfn more(n: Int) -> Int {\n  return n + 1\n}\n\n\
fn twice(n: Int) -> Int {\n  return more(n) + more(n)\n}\n\n\
flow count on desk.message {\n  reply(\"{twice(prices.tea)}\")\n}\n";
const PRICES: &str = "const tea = 3\n\nfn spare() -> Int = 1\n";

fn package() -> (MemoryFiles, Project) {
    let files = MemoryFiles::new([("main.flow", MAIN), ("shop/prices.flow", PRICES)]);
    let project = Project::load(&files, "main.flow");
    (files, project)
}

fn codes(quick: &Quick) -> Vec<&str> {
    quick.diagnostics.iter().map(|told| told.code.0).collect()
}

/// What is said about the root once it has this text, and how many items that took.
fn typed(files: &MemoryFiles, project: &mut Project, text: &str) -> (Vec<String>, usize) {
    assert!(project.set("main.flow", text));
    let quick = project.quick(files, "main.flow").unwrap();
    (codes(&quick).into_iter().map(str::to_owned).collect(), quick.looked_at)
}

#[test]
fn a_body_costs_its_item_and_a_signature_its_file() {
    let (files, mut project) = package();
    assert_eq!(project.quick(&files, "main.flow").unwrap().looked_at, 5);
    assert_eq!(project.quick(&files, "main.flow").unwrap().looked_at, 0);
    assert_eq!(typed(&files, &mut project, &MAIN.replace("n + 1", "n + mor")), (vec!["E0101".to_owned()], 1));
    assert_eq!(typed(&files, &mut project, &MAIN.replace("n + 1", "n + 2")), (vec![], 1));
    let signature = MAIN.replace("more(n: Int)", "more(n: Int, by: Int)");
    assert_eq!(typed(&files, &mut project, &signature), (vec!["E0202".to_owned(); 2], 5));
}

#[test]
fn words_above_an_item_cost_nothing_below_them() {
    let (files, mut project) = package();
    let wrong = MAIN.replace("more(n) + more(n)", "more()");
    let (told, _) = typed(&files, &mut project, &wrong);
    assert_eq!(told, ["E0202"]);
    let before = project.quick(&files, "main.flow").unwrap();
    let (_, looked_at) = typed(&files, &mut project, &wrong.replace("/// Adds one.", "/// Adds one to it."));
    // The item with the words itself.
    assert_eq!(looked_at, 1);
    let after = project.quick(&files, "main.flow").unwrap();
    let moved = |quick: &Quick| {
        let told = &quick.diagnostics[0];
        (told.primary.span.range.start, told.secondary[0].span.range.start)
    };
    assert_eq!(
        moved(&after),
        (moved(&before).0 + 6, moved(&before).1 + 6),
        "both places are below the words"
    );
}

#[test]
fn what_another_file_lets_see_is_noticed() {
    let (files, mut project) = package();
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), [""; 0]);
    // What `spare` computes, nobody can see.
    project.set("shop/prices.flow", &PRICES.replace("= 1", "= 2"));
    assert_eq!(project.quick(&files, "main.flow").unwrap().looked_at, 0);
    project.set("shop/prices.flow", &PRICES.replace("= 3", "= \"three\""));
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), ["E0201"]);
    project.set("shop/prices.flow", PRICES);
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), [""; 0]);
}

#[test]
fn files_come_and_go() {
    let (files, mut project) = package();
    assert!(project.remove("shop/prices.flow"));
    assert!(!project.remove("shop/prices.flow"));
    assert!(!project.remove("main.flow"), "the root stays");
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), ["E0103", "E0101"]);
    project.set("a.flow", "const nothing = 1\n");
    project.set("shop/prices.flow", PRICES);
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), [""; 0]);
    let paths: Vec<&str> = project.paths().map(|path| &**path).collect();
    assert_eq!(paths, ["main.flow", "a.flow", "shop/prices.flow"]);
    let (_, text) = project.source(project.file("a.flow").unwrap()).unwrap();
    assert_eq!(text, "const nothing = 1\n");
}

#[test]
fn what_the_whole_package_shows_stays_with_its_items() {
    let (files, mut project) = package();
    let of_package = |quick: &Quick| {
        let told = quick.diagnostics.iter().zip(&quick.scopes);
        let told: Vec<_> =
            told.filter(|(_, scope)| **scope == Scope::Package).map(|(told, _)| told).collect();
        told.iter().map(|told| (told.code.0, told.primary.span.range.start)).collect::<Vec<_>>()
    };
    assert_eq!(of_package(&project.quick(&files, "shop/prices.flow").unwrap()), []);
    project.checked(&files);
    let at = u32::try_from(PRICES.find("spare").unwrap()).unwrap();
    assert_eq!(of_package(&project.quick(&files, "shop/prices.flow").unwrap()), [("W0305", at)]);
    project.set("shop/prices.flow", &PRICES.replace("= 3", "= 333"));
    assert_eq!(of_package(&project.quick(&files, "shop/prices.flow").unwrap()), [("W0305", at + 2)]);
    project.set("shop/prices.flow", &PRICES.replace("spare", "_spare"));
    assert_eq!(of_package(&project.quick(&files, "shop/prices.flow").unwrap()), []);
}

#[test]
fn a_whole_check_holds_for_what_did_not_change_since() {
    let (files, mut project) = package();
    let snapshot = project.snapshot();
    project.set("main.flow", &MAIN.replace("n + 1", "n + 2"));
    let whole = snapshot.check(&files, &|| false).unwrap();
    assert!(whole.revision() < project.revision());
    project.adopt(whole);
    // Only the item that changed is looked at, although nobody asked about this file before.
    assert_eq!(project.quick(&files, "main.flow").unwrap().looked_at, 1);
    assert!(project.snapshot().check(&files, &|| true).is_none(), "it stops when it is told to");
}

#[test]
fn a_file_that_flows_name_is_asked_for_again() {
    let text = "const words: Text = file(\"words.md\")\n";
    let mut files = MemoryFiles::new([("main.flow", text)]);
    let mut project = Project::load(&files, "main.flow");
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), ["E0116"]);
    files.insert("words.md", b"hello");
    project.set("words.md", "hello");
    assert_eq!(codes(&project.quick(&files, "main.flow").unwrap()), [""; 0]);
}

#[test]
fn what_is_tried_leaves_no_trace() {
    let (files, mut project) = package();
    project.quick(&files, "main.flow");
    let revision = project.revision();
    let text = MAIN.replace("n + 1", "n.abs");
    let offset = u32::try_from(text.find("n.abs").unwrap()).unwrap();
    let known = project.probe(&files, "main.flow", (&text, offset), |_| true).unwrap();
    assert!(project.probe(&files, "main.flow", (&text, offset), |_| false).is_none());
    assert!(!known.checked.facts.items.is_empty());
    assert_eq!(known.checked.diagnostics.len(), 1, "{:?}", known.checked.diagnostics);
    assert_eq!(known.checked.text(known.file), Some(("main.flow", &*text)));
    assert_eq!(project.revision(), revision);
    assert_eq!(project.quick(&files, "main.flow").unwrap().looked_at, 0);
    let known = project.known(&files, "main.flow").unwrap();
    assert_eq!(known.checked.text(known.file), Some(("main.flow", MAIN)));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_read_again() {
    let mut files = MemoryFiles::new([("main.flow", "const a = 1\n")]);
    let mut project = Project::load(&files, "gone.flow");
    assert_eq!(codes(&project.quick(&files, "gone.flow").unwrap()), ["E0901"]);
    assert_eq!(project.checked(&files).diagnostics, Checked::of(&files, "gone.flow").diagnostics);
    files.insert("gone.flow", b"const b = 1\n");
    assert!(project.read(&files, "gone.flow"));
    assert!(!project.read(&files, "gone.flow"), "it is the same");
    assert_eq!(codes(&project.quick(&files, "gone.flow").unwrap()), [""; 0]);
}

#[test]
fn what_changed_on_the_disk_is_read_again() {
    let (_, mut project) = package();
    let (copy, revision) = (project.clone(), project.revision());
    let now = MemoryFiles::new([("main.flow", MAIN), ("shop/teas.flow", PRICES)]);
    project.reload(&now);
    assert_ne!(project.revision(), revision);
    assert_eq!(project.paths().map(|path| &**path).collect::<Vec<_>>(), ["main.flow", "shop/teas.flow"]);
    assert_eq!(copy.paths().map(|path| &**path).collect::<Vec<_>>(), ["main.flow", "shop/prices.flow"]);
    let again = project.revision();
    assert!(!project.read(&now, "main.flow"), "it is the same");
    assert!(project.read(&MemoryFiles::default(), "shop/teas.flow"), "it is gone");
    assert_ne!(project.revision(), again);
}
