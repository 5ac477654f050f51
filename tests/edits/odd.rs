//! Files that are odd as a whole: each gets one clear answer.

use carapace_driver::{Checked, MemoryFiles};

/// What is said about a `main.flow` of these bytes.
fn said(bytes: &[u8]) -> Vec<String> {
    let mut files = MemoryFiles::default();
    files.insert("main.flow", bytes);
    let checked = Checked::of(&files, "main.flow");
    checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

const FLOW: &str = "channel chat: any\n\nflow f on chat.message {\n  reply(\"x\")\n}\n";

#[test]
fn nothing_is_a_package_too() {
    assert_eq!(said(b""), [""; 0]);
    assert_eq!(said(b"\n\n  \n"), [""; 0]);
    assert_eq!(said(b"// only a remark"), [""; 0]);
}

#[test]
fn marks_of_editors_are_no_text() {
    assert_eq!(said(format!("\u{feff}{FLOW}").as_bytes()), [""; 0]);
    assert_eq!(said(FLOW.replace('\n', "\r\n").as_bytes()), [""; 0]);
    assert_eq!(said(FLOW.trim_end().as_bytes()), [""; 0]);
    assert_eq!(said(FLOW.replace("  ", "\t").as_bytes()), [""; 0]);
}

#[test]
fn carriage_returns_do_not_get_into_texts() {
    let source =
        "const a = \"\"\"\n  one\n  two\n  \"\"\"\n\ntest \"lines\" {\n  expect a == \"one\\ntwo\"\n}\n";
    let mut files = MemoryFiles::default();
    files.insert("main.flow", source.replace('\n', "\r\n").as_bytes());
    let compiled = Checked::of(&files, "main.flow").compile().map_err(|c| c.diagnostics).unwrap();
    let loaded =
        carapace_rehearsal::Loaded::new(compiled.module.to_bytes(), carapace_engine::machine::vm::load)
            .unwrap();
    assert_eq!(carapace_rehearsal::run(&loaded, &Default::default()).failed(), 0);
}

#[test]
fn what_is_no_text_is_told_once() {
    assert_eq!(
        said(b"channel chat: any // \xff\n"),
        ["E0902 the file is not UTF-8: byte 22 belongs to no character"]
    );
    assert_eq!(said(&vec![b' '; 10 << 20]), ["E0903 the file has more than 4 MiB"]);
    assert_eq!(said(b"\x7fELF\x02\x01\x01\0\0\0").len(), 1, "{:?}", said(b"\x7fELF\x02\x01\x01\0\0\0"));
}

#[test]
fn zeros_are_told_and_the_rest_is_understood() {
    let with_zero = FLOW.replace("reply(\"x\")", "reply(\0\"x\")");
    assert_eq!(said(with_zero.as_bytes()).len(), 1, "{:?}", said(with_zero.as_bytes()));
    assert_eq!(said(b"\0\0\0\0").len(), 1, "{:?}", said(b"\0\0\0\0"));
    let in_text = FLOW.replace("\"x\"", "\"a\0b\"");
    assert!(said(in_text.as_bytes()).len() <= 1, "{:?}", said(in_text.as_bytes()));
}

#[test]
fn nesting_of_ten_thousand_is_told_once() {
    let deep = |open: &str, inside: &str, close: &str| {
        let body = format!("{}{inside}{}", open.repeat(10_000), close.repeat(10_000));
        said(
            format!("channel chat: any\n\nflow f on chat.message {{\n  let a = {body}\n  reply(\"x\")\n}}\n")
                .as_bytes(),
        )
    };
    for (open, inside, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("-", "1", ""),
        ("not ", "true", ""),
        ("1 + ", "1", ""),
        ("if true { ", "1", " } else { 2 }"),
        ("match 1 { _ => ", "1", " }"),
        ("do { ", "1", " }"),
        ("f(", "1", ")"),
        ("\"{", "1", "}\""),
        ("parallel { a: ", "1", " }"),
    ] {
        let told = deep(open, inside, close);
        assert!(told.len() <= 2, "`{open}` is told {} times: {:?}", told.len(), &told[..3]);
    }
}
