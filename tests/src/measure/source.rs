//! Programs to measure with: the examples, a large package made of them, and one long file.

use carapace_driver::{Checked, MemoryFiles};
use carapace_module::Module;
use carapace_module::signature::FunctionId;
use carapace_vm::Program;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The example packages: name, and files by their path.
pub fn examples() -> Vec<(String, Vec<(String, String)>)> {
    let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let mut found: Vec<_> = folders(&flows)
        .into_iter()
        .map(|folder| (name(&folder), files(&folder, &folder)))
        .filter(|(_, files)| files.iter().any(|(path, _)| path == "main.flow"))
        .collect();
    found.sort();
    assert!(found.len() >= 10, "the examples are found");
    found
}

/// One package with every example in it so many times, each copy under a name of its own. Gives the files, and how many
/// lines of source they have.
pub fn large_package(copies: usize) -> (MemoryFiles, usize) {
    let mut package = MemoryFiles::default();
    let mut lines = 1;
    package.insert("main.flow", b"channel lobby: any\n");
    let examples = examples();
    for copy in 0..copies {
        for (example, files) in &examples {
            let folder = format!("part{copy}/{example}");
            for (path, text) in files {
                if !path.ends_with(".flow") {
                    package.insert(path, text.as_bytes());
                    continue;
                }
                let text = moved(text, &folder, copy);
                lines += text.lines().count();
                package.insert(&format!("{folder}/{path}"), text.as_bytes());
            }
        }
    }
    (package, lines)
}

/// One file of at least so many lines: functions and flows as people write them.
pub fn long_file(lines: usize) -> String {
    let mut text = String::from("channel desk: any\nroom oncall: any\n\ntype Level = low | high\n");
    let mut number = 0;
    while text.lines().count() < lines {
        text.push_str(&ITEM.replace('#', &number.to_string()));
        number += 1;
    }
    text
}

/// A program of one module, ready to run.
///
/// # Panics
/// Where it has mistakes: a benchmark's source is right.
pub fn program(source: &str) -> Arc<Program> {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", source)]), "main.flow");
    let errors: Vec<&str> =
        checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| &*d.message).collect();
    assert!(errors.is_empty(), "{errors:?}\n{source}");
    let Ok(compiled) = checked.compile() else { panic!("it is not compiled\n{source}") };
    Program::of(compiled.module).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

/// A pure function of the root module by its name.
///
/// # Panics
/// Where there is none.
pub fn pure_function(module: &Module, name: &str) -> FunctionId {
    let full = format!("main.{name}");
    let at = module.functions.iter().position(|f| *f.name == *full).unwrap_or_else(|| panic!("no `{full}`"));
    FunctionId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// What a copy of an example must call otherwise: modules by their path, and what is one of a kind in a package.
fn moved(text: &str, folder: &str, copy: usize) -> String {
    text.replace("\nuse shop/", &format!("\nuse {folder}/shop/"))
        .replace("webhook(\"/", &format!("webhook(\"/part{copy}/"))
        .replace("event(\"", &format!("event(\"part{copy}."))
        .replace("emit(\"", &format!("emit(\"part{copy}."))
}

fn files(root: &Path, folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(files(root, &path));
        } else if let (Ok(text), Ok(inside)) = (std::fs::read_to_string(&path), path.strip_prefix(root)) {
            found.push((inside.to_string_lossy().replace('\\', "/"), text));
        }
    }
    found
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    all.sort();
    all
}

fn name(folder: &Path) -> String {
    folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

const ITEM: &str = r#"
/// How much the parts come to, without those that are too large.
fn total_#(parts: List<Int>, most: Int) -> Int {
  var sum = 0
  for part in parts {
    if part <= most and part > 0 { sum = sum + part }
  }
  return sum
}

type Ticket# {
  /// What it is about.
  subject: Text
  level: Level
  parts: List<Int> = []
}

state open_#: Ticket#? = none by sender keep 30d

/// Somebody reports something.
flow report_# on desk.message
  where not sender.bot and message.text starts with "report # " ignoring case
  limit 5 per 1m by sender
  timeout 2d
{
  let ticket = Ticket# { subject: message.text, level: if message.mentioned { high } else { low } }
  set open_# = ticket
  match ticket.level {
    low => reply("Thank you, {sender.name}: {total_#(ticket.parts, 100)} so far.")
    high => {
      let owner = ask("{sender.name}: {ticket.subject}", to: oncall, choices: ["mine", "ignore"])
        within 15m else "nobody"
      if owner == "nobody" { reply("Everybody is busy.") } else { reply("A colleague has it.") }
    }
  }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_examples_are_one_package_without_mistakes() {
        let checked = Checked::of(&large_package(2).0, "main.flow");
        let errors: Vec<&str> =
            checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| &*d.message).collect();
        assert_eq!(errors, Vec::<&str>::new());
    }
}
