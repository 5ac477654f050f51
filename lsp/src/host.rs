//! What the server wants of the world around it.

use carapace_driver::Files;
use std::path::{Path, PathBuf};

/// Where a package lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageRoot {
    /// The source root, absolute.
    pub folder: PathBuf,
    /// The root module's file below it; empty for the library.
    pub root: String,
    /// Whether it is the standard library's folder.
    pub library: bool,
}

/// The disk, by the rules by which the command line reads it too.
pub trait Host: Send {
    /// The package that a file belongs to, whether or not it exists yet. `file` is absolute.
    fn package_of(&self, file: &Path) -> PackageRoot;

    /// The packages below a folder that is open in the editor.
    fn packages_below(&self, folder: &Path) -> Vec<PackageRoot>;

    /// The files of a package.
    fn files(&self, package: &PackageRoot) -> Box<dyn Files + Send + Sync>;

    /// Files below a source root that are no flows, by their paths from there: what `file("…")` may name. Of very many, some.
    fn texts(&self, _package: &PackageRoot) -> Vec<String> {
        Vec::new()
    }

    /// A folder in which the library's modules (`library/`, under their names) and the pages of the diagnostic codes
    /// (`codes/E0101.md`) can be read, so that an editor can show them. None where they cannot be kept.
    fn reference(&self) -> Option<PathBuf>;
}

/// How one test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// Its title.
    pub title: String,
    /// The file it stands in, below the source root.
    pub file: String,
    /// How long it took.
    pub milliseconds: u64,
    /// Where and why it failed; none where it passed.
    pub failure: Option<(TestPlace, String)>,
}

/// Where a test failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPlace {
    /// The file, below the source root.
    pub file: String,
    /// Bytes of the statement that did not hold.
    pub range: (u32, u32),
}

/// Runs tests in the simulated world.
pub trait Tests: Send + Sync {
    /// Runs the tests of a package, or the one with this title in this file. The package is taken from `files`, as it
    /// stands in the editor.
    ///
    /// # Errors
    /// In words, where the package does not compile or no such test is found.
    fn run(
        &self,
        files: &dyn Files,
        root: &PackageRoot,
        only: Option<(&str, &str)>,
    ) -> Result<Vec<TestOutcome>, String>;
}

/// Looks into a runtime, where one is there.
pub trait Live: Send + Sync {
    /// How many live runs each flow of a package has, with the version that serves and the older ones told apart:
    /// (flow, runs on the version that serves, runs on older ones). None where no runtime answers.
    fn runs(&self, package: &str) -> Option<Vec<(String, u64, u64)>>;
}
