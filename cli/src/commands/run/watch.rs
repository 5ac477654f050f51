//! Files that change while their package runs.

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// An editor writes a file in several steps; so long after the last of them it is read.
const QUIET: Duration = Duration::from_millis(150);

/// Tells of changes below some folders.
pub(crate) struct Watch {
    // Dropping it ends the watching.
    _watcher: RecommendedWatcher,
    changes: mpsc::UnboundedReceiver<()>,
    /// Something has changed, and nobody was told yet.
    noticed: bool,
}

impl Watch {
    /// Begins; none where the system cannot watch.
    ///
    /// What happens below `data`, where the runtime itself writes, is none.
    pub(crate) fn start(folders: &[PathBuf], data: &Path) -> Option<Watch> {
        let data = data.canonicalize().ok()?;
        let folders: Vec<PathBuf> =
            folders.iter().map(|folder| folder.canonicalize()).collect::<Result<_, _>>().ok()?;
        let (tell, changes) = mpsc::unbounded_channel();
        let watched = folders.clone();
        let told = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| concerns(&event, &watched, &data)) {
                // The receiver is gone when the runtime ends.
                let _ = tell.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(told).ok()?;
        for folder in &folders {
            watcher.watch(folder, RecursiveMode::Recursive).ok()?;
        }
        Some(Watch { _watcher: watcher, changes, noticed: false })
    }

    /// Begins with the folders of some files; none where the system cannot watch. Whether the files changed is for who is told
    /// to see: a file may be a link to one elsewhere.
    pub(crate) fn files(paths: &[PathBuf]) -> Option<Watch> {
        let (tell, changes) = mpsc::unbounded_channel();
        let told = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // The receiver is gone when the runtime ends.
                let _ = tell.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(told).ok()?;
        let mut folders: Vec<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
        }
        Some(Watch { _watcher: watcher, changes, noticed: false })
    }

    /// Returns when something has changed and it has been quiet for a moment. Who breaks off waiting, as a loop does in which
    /// something else happens first, is told the next time.
    pub(crate) async fn changed(&mut self) {
        if !self.noticed && self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.noticed = true;
        while let Ok(Some(())) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
        self.noticed = false;
    }
}

/// Whether an event is about what a package is made of. Reading a file is none, and hidden files are nobody's source.
fn concerns(event: &Event, folders: &[PathBuf], data: &Path) -> bool {
    let changed = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
    let is_source = |path: &PathBuf| {
        let inside = folders.iter().find_map(|folder| path.strip_prefix(folder).ok());
        let hidden = |part: std::path::Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
        inside.is_some_and(|inside| !inside.components().any(hidden)) && !path.starts_with(data)
    };
    changed && event.paths.iter().any(is_source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_breaks_off_waiting_is_told_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let (source, data) = (folder.path().join("shop"), folder.path().join("data"));
        std::fs::create_dir(&source).unwrap();
        std::fs::create_dir(&data).unwrap();
        let mut watch = Watch::start(std::slice::from_ref(&source), &data).unwrap();
        std::fs::write(source.join("main.flow"), "const a = 1\n").unwrap();
        while !watch.noticed {
            let _ = tokio::time::timeout(Duration::from_millis(1), watch.changed()).await;
        }
        tokio::time::timeout(Duration::from_secs(30), watch.changed()).await.expect("it is told");
        assert!(!watch.noticed);
    }
}
