//! One editor's session: its workspace, what was agreed with it, and the way back to it.

use super::agreement::Agreement;
use super::{Options, convert};
use crate::host::{Live, Tests};
use crate::workspace::{Place, Snapshot, Workspace, empty};
use carapace_diagnostic::{FileId, Span, TextRange};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tower_lsp::Client;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::{Location, Position, PublishDiagnosticsParams, Range, Uri};

/// What a request is answered with.
pub(crate) type Answer<T> = Result<T>;

/// One editor's session.
pub(crate) struct Session {
    pub(crate) workspace: Workspace,
    pub(crate) tests: Option<Arc<dyn Tests>>,
    pub(crate) live: Option<Arc<dyn Live>>,
    pub(crate) version: String,
    /// What was agreed at the start.
    pub(crate) agreement: Agreement,
    /// How the editor spells the files that are open.
    uris: HashMap<PathBuf, Uri>,
    /// The documents for which something was proposed, in the order in which that was asked first: a proposal says its document by
    /// the number.
    proposed: Vec<Uri>,
    /// What the editor has of each file's tokens, to send it only what changed.
    pub(crate) tokens: HashMap<PathBuf, (String, Vec<tower_lsp::ls_types::SemanticToken>)>,
    /// How many answers have had a number.
    pub(crate) answers: u64,
    /// How tests went that were run here, by file and title; shown until the file changes.
    pub(crate) failures: BTreeMap<PathBuf, Vec<(String, TextRange, String)>>,
    /// What the editor was told about each file last.
    pub(crate) published: HashMap<PathBuf, Vec<tower_lsp::ls_types::Diagnostic>>,
    /// What is to be sent, in order.
    outgoing: Option<mpsc::UnboundedSender<PublishDiagnosticsParams>>,
}

/// A mistake of the editor's.
pub(crate) fn invalid(why: impl Into<String>) -> Error {
    Error { code: ErrorCode::InvalidParams, message: why.into().into(), data: None }
}

/// What cannot be done, for a reason that the author is told.
pub(crate) fn refused(why: String) -> Error {
    // RequestFailed of the protocol, 3.17: the request was valid, and there is no answer.
    Error { code: ErrorCode::ServerError(-32803), message: why.into(), data: None }
}

/// What an answer is about: a file, as it was checked.
pub(crate) struct Subject {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) file: FileId,
    pub(crate) path: PathBuf,
}

/// How long after the last message all of a package is looked at. Editors send several messages for one key; none of them is
/// delayed by this, and what they ask for is answered at once.
const QUIET: Duration = Duration::from_millis(2);

/// The same of a package that was looked at before: what can be said about a file is told with each keystroke, and whoever types
/// on would only have to wait until the rest of the package is let go of again.
const PAUSE: Duration = Duration::from_millis(100);

impl Session {
    pub(super) fn new(options: Options) -> Session {
        Session {
            workspace: Workspace::new(options.host),
            tests: options.tests,
            live: options.live,
            version: options.version,
            agreement: Agreement::default(),
            uris: HashMap::new(),
            proposed: Vec::new(),
            tokens: HashMap::new(),
            answers: 0,
            failures: BTreeMap::new(),
            published: HashMap::new(),
            outgoing: None,
        }
    }

    /// The editor is there: what there is to say is sent to it, one after the other.
    pub(super) fn began(&mut self, client: Client) {
        let (outgoing, mut sent) = mpsc::unbounded_channel::<PublishDiagnosticsParams>();
        let Some(runtime) = self.agreement.runtime.clone() else { return };
        runtime.spawn(async move {
            while let Some(news) = sent.recv().await {
                client.send_notification::<tower_lsp::ls_types::notification::PublishDiagnostics>(news).await;
            }
        });
        self.outgoing = Some(outgoing);
    }

    /// How long after the last message it is looked for something to tell that was not asked for; none where there is nothing.
    pub(super) fn news_after(&mut self) -> Option<Duration> {
        self.outgoing.as_ref()?;
        let untold = self.workspace.packages_mut().filter(|package| !package.told);
        untold.map(|package| if package.was_checked() { PAUSE } else { QUIET }).min()
    }

    /// Tells what is wrong in the files of the packages that changed, unless `stop` says that somebody wants something else.
    pub(super) fn tell_news(&mut self, stop: &dyn Fn() -> bool) {
        let pulls = self.agreement.pulls;
        let mut changed: Vec<PathBuf> = Vec::new();
        for package in self.workspace.packages_mut().filter(|p| !p.told) {
            if !pulls && package.snapshot_unless(stop).is_none() {
                break;
            }
            package.told = true;
            let root = if package.root.library { "prelude/world.flow" } else { package.root.root.as_str() };
            changed.push(package.root.folder.join(root));
        }
        if pulls {
            return;
        }
        for root in changed {
            crate::requests::diagnostics::publish(self, &root);
        }
    }

    /// Sends a file's diagnostics.
    pub(crate) fn publish(&self, news: PublishDiagnosticsParams) {
        if let Some(outgoing) = &self.outgoing {
            // The editor is gone: so is the need.
            let _ = outgoing.send(news);
        }
    }

    /// Forgets what was found out, after a panic in the middle of it. What the editor said is kept.
    pub(super) fn start_anew(&mut self) {
        for package in self.workspace.packages_mut() {
            package.start_anew();
            // Nothing is tried again by itself: the same question would have the same end.
            package.told = true;
        }
        self.tokens.clear();
    }

