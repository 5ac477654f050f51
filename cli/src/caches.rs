//! The user's folder for what can be made anew.

use std::path::PathBuf;

/// `$XDG_CACHE_HOME/carapace`, or `~/.cache/carapace`; none where neither is known.
pub(crate) fn caches() -> Option<PathBuf> {
    let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("carapace"))
}
