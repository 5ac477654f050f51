//! The files of the configuration, watched while it runs.

use super::live::Live;
use super::options::{Options, Read};
use super::watch::Watch;
use crate::args::Run;
use crate::config;
use std::path::PathBuf;

/// The files, as they were read last.
pub(crate) struct Reload {
    flags: Run,
    seen: Vec<(PathBuf, Option<String>)>,
    /// Whether they had mistakes: what mends them may be another file, which they include.
    broken: bool,
    watch: Option<Watch>,
    /// Whether they changed between the reading and the watching.
    pending: bool,
}

impl Reload {
    /// Watches these files, of which the first is the configuration itself; where there is none, nothing. `options` are of
    /// them, or of what worked last where they are broken.
    pub(crate) fn start(flags: &Run, paths: &[PathBuf], options: &Options) -> Reload {
        let mut flags = flags.clone();
        // It stays the one that counts where it is taken away: that is a mistake, as it is for one that was named.
        flags.config = flags.config.or_else(|| paths.first().cloned());
        let watch = if paths.is_empty() { None } else { Watch::files(paths) };
        let now = texts(paths);
        let read: Vec<_> =
            options.files.iter().map(|(path, text)| (path.clone(), Some(text.clone()))).collect();
        let pending = !options.from_kept && now != read;
        let seen = if options.from_kept { now } else { read };
        let mut reload = Reload { flags, seen, broken: false, watch, pending };
        reload.broken = options.from_kept && !reload.is_mended();
        reload
    }

    /// Returns when something happened where the files are.
    pub(crate) async fn changed(&mut self) {
        if std::mem::take(&mut self.pending) {
            return;
        }
        match &mut self.watch {
            Some(watch) => watch.changed().await,
            None => std::future::pending().await,
        }
    }

    /// Reads them again where they changed, and has that taken over.
    pub(crate) async fn reload(&mut self, live: &mut Live) {
        let paths: Vec<PathBuf> = self.seen.iter().map(|(path, _)| path.clone()).collect();
        let now = texts(&paths);
        if now == self.seen && !(self.broken && self.is_mended()) {
            return;
        }
        self.seen = now;
        let problem = match Options::read(&self.flags) {
            Ok(Read { options: Some(options), paths }) => {
                // It may include others now.
                *self = Reload::start(&self.flags, &paths, &options);
                live.take_over(options).await.err()
            }
            Ok(Read { options: None, .. }) => {
                self.broken = true;
                live.notices.warn(
                    "the configuration has mistakes: nothing of it counts, and what counted before goes on",
                );
                None
            }
            Err(problem) => Some(problem),
        };
        if let Some(problem) = problem {
            live.notices.warn(format!("{problem}\n  nothing of it counts, and what counted before goes on"));
        }
    }
}

impl Reload {
    fn is_mended(&self) -> bool {
        let file = config::file(self.flags.config.as_deref());
        file.and_then(|file| config::load(&file).ok()).is_some_and(|loaded| !loaded.is_broken())
    }
}

fn texts(paths: &[PathBuf]) -> Vec<(PathBuf, Option<String>)> {
    paths.iter().map(|path| (path.clone(), std::fs::read_to_string(path).ok())).collect()
}
