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
}

impl Watch {
    /// Begins; none where the system cannot watch.
    ///
    /// What happens below `data`, where the runtime itself writes, is none.
    pub(crate) fn start(folders: &[PathBuf], data: &Path) -> Option<Watch> {
        let data = data.canonicalize().ok()?;
        let (tell, changes) = mpsc::unbounded_channel();
        let told = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| concerns(&event, &data)) {
                // The receiver is gone when the runtime ends.
                let _ = tell.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(told).ok()?;
        for folder in folders {
            watcher.watch(&folder.canonicalize().ok()?, RecursiveMode::Recursive).ok()?;
        }
        Some(Watch { _watcher: watcher, changes })
    }

    /// Returns when something has changed and it has been quiet for a moment.
    pub(crate) async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while let Ok(Some(())) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
    }
}

/// Whether an event is about what a package is made of. Reading a file is none.
fn concerns(event: &Event, data: &Path) -> bool {
    let changed = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
    let hidden = |path: &PathBuf| {
        path.components()
            .any(|part| part.as_os_str().to_str().is_some_and(|name| name.starts_with('.') && name.len() > 2))
    };
    changed && event.paths.iter().any(|path| !hidden(path) && !path.starts_with(data))
}