    /// The path by which a file is known here. A file that is on no disk (`untitled:`) has one that no disk has.
    pub(crate) fn path(&self, uri: &Uri) -> Answer<PathBuf> {
        if uri.scheme().as_str().eq_ignore_ascii_case("file") {
            let path =
                uri.to_file_path().ok_or_else(|| invalid(format!("`{}` names no file", uri.as_str())))?;
            return Ok(convert::plain(&path));
        }
        let name = uri.path().decode().to_string_lossy().replace('/', "_");
        let name = if name.ends_with(".flow") { name } else { format!("{name}.flow") };
        Ok(PathBuf::from("/").join(format!(".{}", uri.scheme().as_str())).join(name))
    }

    /// Remembers how the editor spells a file.
    pub(crate) fn opened(&mut self, path: &Path, uri: &Uri) {
        self.uris.insert(path.to_owned(), uri.clone());
        // Who opens a file wants to hear what is wrong with it, whatever was said before.
        self.published.remove(path);
    }

    pub(crate) fn closed(&mut self, path: &Path) {
        self.uris.remove(path);
        self.published.remove(path);
        self.tokens.remove(path);
        self.failures.remove(path);
    }

    /// The number of a document for which something is proposed.
    pub(crate) fn proposed(&mut self, uri: &Uri) -> usize {
        let known = self.proposed.iter().position(|known| known == uri);
        known.unwrap_or_else(|| {
            self.proposed.push(uri.clone());
            self.proposed.len().saturating_sub(1)
        })
    }

    /// The document with this number.
    pub(crate) fn proposed_in(&self, number: usize) -> Option<&Uri> {
        self.proposed.get(number)
    }

    /// A file as the editor spells it.
    pub(crate) fn uri(&self, path: &Path) -> Option<Uri> {
        self.uris.get(path).cloned().or_else(|| Uri::from_file_path(path))
    }

    /// The page about a code.
    pub(crate) fn page(&self, code: &str) -> Option<Uri> {
        let page = self.workspace.host.reference()?.join("codes").join(format!("{code}.md"));
        Uri::from_str(Uri::from_file_path(page)?.as_str()).ok()
    }

    /// What a request about a file is about.
    pub(crate) fn subject(&mut self, uri: &Uri) -> Answer<Subject> {
        self.about(uri, Workspace::view)
    }

    /// The same of a request for which all of the package has to be known.
    pub(crate) fn whole_subject(&mut self, uri: &Uri) -> Answer<Subject> {
        self.about(uri, Workspace::snapshot)
    }

    /// The same of a request for what there is to say about a file.
    pub(crate) fn judged_subject(&mut self, uri: &Uri) -> Answer<Subject> {
        self.about(uri, Workspace::judged)
    }

    /// The same of a request that tries out for itself what could stand at a place.
    pub(crate) fn written_subject(&mut self, uri: &Uri) -> Answer<Subject> {
        self.about(uri, Workspace::written)
    }

    /// The same of a request about what is just being written at a place.
    pub(crate) fn near_subject(&mut self, uri: &Uri, position: Position) -> Answer<Subject> {
        let place = self.place(position);
        self.about(uri, |workspace, path| workspace.near(path, place))
    }

    fn about(
        &mut self,
        uri: &Uri,
        look: impl FnOnce(&mut Workspace, &Path) -> Option<(Arc<Snapshot>, FileId)>,
    ) -> Answer<Subject> {
        let path = self.path(uri)?;
        let unknown = || invalid(format!("`{}` is not open, and no file of a package", uri.as_str()));
        let found = match self.workspace.configuration(&path) {
            Some(_) => empty(&path),
            None => look(&mut self.workspace, &path),
        };
        let (snapshot, file) = found.ok_or_else(unknown)?;
        Ok(Subject { snapshot, file, path })
    }

    /// A position as we say it.
    pub(crate) fn place(&self, position: Position) -> Place {
        Place { line: position.line, column: position.character }
    }

    /// A byte of a file.
    pub(crate) fn offset(&self, subject: &Subject, position: Position) -> u32 {
        let text = subject.snapshot.text(subject.file);
        let place = self.place(position);
        subject.snapshot.lines(subject.file).offset(text, place, self.workspace.encoding)
    }

    /// The bytes of a range.
    pub(crate) fn bytes(&self, subject: &Subject, range: Range) -> TextRange {
        let (start, end) = (self.offset(subject, range.start), self.offset(subject, range.end));
        TextRange::new(start.min(end), start.max(end))
    }

    /// A range of a file as the editor counts.
    pub(crate) fn range(&self, snapshot: &Snapshot, file: FileId, range: TextRange) -> Range {
        let (text, lines) = (snapshot.text(file), snapshot.lines(file));
        let at = |offset| {
            let place = lines.place(text, offset, self.workspace.encoding);
            Position::new(place.line, place.column)
        };
        Range::new(at(range.start), at(range.end))
    }

    /// Where a place of a package, or of the library, is found.
    pub(crate) fn location(&self, snapshot: &Snapshot, span: Span) -> Option<Location> {
        let uri = self.file_uri(snapshot, span.file)?;
        Some(Location { uri, range: self.range(snapshot, span.file, span.range) })
    }

    /// The number of a file in a package, the library's pages included.
    pub(crate) fn file_in(&self, snapshot: &Snapshot, path: &Path) -> Option<FileId> {
        snapshot.file_at(path).or_else(|| {
            let library = self.workspace.host.reference()?.join("library");
            let name = path.strip_prefix(library).ok()?.to_str()?;
            snapshot
                .checked
                .library_files()
                .find(|file| snapshot.module(*file).is_some_and(|m| **m.name == *name))
        })
    }

    /// A file of a package, or of the library.
    pub(crate) fn file_uri(&self, snapshot: &Snapshot, file: FileId) -> Option<Uri> {
        match snapshot.path(file) {
            Some(path) => self.uri(&path),
            None => {
                let name = snapshot.module(file)?.name;
                self.uri(&self.workspace.host.reference()?.join("library").join(&**name))
            }
        }
    }
}
