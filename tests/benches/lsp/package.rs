//! What the compiler takes after a keystroke.

use crate::corpus::{EDITED, large, small, typed};
use crate::spent::{Spent, begin, within};
use carapace_driver::{MemoryFiles, Project};
use carapace_tests::measure::Budget;

pub(crate) fn measure() {
    let (files, text) = small();
    let mut project = Project::load(&files, "main.flow");
    project.checked(&files);
    keystrokes("1,000 lines", &mut project, &files, "main.flow", &text);
    signatures(&mut project, &files, &text);
    probes("1,000 lines", &project, &files, "main.flow", &text);

    let (files, text) = large();
    let mut loaded = Spent::default();
    let begun = begin();
    let mut project = Project::load(&files, "main.flow");
    begun.end(&mut loaded);
    loaded.tell("1,000 files: read and parsed", Budget::None);
    whole("checked for the first time", &mut project, &files);
    keystrokes("1,000 files", &mut project, &files, EDITED, &text);
    probes("1,000 files", &project, &files, EDITED, &text);
    whole("checked again after a keystroke", &mut project, &files);
}

fn keystrokes(of: &str, project: &mut Project, files: &MemoryFiles, path: &str, text: &str) {
    let mut spent = Spent::default();
    for (text, _) in typed(text, 1_000) {
        let begun = begin();
        project.set(path, &text);
        project.quick(files, path).unwrap();
        begun.end(&mut spent);
    }
    spent.tell(&format!("{of}: a keystroke in a body to what is wrong"), within(of, 5.0));
}

/// What everything in the file is checked again for.
fn signatures(project: &mut Project, files: &MemoryFiles, text: &str) {
    let mut spent = Spent::default();
    for n in 0..200 {
        let text = text.replacen("most: Int", &format!("most{n}: Int"), 1 + n % 20);
        let begun = begin();
        project.set("main.flow", &text);
        project.quick(files, "main.flow").unwrap();
        begun.end(&mut spent);
    }
    spent.tell("1,000 lines: a keystroke in a signature to what is wrong", Budget::AtMost(5.0));
}

fn probes(of: &str, project: &Project, files: &MemoryFiles, path: &str, text: &str) {
    let mut spent = Spent::default();
    for (text, at) in typed(text, 500) {
        let begun = begin();
        project.probe(files, path, (&text, u32::try_from(at).unwrap()), |_| true).unwrap();
        begun.end(&mut spent);
    }
    spent.tell(&format!("{of}: what is known of an item that is being written"), within(of, 3.0));
}

fn whole(what: &str, project: &mut Project, files: &MemoryFiles) {
    let mut spent = Spent::default();
    let begun = begin();
    project.checked(files);
    begun.end(&mut spent);
    spent.tell(&format!("1,000 files: {what}"), Budget::None);
}
