//! From the paths a person names to the packages they mean.
//!
//! A file is a package's root module, its folder the source root. A folder with a `main.flow` is a package; any other folder
//! stands for all packages below it, and, where there is no `main.flow` anywhere, for each of its flow files alone. The
//! folder of the standard library is one package, and checked as what it is.

use crate::disk::{DiskFiles, walk};
use crate::problem::Problem;
use carapace_driver::{Checked, Files};
use std::path::{Path, PathBuf};

const MAIN: &str = "main.flow";
/// The file by which the standard library's folder is known.
const LIBRARY: &str = "prelude/world.flow";

/// A package to work on.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Its files.
    pub(crate) files: DiskFiles,
    /// The root module's file, relative to the source root.
    pub(crate) root: String,
    /// Whether it is the standard library.
    pub(crate) library: bool,
    /// The way from the current folder to the source root, for messages: empty or ending in `/`.
    pub(crate) prefix: String,
}

impl Package {
    /// All packages that `paths` mean, each once, in order.
    pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Package>, Problem> {
        let mut packages: Vec<Package> = Vec::new();
        for path in paths {
            let found = if path.join(LIBRARY).is_file() {
                vec![Package::library(path)]
            } else {
                roots(path)?.iter().map(|root| Package::at(root)).collect()
            };
            for package in found {
                if !packages.iter().any(|p| p.files.root == package.files.root && p.root == package.root) {
                    packages.push(package);
                }
            }
        }
        Ok(packages)
    }

    /// The one package that `path` means.
    pub(crate) fn only(path: &Path) -> Result<Package, Problem> {
        let mut packages = Package::find(&[path.to_owned()])?;
        match (packages.pop(), packages.len()) {
            (Some(package), 0) => Ok(package),
            _ => Err(Problem::new("E0906", format!("`{}` holds several packages", path.display()))
                .help("name one of them: its folder, or its root file")),
        }
    }

    /// The package that a file belongs to, whether the file is there yet or not: that of the nearest folder above it
    /// with a root file; else the file is one by itself.
    pub(crate) fn of_file(file: &Path) -> Package {
        for folder in file.ancestors().skip(1) {
            if folder.join(LIBRARY).is_file() {
                return Package::library(folder);
            }
            if folder.join(MAIN).is_file() {
                return Package::at(&folder.join(MAIN));
            }
        }
        Package::at(file)
    }

    /// Reads, parses and checks it.
    pub(crate) fn check(&self) -> Checked {
        self.check_in(&self.files)
    }

    /// The same with other files, or with some of them changed.
    pub(crate) fn check_in(&self, files: &dyn Files) -> Checked {
        if self.library { Checked::library(files) } else { Checked::of(files, &self.root) }
    }

    /// What it is called.
    pub(crate) fn package(&self) -> &str {
        &self.files.package
    }

    /// Its root file as the user would write it.
    pub(crate) fn name(&self) -> String {
        format!("{}{}", self.prefix, self.root)
    }

    /// The package with this root file.
    pub(crate) fn at(root: &Path) -> Package {
        let folder = root.parent().unwrap_or(Path::new(""));
        let name = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let prefix =
            if folder.as_os_str().is_empty() { String::new() } else { format!("{}/", folder.display()) };
        let alone = (name != MAIN).then(|| name.clone());
        let source_root = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
        let package = package_name(&source_root, alone.as_deref());
        Package { files: DiskFiles { root: source_root, package, alone }, root: name, library: false, prefix }
    }

    /// The standard library in this folder.
    pub(crate) fn library(folder: &Path) -> Package {
        let files = DiskFiles { root: folder.to_owned(), package: String::new(), alone: None };
        let prefix = format!("{}/", tidy(folder).display()).replace("//", "/");
        Package { files, root: String::new(), library: true, prefix }
    }
}

/// What the package is called: as its folder, or, where one file is all of it, as that file.
fn package_name(source_root: &Path, alone: Option<&str>) -> String {
    let folder = source_root.canonicalize().unwrap_or_else(|_| source_root.to_owned());
    let name = match alone {
        Some(file) => file.strip_suffix(".flow").unwrap_or(file).to_owned(),
        None => folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    // It stands in names such as `shop/main.score`, where a dot or slash would mean something else.
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

/// The root files that `path` means.
fn roots(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let metadata = std::fs::metadata(path).map_err(|e| Problem::no_package(path, &e))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let main = path.join(MAIN);
    if main.is_file() {
        return Ok(vec![tidy(&main)]);
    }
    let mut found = Vec::new();
    walk(path, &mut found).map_err(|e| Problem::unreadable(path, &e))?;
    let mains: Vec<PathBuf> =
        found.iter().filter(|f| f.file_name().is_some_and(|n| n == MAIN)).map(|f| tidy(f)).collect();
    if !mains.is_empty() {
        return Ok(mains);
    }
    if found.is_empty() {
        return Err(Problem::new("E0904", format!("there is no flow file in `{}`", path.display()))
            .help("a flow file's name ends with `.flow`; `carapace new NAME` makes one to start from"));
    }
    Ok(found.iter().map(|f| tidy(f)).collect())
}

/// Without a leading `./`.
fn tidy(path: &Path) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or_else(|_| path.to_owned())
}
