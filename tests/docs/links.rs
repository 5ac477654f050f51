//! Links within the repository lead somewhere, headings included; and the paths that documents name are there.

use libtest_mimic::Failed;
use std::path::Path;

/// Follows every relative link of a document.
pub(crate) fn follow(document: &Path) -> Result<(), Failed> {
    let folder = document.parent().ok_or("a document stands in a folder")?;
    let broken: Vec<String> = links(&std::fs::read_to_string(document)?)
        .into_iter()
        .filter(|link| !leads(document, folder, link))
        .collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("these lead nowhere: {}", broken.join(", ")).into()) }
}

fn leads(document: &Path, folder: &Path, link: &str) -> bool {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { document.to_owned() } else { folder.join(path) };
    let Some(anchor) = anchor else { return target.exists() };
    std::fs::read_to_string(target).is_ok_and(|text| anchors(&text).any(|known| known == anchor))
}

/// The first folders of paths that documents name.
const FOLDERS: [&str; 8] = ["cli", "compiler", "docs", "flows", "runtime", "stdlib", "tests", ".ci"];

/// Looks for every path that a document names as code, from the root of the repository. `<name>` stands for anything.
pub(crate) fn paths(document: &Path, root: &Path) -> Result<(), Failed> {
    let prose = prose(&std::fs::read_to_string(document)?);
    let named = prose.split('`').skip(1).step_by(2).filter(|code| {
        let plain = code.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
        plain && code.split_once('/').is_some_and(|(first, _)| FOLDERS.contains(&first))
    });
    let missing: Vec<&str> = named.filter(|path| !root.join(path).exists()).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("these are not there: {}", missing.join(", ")).into())
    }
}

/// What stands behind `](`, outside of code, and points into the repository.
fn links(markdown: &str) -> Vec<String> {
    let prose = prose(markdown);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|link| !link.contains("://") && !link.starts_with("mailto:")).map(str::to_owned).collect()
}

/// The headings as the hosts of Markdown write them into addresses.
fn anchors(markdown: &str) -> impl Iterator<Item = String> {
    let headings: Vec<String> =
        prose(markdown).lines().filter(|l| l.starts_with('#')).map(str::to_owned).collect();
    headings.into_iter().map(|heading| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect::<String>()
            .replace(' ', "-")
    })
}

/// Without fenced blocks.
fn prose(markdown: &str) -> String {
    let mut fenced = false;
    let mut out = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
