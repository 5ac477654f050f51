//! An author who never stops, and a server that does not grow.

use crate::server::Server;
use serde_json::json;
use std::path::Path;

/// Edits in one round; after each, questions that make the server look at everything.
const EDITS: usize = 25;

/// More than what differs from round to round, and less than one byte in ten of what would be kept if each text of the
/// file were.
const SLACK: u64 = 8 << 20;

#[test]
fn a_server_that_is_asked_for_hours_does_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let flow = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/faq/main.flow");
    let text = std::fs::read_to_string(flow).unwrap();
    let path = folder.path().join("main.flow");
    std::fs::write(&path, &text).unwrap();
    let uri = format!("file://{}", path.display());
    let mut server = Server::start(folder.path(), &folder.path().join("data"));
    server.ask("initialize", &json!({ "capabilities": {} }));
    server.tell("initialized", &json!({}));
    let document = json!({ "uri": uri, "languageId": "flow", "version": 1, "text": text });
    server.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    let (mut version, mut dice) = (1, 0x0dd5_5eed_1234_abcd_u64);
    let mut round = |server: &mut Server| {
        for edit in 0..EDITS {
            version += 1;
            // An item that was never there before, at the end; and a text that is broken somewhere else each time.
            let changed = match edit % 2 {
                0 => format!("{text}\nconst number_{version} = {edit}\n"),
                _ => edited(&text, &mut dice),
            };
            let document = json!({ "uri": uri, "version": version });
            let params = json!({ "textDocument": document, "contentChanges": [{ "text": changed }] });
            server.tell("textDocument/didChange", &params);
            let at = json!({ "line": edit % changed.lines().count(), "character": 4 });
            let about = json!({ "textDocument": { "uri": uri }, "position": at });
            for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
                server.ask(method, &about);
            }
            server.ask("textDocument/semanticTokens/full", &json!({ "textDocument": { "uri": uri } }));
            server.ask("textDocument/diagnostic", &json!({ "textDocument": { "uri": uri } }));
        }
        resident(server)
    };
    // What is made once is made in the first rounds.
    let before = (0..2).map(|_| round(&mut server)).max().unwrap();
    let after = (0..4).map(|_| round(&mut server)).min().unwrap();
    println!("{} MiB, then {} MiB", before >> 20, after >> 20);
    assert!(after < before + SLACK, "{before} bytes grew to {after}");
}

/// The text with a line moved, taken out, cut short or doubled: any one, and the same ones in every run of this test.
fn edited(text: &str, dice: &mut u64) -> String {
    let mut below = |n: usize| {
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        usize::try_from(*dice >> 33).unwrap() % n.max(1)
    };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = below(lines.len());
    let line = lines.remove(at);
    match below(4) {
        0 => lines.insert(below(lines.len() + 1), line),
        1 => {}
        2 => lines.insert(at, &line[..line.floor_char_boundary(below(line.len()))]),
        _ => [line, line].into_iter().for_each(|line| lines.insert(at, line)),
    }
    lines.concat()
}

/// How many bytes of memory it has in use.
fn resident(server: &Server) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{}/statm", server.child.id())).unwrap();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}
