//! What is edited.

use carapace_driver::MemoryFiles;
use carapace_tests::measure::long_file;
use std::collections::BTreeSet;

/// Files of the large package, beside its root, and lines of each.
pub(crate) const FILES: usize = 1_000;
const LINES: usize = 300;

/// The file of the large package that is edited.
pub(crate) const EDITED: &str = "m/f777.flow";

/// One file of 1,000 lines.
pub(crate) fn small() -> (MemoryFiles, String) {
    let text = long_file(1_000);
    (MemoryFiles::new([("main.flow", &*text)]), text)
}

/// Every file uses two others, and the price that the first one declares.
pub(crate) fn large() -> (MemoryFiles, String) {
    let body = long_file(LINES);
    let mut files = MemoryFiles::new([("main.flow", "channel _lobby: any\n")]);
    files.insert("m/f0.flow", format!("const price = 3\nfn _cost() -> Int = price\n{body}").as_bytes());
    let mut edited = String::new();
    for file in 1..FILES {
        // Far back, and near by: by way of others a file sees most files before it, which is the worst that there is.
        let others: BTreeSet<usize> = [file / 2, (file - 1) / 4 * 4].into_iter().filter(|n| *n > 0).collect();
        let uses: String = others.iter().map(|n| format!("use m/f{n}\n")).collect();
        let sum: String = others.iter().map(|n| format!(" + f{n}.total_0([], 1)")).collect();
        let text = format!("use m/f0\n{uses}fn _cost() -> Int = f0.price * {file}{sum}\n{body}");
        let path = format!("m/f{file}.flow");
        files.insert(&path, text.as_bytes());
        if path == EDITED {
            edited = text;
        }
    }
    (files, edited)
}

/// Texts in which a line is typed letter by letter: in the body of a function, here and there in the file.
pub(crate) fn typed(text: &str, keystrokes: usize) -> impl Iterator<Item = (String, usize)> {
    const LINE: &str = "let more = sum + most";
    let places: Vec<usize> = text.match_indices("  return sum").map(|(at, _)| at).collect();
    (0..keystrokes).map(move |n| {
        let at = places[(n / LINE.len()) * 7 % places.len()];
        let typed = &LINE[..n % LINE.len() + 1];
        (format!("{}  {typed}\n{}", &text[..at], &text[at..]), at + 2 + typed.len())
    })
}
