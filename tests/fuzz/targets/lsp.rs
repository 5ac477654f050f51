//! What an editor sends, or somebody who is none: an answer or an error, and the end when the input ends.
#![no_main]

use carapace_driver::{Files, MemoryFiles};
use carapace_lsp::{Host, Options, PackageRoot};
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;

/// Nothing is on the disk.
struct Nowhere;

impl Host for Nowhere {
    fn package_of(&self, file: &Path) -> PackageRoot {
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        PackageRoot { folder, root: "main.flow".to_owned(), library: false }
    }

    fn packages_below(&self, _: &Path) -> Vec<PackageRoot> {
        Vec::new()
    }

    fn files(&self, _: &PackageRoot) -> Box<dyn Files + Send + Sync> {
        Box::new(MemoryFiles::default())
    }

    fn reference(&self) -> Option<PathBuf> {
        None
    }
}

const HELLO: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}"#;

fuzz_target!(|bytes: &[u8]| {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    threads.block_on(async {
        let (mut editor, input) = tokio::io::duplex(1 << 20);
        let options = Options { host: Box::new(Nowhere), tests: None, live: None, version: String::new() };
        let server = tokio::spawn(carapace_lsp::serve(input, tokio::io::sink(), options));
        // Bodies of messages, one a line: the framing itself is soon exhausted.
        for body in std::iter::once(HELLO.as_bytes()).chain(bytes.split(|byte| *byte == b'\n')) {
            let head = format!("Content-Length: {}\r\n\r\n", body.len());
            // A server that had enough has hung up.
            let _ = editor.write_all(&[head.as_bytes(), body].concat()).await;
        }
        drop(editor);
        let _ = server.await.expect("the server does not panic");
    });
});
