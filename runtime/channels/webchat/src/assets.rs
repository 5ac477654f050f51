//! The files of the page, embedded, and the name under which browsers may keep them for ever.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// A file that browsers fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    /// Its path below `page/`.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! assets {
    ($($name:literal)*) => {
        &[$(Asset { name: $name, text: include_str!(concat!("../page/", $name)) }),*]
    };
}

/// All of them. Styles apply in this order; scripts are fetched together and find each other.
pub(crate) const ASSETS: &[Asset] = assets! {
    "icon.svg"
    "style/tokens.css"
    "style/page.css"
    "style/parts.css"
    "style/sidebar.css"
    "style/log.css"
    "style/message.css"
    "style/text.css"
    "style/attached.css"
    "style/composer.css"
    "style/dialogs.css"
    "style/notices.css"
    "script/main.js"
    "script/words.js"
    "script/dom.js"
    "script/store.js"
    "script/time.js"
    "script/embedded.js"
    "script/connection.js"
    "script/outbox.js"
    "script/pages.js"
    "script/conversation.js"
    "script/visit.js"
    "script/files.js"
    "script/text/links.js"
    "script/text/inline.js"
    "script/text/markdown.js"
    "script/text/render.js"
    "script/view/avatar.js"
    "script/view/dialog.js"
    "script/view/menu.js"
    "script/view/attachment.js"
    "script/view/message.js"
    "script/view/keyed.js"
    "script/view/items.js"
    "script/view/reading.js"
    "script/view/log.js"
    "script/view/tray.js"
    "script/view/composer.js"
    "script/view/sidebar.js"
    "script/view/header.js"
    "script/view/notices.js"
    "script/view/viewport.js"
};

/// The page itself; what stands in doubled braces is put in by `page`.
pub(crate) const INDEX: &str = include_str!("../page/index.html");

/// The button for other people's pages.
pub(crate) const WIDGET: &str = include_str!("../page/widget.js");

/// A name for exactly these files: other ones have another. It stands in their address, so that a browser may keep
/// them for ever and scripts of two versions never meet.
pub(crate) static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in ASSETS {
        for part in [asset.name, asset.text] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    short(&digest.finalize())
});

/// The widget's name for caches: its address stands on other people's pages and cannot change.
pub(crate) static WIDGET_TAG: LazyLock<String> =
    LazyLock::new(|| format!("\"{}\"", short(&Sha256::digest(WIDGET))));

fn short(digest: &[u8]) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(digest);
    text.truncate(20);
    text
}

impl Asset {
    pub(crate) fn find(name: &str) -> Option<&'static Asset> {
        ASSETS.iter().find(|asset| asset.name == name)
    }

    /// Its media type, by its ending.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn walk(folder: &Path, root: &Path, files: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, files);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn the_list_is_what_stands_in_the_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let mut files = BTreeSet::new();
        walk(&root, &root, &mut files);
        let listed: BTreeSet<String> = ASSETS.iter().map(|asset| asset.name.to_owned()).collect();
        assert_eq!(listed.len(), ASSETS.len(), "a file is listed twice");
        let beside = ["index.html", "widget.js"].map(str::to_owned);
        assert_eq!(listed.into_iter().chain(beside).collect::<BTreeSet<_>>(), files);
    }

    #[test]
    fn every_import_is_there_and_every_asset_has_a_type() {
        for asset in ASSETS {
            assert_ne!(asset.media_type(), "application/octet-stream", "{}", asset.name);
            let folder = asset.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            for line in asset.text.lines().filter(|line| line.starts_with("import ")) {
                let target = line.split('"').nth(1).unwrap();
                let mut parts: Vec<&str> = folder.split('/').collect();
                for part in target.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(parts.pop()),
                        part => parts.push(part),
                    }
                }
                assert!(Asset::find(&parts.join("/")).is_some(), "{}: {line}", asset.name);
            }
        }
    }

    /// What turns a text into HTML, scripts or styles: nothing of it may stand in the page's own code, whatever the
    /// browser would say to it.
    #[test]
    fn no_text_becomes_code() {
        let forbidden = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
            "setAttribute(\"on",
            "setAttribute(\"style",
            "createContextualFragment",
            "parseFromString",
            "setHTML",
        ];
        for (name, text) in ASSETS.iter().map(|a| (a.name, a.text)).chain([("widget.js", WIDGET)]) {
            for word in forbidden {
                assert!(!text.contains(word), "`{word}` in {name}");
            }
        }
        for inline in ["<style", "style=", " onclick", "<script>", "javascript:"] {
            assert!(!INDEX.contains(inline), "`{inline}` in index.html");
        }
    }
}
