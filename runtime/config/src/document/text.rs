//! Texts in quotes, and their escapes.

use super::parse::Parser;

/// Reads from behind the opening quote to behind the closing one; the text so far where that is missing, which is told.
pub(super) fn read(parser: &mut Parser<'_>, quote: char, start: usize) -> String {
    let mut text = String::new();
    loop {
        let at = parser.at();
        match parser.peek() {
            None | Some('\n' | '\r') => {
                parser.error(start, at, "this text has no end").help(format!("close it with `{quote}`"));
                return text;
            }
            Some(c) if c == quote => {
                parser.bump();
                return text;
            }
            Some('\\') => {
                parser.bump();
                escape(parser, at, &mut text);
            }
            Some(c) => {
                parser.bump();
                text.push(c);
            }
        }
    }
}

fn escape(parser: &mut Parser<'_>, start: usize, text: &mut String) {
    let Some(c) = parser.peek() else { return };
    parser.bump();
    let plain = match c {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        // The text goes on in the next line.
        '\n' | '\u{2028}' | '\u{2029}' => return,
        '\r' => {
            parser.eat('\n');
            return;
        }
        '0' if !parser.peek().is_some_and(|next| next.is_ascii_digit()) => '\0',
        'x' => match parser.hex(2).and_then(char::from_u32) {
            Some(c) => c,
            None => return wrong(parser, start, "`\\x` needs two digits, such as `\\x41`"),
        },
        'u' => match unicode(parser) {
            Some(c) => c,
            None => {
                return wrong(parser, start, "`\\u` needs the four digits of a letter, such as `\\u00e9`");
            }
        },
        '0'..='9' => return wrong(parser, start, "write a letter by its number as `\\x41` or `\\u0041`"),
        other => other,
    };
    text.push(plain);
}

fn wrong(parser: &mut Parser<'_>, start: usize, help: &str) {
    parser.error(start, parser.at(), "this is no escape").help(help);
}

/// Four digits, or two times four that are one letter together.
pub(super) fn unicode(parser: &mut Parser<'_>) -> Option<char> {
    let first = parser.hex(4)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    (parser.eat('\\') && parser.eat('u')).then_some(())?;
    let second = parser.hex(4).filter(|second| (0xDC00..0xE000).contains(second))?;
    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
}
