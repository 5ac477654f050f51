//! The configuration that worked last, kept for a start with a broken one.
//!
//! One file in the data directory with the text of each file, as it is written: what comes out of the environment comes out
//! of it again.

use super::notices::Notices;
use super::options::Options;
use crate::config;
use crate::output;
use crate::problem::Problem;
use carapace_config::{Files, Loaded};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Its name in the data directory.
const FILE: &str = "last-known-good.json";
const VERSION: u32 = 1;

/// The files, the one with which everything begins first.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// When it worked, in milliseconds since 1970.
    at: i64,
    files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    /// From the folder of the first one, where it is below that.
    path: PathBuf,
    text: String,
}

/// The files in the place of those on disk. Paths are told from the first of them.
struct Memory<'k> {
    kept: &'k Kept,
    first: &'k Path,
}

impl Files for Memory<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        let wanted = below(path, self.first);
        let file = self.kept.files.iter().find(|file| file.path == wanted);
        file.map(|file| file.text.clone()).ok_or_else(|| "it was not kept".to_owned())
    }
}

/// Keeps the configuration that counts; where there is none, there is nothing to keep.
pub(crate) fn keep(options: &Options) -> Result<(), Problem> {
    let Some((first, _)) = options.files.first() else { return Ok(()) };
    let file = |(path, text): &(PathBuf, String)| File { path: below(path, first), text: text.clone() };
    let files = options.files.iter().map(file).collect();
    let kept = Kept { version: VERSION, at: jiff::Timestamp::now().as_millisecond(), files };
    let path = options.data.join(FILE);
    let text = serde_json::to_vec_pretty(&kept).unwrap_or_default();
    write(&path, &text).map_err(|e| Problem::unwritable(&path, &e))
}

/// The same; that it cannot be done is told, and nothing else.
pub(crate) fn keep_told(options: &Options, notices: &Notices) {
    if let Err(problem) = keep(options) {
        notices.warn(format!("{problem}\n  the configuration that works is not kept"));
    }
}

/// Whether a data directory keeps one.
pub(crate) fn is_there(data: &Path) -> bool {
    data.join(FILE).is_file()
}

/// The configuration that worked last, where the one in this file does not work; none where that is the same one: these are the
/// files that were tried.
///
/// # Errors
/// Where none is kept, or it is broken here, too.
pub(crate) fn load(
    data: &Path,
    first: &Path,
    tried: &[(PathBuf, String)],
) -> Result<Option<Loaded>, Problem> {
    let path = data.join(FILE);
    let none = |why: String| {
        Problem::new("E1010", format!("there is no configuration that worked before: {why}"))
            .help("it is kept in the data directory by a start that works; `--data DIR` says where that is")
    };
    let bytes = std::fs::read(&path)
        .map_err(|e| none(format!("`{}` cannot be read: {}", path.display(), crate::problem::reason(&e))))?;
    let kept: Kept = serde_json::from_slice(&bytes)
        .ok()
        .filter(|kept: &Kept| kept.version == VERSION)
        .ok_or_else(|| none(format!("`{}` is not as it was written", path.display())))?;
    let same = |(kept, (path, text)): (&File, &(PathBuf, String))| {
        kept.path == below(path, first) && kept.text == *text
    };
    if kept.files.len() == tried.len() && kept.files.iter().zip(tried).all(same) {
        return Ok(None);
    }
    let memory = Memory { kept: &kept, first };
    let loaded = config::load_from(first, &memory).map_err(none)?;
    if loaded.is_broken() {
        output::diagnostics(&loaded.diagnostics, &loaded.sources, crate::args::Format::Human);
        return Err(none(
            "what is kept has mistakes now: the environment or this carapace is another one".to_owned(),
        ));
    }
    let when =
        jiff::Timestamp::from_millisecond(kept.at).map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let when = when.unwrap_or_default();
    let message = format!(
        "`{}` does not work as it is, and the configuration that worked last counts, of {when}",
        first.display()
    );
    Problem::new("E1010", message)
        .help("mend the file: what it says is taken over then, without a new start")
        .print();
    Ok(Some(loaded))
}

fn below(path: &Path, first: &Path) -> PathBuf {
    let folder = first.parent().unwrap_or(Path::new(""));
    path.strip_prefix(folder).unwrap_or(path).to_owned()
}

/// Written beside and moved over it, its owner's alone: texts of a configuration are nobody else's business.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("json.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
