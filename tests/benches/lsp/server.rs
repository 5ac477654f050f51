//! What the whole server takes, messages included.

use crate::corpus::{EDITED, FILES, large, small, typed};
use crate::editor::{Editor, place, uri};
use crate::spent::{Spent, begin, within};
use carapace_tests::measure::Budget;
use serde_json::json;

pub(crate) async fn measure() {
    let (files, text) = small();
    let mut editor = Editor::start(&files).await;
    editor.open("main.flow", &text).await;
    editor.diagnostics("main.flow").await;
    writing("1,000 lines", &mut editor, "main.flow", &text).await;
    reading("1,000 lines", &mut editor, "main.flow", &text).await;

    let (files, text) = large();
    let mut opened = Spent::default();
    let begun = begin();
    let mut editor = Editor::start(&files).await;
    editor.open(EDITED, &text).await;
    editor.diagnostics(EDITED).await;
    begun.end(&mut opened);
    opened.tell("300,000 lines: opened, to what is wrong", Budget::None);
    writing("1,000 files", &mut editor, EDITED, &text).await;
    reading("1,000 files", &mut editor, EDITED, &text).await;
    renaming(&mut editor, &text).await;
}

/// Keystrokes, and proposals after each.
async fn writing(of: &str, editor: &mut Editor, path: &str, text: &str) {
    let (mut wrong, mut proposed) = (Spent::default(), Spent::default());
    for (text, at) in typed(text, 400) {
        let begun = begin();
        editor.change(path, &text).await;
        editor.diagnostics(path).await;
        begun.end(&mut wrong);
        let begun = begin();
        editor.ask("textDocument/completion", place(path, &text, at)).await;
        begun.end(&mut proposed);
    }
    wrong.tell(&format!("{of}: a keystroke to what is wrong"), within(of, 5.0));
    proposed.tell(&format!("{of}: proposals"), within(of, 3.0));
    editor.change(path, text).await;
    editor.diagnostics(path).await;
}

/// What names are, and tokens.
async fn reading(of: &str, editor: &mut Editor, path: &str, text: &str) {
    let document = json!({ "textDocument": { "uri": uri(path) } });
    // The first answer waits until everything is known.
    editor.ask("textDocument/references", references(path, text, "total_1(")).await;
    let (mut hovered, mut colored) = (Spent::default(), Spent::default());
    for (at, _) in text.match_indices("ticket").cycle().take(400) {
        let begun = begin();
        editor.ask("textDocument/hover", place(path, text, at)).await;
        begun.end(&mut hovered);
    }
    for _ in 0..100 {
        let begun = begin();
        editor.ask("textDocument/semanticTokens/full", document.clone()).await;
        begun.end(&mut colored);
    }
    hovered.tell(&format!("{of}: what a name is"), within(of, 3.0));
    colored.tell(&format!("{of}: tokens of the file"), Budget::None);
}

async fn renaming(editor: &mut Editor, text: &str) {
    let mut spent = Spent::default();
    for name in ["charge", "fee"] {
        let mut asked = references(EDITED, text, "price *");
        asked["newName"] = json!(name);
        let begun = begin();
        let edit = editor.ask("textDocument/rename", asked).await;
        begun.end(&mut spent);
        assert_eq!(edit["changes"].as_object().map(|c| c.len()), Some(FILES), "{edit}");
    }
    spent.tell("1,000 files: a name that all of them use is renamed", Budget::None);
}

fn references(path: &str, text: &str, name: &str) -> serde_json::Value {
    let mut asked = place(path, text, text.find(name).unwrap());
    asked["context"] = json!({ "includeDeclaration": true });
    asked
}
