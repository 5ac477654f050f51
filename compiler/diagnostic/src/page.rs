//! The page behind each code: what `carapace explain` shows, and what the tests compile.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// A code's page, split into its parts. The pages are the files of `codes/`; their shape:
///
/// ````text
/// # E0101: unknown name
///
/// Why this is a mistake.
///
/// ## Wrong
///
/// ```flow
/// source that gives exactly this code
/// ```
///
/// ## Right
///
/// ```flow
/// source that checks without errors
/// ```
///
/// Why this is right.
/// ````
///
/// An example of several files says which is which behind the language: ```` ```flow shop/orders.flow ````. A block in
/// another language than `flow` is shown and not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// `E0101`.
    pub code: &'static str,
    /// `unknown name`.
    pub title: &'static str,
    /// The paragraphs before the examples, as Markdown.
    pub why: &'static str,
    /// What gives the code.
    pub wrong: Example,
    /// The same, repaired.
    pub right: Example,
    /// The whole page, as Markdown.
    pub text: &'static str,
}

/// The sources below one heading and the words around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Example {
    /// The fenced blocks, in order.
    pub blocks: Vec<Block>,
    /// Everything that is not in a block, as Markdown.
    pub words: String,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `flow`, or what else the fence says.
    pub language: &'static str,
    /// The path behind the language, where the example has several files.
    pub path: Option<&'static str>,
    /// The source, with its last line break.
    pub source: &'static str,
}

/// The page of a code (`E0101`, in any case), if there is such a code.
pub fn explain(code: &str) -> Option<Page> {
    let code = code.trim();
    let (code, text) = PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))?;
    Some(split(code, text))
}

/// The page of a code as it was written, in Markdown.
pub fn page_text(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}

/// Every code that has a page, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(code, _)| *code)
}

fn split(code: &'static str, text: &'static str) -> Page {
    let (head, rest) = text.split_once("\n## Wrong\n").unwrap_or((text, ""));
    let (wrong, right) = rest.split_once("\n## Right\n").unwrap_or((rest, ""));
    let (title, why) = head.split_once('\n').unwrap_or((head, ""));
    let title = title.trim_start_matches('#').trim_start();
    let title = title.strip_prefix(code).and_then(|t| t.strip_prefix(':')).unwrap_or(title);
    Page { code, title: title.trim(), why: why.trim(), wrong: example(wrong), right: example(right), text }
}

fn example(section: &'static str) -> Example {
    let mut example = Example::default();
    let mut rest = section;
    while let Some((before, fenced)) = rest.split_once("```") {
        let Some((info, body)) = fenced.split_once('\n') else { break };
        let end = body.find("\n```").map_or(body.len(), |at| at.saturating_add(1));
        let (source, after) = body.split_at_checked(end).unwrap_or((body, ""));
        let (language, path) = info.trim().split_once(' ').map_or((info.trim(), None), |(l, p)| (l, Some(p)));
        example.blocks.push(Block { language, path: path.map(str::trim), source });
        push_words(&mut example.words, before);
        rest = after.strip_prefix("```").unwrap_or(after);
    }
    push_words(&mut example.words, rest);
    example
}

fn push_words(words: &mut String, more: &str) {
    let more = more.trim();
    if more.is_empty() {
        return;
    }
    if !words.is_empty() {
        words.push_str("\n\n");
    }
    words.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_split_into_its_parts() {
        let text = "# E0101: unknown name\n\nWhy.\n\nMore.\n\n## Wrong\n\n```flow\nlet a = b\n```\n\n## Right\n\n\
                    ```flow main.flow\nuse x\n```\n\nWith:\n\n```flow x.flow\nlet b = 1\n```\n\nBecause.\n";
        let page = split("E0101", text);
        assert_eq!((page.title, page.why), ("unknown name", "Why.\n\nMore."));
        assert_eq!(page.wrong.blocks, [Block { language: "flow", path: None, source: "let a = b\n" }]);
        assert_eq!(page.right.blocks.len(), 2);
        assert_eq!(
            page.right.blocks[1],
            Block { language: "flow", path: Some("x.flow"), source: "let b = 1\n" }
        );
        assert_eq!(page.right.words, "With:\n\nBecause.");
    }

    #[test]
    fn every_page_has_the_shape() {
        for code in codes() {
            let page = explain(code).unwrap();
            let first = page.text.lines().next().unwrap();
            assert_eq!(first, format!("# {code}: {}", page.title), "the title of {code}");
            assert!(!page.title.is_empty() && !page.title.ends_with('.'), "the title of {code}");
            assert!(!page.why.is_empty(), "{code} says why");
            assert!(!page.wrong.blocks.is_empty(), "{code} has a failing example");
            assert!(!page.right.blocks.is_empty(), "{code} has a repaired example");
            assert!(!page.right.words.is_empty(), "{code} says why the repaired example is right");
        }
    }

    #[test]
    fn codes_are_found_in_any_case_and_no_other_text_is_one() {
        let first = codes().next().expect("there are pages");
        assert_eq!(explain(&first.to_lowercase()).map(|p| p.code), Some(first));
        assert_eq!(explain("E9999"), None);
        assert_eq!(explain(""), None);
    }
}
