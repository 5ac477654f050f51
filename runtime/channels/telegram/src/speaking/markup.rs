//! Everyday Markdown as the HTML that Telegram reads (Bot API, "HTML style").

/// Markers of emphasis, with the tag that each is, the longer ones first.
const MARKS: [(&str, &str); 5] = [("**", "b"), ("__", "b"), ("~~", "s"), ("*", "i"), ("_", "i")];

/// Emphasis inside emphasis, at most.
const DEEPEST: usize = 4;

/// The text as Telegram's HTML. What is no markup stands there as it is written, and HTML in it is text.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence(&mut out, language.trim(), &mut lines);
        } else if let Some(title) = heading(line) {
            out.push_str("<b>");
            inline(&mut out, title, DEEPEST);
            out.push_str("</b>");
        } else if let Some((indent, item)) = item(line) {
            out.push_str(indent);
            out.push_str("• ");
            inline(&mut out, item, 0);
        } else {
            inline(&mut out, line, 0);
        }
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    out
}

/// Code up to its closing fence, or to the end.
fn fence<'a>(out: &mut String, language: &str, lines: &mut impl Iterator<Item = &'a str>) {
    let plain =
        !language.is_empty() && language.chars().all(|c| c.is_ascii_alphanumeric() || "+#-".contains(c));
    out.push_str("<pre>");
    if plain {
        out.push_str("<code class=\"language-");
        escape(out, language);
        out.push_str("\">");
    }
    let code: Vec<&str> = lines.take_while(|line| line.trim() != "```").collect();
    escape(out, &code.join("\n"));
    out.push_str(if plain { "</code></pre>" } else { "</pre>" });
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    title.strip_prefix(' ').filter(|_| (1..=6).contains(&level))
}

fn item(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start_matches(' ');
    let indent = line.get(..line.len() - rest.len())?;
    let item = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("* "))?;
    Some((indent, item))
}

/// A stretch of one line.
fn inline(out: &mut String, text: &str, depth: usize) {
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let done = code(out, rest).or_else(|| link(out, rest)).or_else(|| emphasis(out, rest, before, depth));
        let used = done.unwrap_or_else(|| {
            escape(out, first.encode_utf8(&mut [0; 4]));
            first.len_utf8()
        });
        let (taken, more) = rest.split_at(used);
        before = taken.chars().next_back();
        rest = more;
    }
}

/// `code`: the bytes that it took.
fn code(out: &mut String, text: &str) -> Option<usize> {
    let rest = text.strip_prefix('`')?;
    let end = rest.find('`').filter(|end| *end > 0)?;
    out.push_str("<code>");
    escape(out, rest.get(..end)?);
    out.push_str("</code>");
    Some(end + 2)
}

/// `[words](https://…)`: the bytes that it took.
fn link(out: &mut String, text: &str) -> Option<usize> {
    let rest = text.strip_prefix('[')?;
    let (words, behind) = rest.split_once("](")?;
    let end = behind.find(')')?;
    let address = behind.get(..end)?;
    let safe = ["https://", "http://", "mailto:", "tg://"].iter().any(|scheme| address.starts_with(scheme));
    if !safe || words.is_empty() || words.contains(['[', '\n']) || address.contains(char::is_whitespace) {
        return None;
    }
    out.push_str("<a href=\"");
    escape(out, address);
    out.push_str("\">");
    inline(out, words, DEEPEST);
    out.push_str("</a>");
    Some(1 + words.len() + 2 + end + 1)
}

/// Emphasis that is closed on the same line: the bytes that it took. Within a word there is none, so that `snake_case` stays.
fn emphasis(out: &mut String, text: &str, before: Option<char>, depth: usize) -> Option<usize> {
    if depth >= DEEPEST || before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let (mark, tag) = MARKS.iter().find(|(mark, _)| text.starts_with(mark))?;
    let rest = text.get(mark.len()..)?;
    if rest.starts_with(char::is_whitespace) {
        return None;
    }
    let end = rest.match_indices(mark).map(|(at, _)| at).find(|at| {
        let inside = rest.get(..*at).unwrap_or_default();
        let behind = rest.get(at + mark.len()..).unwrap_or_default();
        !inside.is_empty()
            && !inside.ends_with(char::is_whitespace)
            && !behind.starts_with(|c: char| c.is_alphanumeric() || mark.starts_with(c))
    })?;
    out.push('<');
    out.push_str(tag);
    out.push('>');
    inline(out, rest.get(..end)?, depth + 1);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
    Some(mark.len() * 2 + end)
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_markdown_is_html() {
        for (markdown, expected) in [
            ("plain", "plain"),
            ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
            ("**bold** and *it* and ~~no~~", "<b>bold</b> and <i>it</i> and <s>no</s>"),
            ("**a *b* c**", "<b>a <i>b</i> c</b>"),
            ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
            ("an *open end", "an *open end"),
            ("`a < b` **`x`**", "<code>a &lt; b</code> <b><code>x</code></b>"),
            ("[us](https://a.example/?q=\"1\")", "<a href=\"https://a.example/?q=&quot;1&quot;\">us</a>"),
            ("[bad](javascript:alert(1))", "[bad](javascript:alert(1))"),
            ("# Title\n- one\n  * two", "<b>Title</b>\n• one\n  • two"),
            (
                "```rust\nlet a = 1 < 2;\n```\nend",
                "<pre><code class=\"language-rust\">let a = 1 &lt; 2;</code></pre>\nend",
            ),
            ("```\n**raw**", "<pre>**raw**</pre>"),
            ("", ""),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn every_tag_is_closed_whatever_is_written() {
        let pool =
            ["*", "**", "_", "__", "~~", "`", "[", "](https://a)", ")", "a", " ", "\n", "<", "```", "é"];
        let mut seed = 7_u64;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..14 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pool[(seed >> 33) as usize % pool.len()]);
            }
            let html = html(&text);
            let mut open = Vec::new();
            for tag in html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
                let name = tag.split(' ').next().unwrap();
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name), "{text:?} gave {html}"),
                    None => open.push(name),
                }
            }
            assert!(open.is_empty(), "{text:?} gave {html}");
        }
    }
}
