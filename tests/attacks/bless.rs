//! Writes what is in `says` anew.

use crate::case::Case;
use crate::{checked, said};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Writes what the checker says below each case.
pub(crate) fn bless(cases: &[Case]) {
    let mut files: BTreeMap<&PathBuf, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        files.entry(&case.file).or_default().push(case);
    }
    for (file, cases) in files {
        let old = std::fs::read_to_string(file).unwrap();
        let mut sections = old.split("\n## ");
        let mut new = sections.next().unwrap_or("").trim_end().to_owned();
        for (section, case) in sections.zip(cases) {
            let source = section.split("```says").next().unwrap_or(section).trim_end();
            let says = said(&checked(case));
            new.push_str(&format!("\n\n## {source}\n\n```says\n{says}```"));
        }
        new.push('\n');
        if new != old {
            std::fs::write(file, new).unwrap();
        }
    }
}
