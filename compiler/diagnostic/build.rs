//! Lists the pages of `codes/`, so that a new page is a new file and nothing else: two people who add one never
//! touch the same line.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the source folder; the crate itself reads nothing"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("codes");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, std::io::Error>>()?;
    names.sort();
    let mut list = String::from("const PAGES: &[(&str, &str)] = &[\n");
    for name in &names {
        let Some(code) = name.strip_suffix(".md") else { continue };
        let path = folder.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(list, "    ({code:?}, include_str!({:?})),", path.display().to_string())?;
    }
    list.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pages.rs"), list)?;
    Ok(())
}
