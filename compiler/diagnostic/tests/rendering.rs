//! What each rendering says about the same two diagnostics.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::render::{self, Human};
use carapace_diagnostic::{Code, Diagnostic, FileId, SourceMap};
use serde_json::Value;

const MAIN: &str =
    "use shop/orders\n\nflow desk on support.message {\n  replly(\"grüße\")\n  orders.find(1)\n}\n";
const ORDERS: &str = "/// Finds it.\ntool find(id: Text) -> Text {\n  return id\n}\n";

fn example() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let main = sources.add("main.flow", MAIN);
    let orders = sources.add("shop/my orders.flow", ORDERS);
    let at = |file: FileId, text: &str, what: &str| {
        let start = u32::try_from(text.find(what).unwrap()).unwrap();
        Diagnostic::at(file, start, start + u32::try_from(what.len()).unwrap())
    };
    let name = at(main, MAIN, "replly");
    let wrong_type = at(main, MAIN, "1");
    let diagnostics = vec![
        Diagnostic::new(Code("E0101"), name, "there is no function `replly`").label("not found").fix(
            "replace with `reply`",
            name,
            "reply",
        ),
        Diagnostic::new(Code("E0102"), wrong_type, "expected `Text`, found `Int`")
            .label("this is an `Int`")
            .also(at(main, MAIN, "use shop/orders"), "imported here")
            .also(at(orders, ORDERS, "id: Text"), "declared here")
            .help("write it in quotes"),
    ];
    (sources, diagnostics)
}

#[test]
fn human_shows_places_of_all_files_and_no_escape_without_colours() {
    let (sources, diagnostics) = example();
    let text = render::human(&diagnostics, &sources, Human { colours: false, width: 80 });
    assert!(!text.contains('\u{1b}'), "{text}");
    for part in [
        "error E0101",
        "there is no function `replly`",
        "main.flow:4:3",
        "replly(\"grüße\")",
        "not found",
        "help: replace with `reply`",
        "expected `Text`, found `Int`",
        "imported here",
        "shop/my orders.flow:2:11",
        "declared here",
        "help: write it in quotes",
    ] {
        assert!(text.contains(part), "`{part}` is missing from\n{text}");
    }
}

#[test]
fn human_draws_places_that_are_far_from_each_other_apart() {
    let text = format!("first\n{}last\n", "between\n".repeat(50));
    let mut sources = SourceMap::new();
    let file = sources.add("main.flow", text.as_str());
    let end = u32::try_from(text.len()).unwrap();
    let diagnostic = Diagnostic::new(Code("E0101"), Diagnostic::at(file, end - 5, end - 1), "no")
        .also(Diagnostic::at(file, 0, 5), "declared here");
    let drawn = render::human(&[diagnostic], &sources, Human::default());
    assert!(drawn.contains("declared here") && drawn.contains("52 │ last"), "{drawn}");
    assert!(drawn.matches("between").count() <= 2, "{drawn}");
}

#[test]
fn human_uses_colours_where_asked() {
    let (sources, diagnostics) = example();
    let text = render::human(&diagnostics, &sources, Human { colours: true, width: 80 });
    assert!(text.contains('\u{1b}'));
}

#[test]
fn human_names_a_file_without_text() {
    let mut sources = SourceMap::new();
    let file = sources.add("gone.flow", "");
    let diagnostic = Diagnostic::new(Code("E0901"), Diagnostic::at(file, 0, 0), "cannot be read");
    let text = render::human(&[diagnostic], &sources, Human::default());
    assert!(text.contains("gone.flow: cannot be read"), "{text}");
}

#[test]
fn human_survives_any_place_in_any_text() {
    for text in ["", "a", "ü", "a\n", "\n\n", "a\r\nb\r\n", &"x".repeat(5000), &"long ü line ".repeat(1000)]
    {
        let mut sources = SourceMap::new();
        let file = sources.add("a.flow", text);
        let end = u32::try_from(text.len()).unwrap();
        for (start, stop) in
            [(0, 0), (0, 1), (0, end), (end, end), (end, end + 9), (end / 2, end / 2 + 3), (3, 1)]
        {
            let diagnostic =
                Diagnostic::new(Code("E0001"), Diagnostic::at(file, start, stop), "the words stay")
                    .label("here");
            let shown = render::human(&[diagnostic], &sources, Human::default());
            assert!(shown.contains("the words stay"), "{start}..{stop} of {text:?}");
            assert!(shown.len() < 6000 || end < 6000, "a long line is shown in part");
        }
    }
}

#[test]
fn json_has_bytes_lines_and_columns() {
    let (sources, diagnostics) = example();
    let document: Value = serde_json::from_str(&render::json(&diagnostics, &sources)).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["summary"], serde_json::json!({ "errors": 2, "warnings": 0 }));
    let second = &document["diagnostics"][1];
    assert_eq!(second["code"], "E0102");
    assert_eq!(second["file"], "main.flow");
    assert_eq!(second["range"]["start"]["line"], 5);
    assert_eq!(second["range"]["start"]["column"], 15);
    let byte = usize::try_from(second["range"]["start"]["byte"].as_u64().unwrap()).unwrap();
    assert_eq!(&MAIN[byte..=byte], "1");
    assert_eq!(second["secondary"][1]["file"], "shop/my orders.flow");
    assert_eq!(document["diagnostics"][0]["fix"]["edits"][0]["text"], "reply");
    let none: Value = serde_json::from_str(&render::json(&[], &sources)).unwrap();
    assert_eq!(none["diagnostics"], serde_json::json!([]), "without mistakes it is a document too");
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let (sources, mut diagnostics) = example();
    let log: Value = serde_json::from_str(&render::sarif(&diagnostics, &sources)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "carapace");
    let result = &run["results"][1];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 5);
    let related = &result["relatedLocations"][1]["physicalLocation"];
    assert_eq!(related["artifactLocation"]["uri"], "shop/my%20orders.flow", "a URI, not a path");
    assert_eq!(
        run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "reply"
    );
    diagnostics[0].code = Code("E0901");
    let log: Value = serde_json::from_str(&render::sarif(&diagnostics, &sources)).unwrap();
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    assert_eq!(
        rules[1]["shortDescription"]["text"], "the file cannot be read",
        "a page becomes the rule's help"
    );
}

#[test]
fn github_escapes_what_would_end_the_command() {
    let mut sources = SourceMap::new();
    let file = sources.add("a,b:c.flow", "one\ntwo\n");
    let span = Diagnostic::at(file, 4, 7);
    let diagnostic = Diagnostic::new(Code("W0201"), span, "100% of\nit").help("less");
    assert_eq!(
        render::github(&[diagnostic], &sources),
        "::warning file=a%2Cb%3Ac.flow,line=2,endLine=2,col=1,endColumn=4,title=W0201::100%25 of%0Ait%0Ahelp: less\n"
    );
}

#[test]
fn sorting_is_by_file_and_place() {
    let (_, mut diagnostics) = example();
    diagnostics.reverse();
    render::sort(&mut diagnostics);
    assert_eq!(diagnostics.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["E0101", "E0102"]);
}
