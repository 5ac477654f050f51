//! The pages of the standard library are what its declarations make of them. `BLESS=1` writes them.

use carapace_tests::reference::pages;
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::path::Path;

pub(crate) fn agree(folder: &Path) -> Result<(), Failed> {
    let pages = pages();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(folder)?;
        for page in &pages {
            std::fs::write(folder.join(&page.file), &page.text)?;
        }
    }
    let made: BTreeSet<String> = pages.iter().map(|page| page.file.clone()).collect();
    let mut wrong: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|file| !made.contains(file))
        .map(|file| format!("{file} is of no module"))
        .collect();
    for page in &pages {
        if std::fs::read_to_string(folder.join(&page.file)).unwrap_or_default() != page.text {
            wrong.push(format!("{} is old", page.file));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{} (BLESS=1 writes the pages)", wrong.join(", ")).into())
    }
}
