//! What people (and cats) type.

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

const TYPED: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "\n",
    " ",
    ",",
    ":",
    ".",
    "?",
    "=",
    "=>",
    "//",
    "///",
    "\\",
    "let ",
    "if ",
    "flow ",
    "else ",
    "x",
    "1",
    "<",
    ">",
    "- ",
    "é",
    "\n\n",
    "none",
    "0",
    "reply(\"x\")",
    "wait(1m)",
    "return",
    "match ",
    "for x in ",
    "parallel ",
    "undo ",
    "{x}",
    "message",
    "sender",
    "now()",
    "ask(\"?\")",
    " is none",
    " and ",
    "do ",
    "state ",
];

/// The text with a few changes: something typed, something taken away, a line moved or doubled.
pub(crate) fn edited(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + dice.below(3) {
        let at = dice.place(&text);
        match dice.below(5) {
            0 => text.insert_str(at, TYPED[dice.below(TYPED.len())]),
            1 => {
                let end = dice.place(&text);
                let (from, to) = (at.min(end), at.max(end).min(at.min(end) + 30));
                let to = (to..=text.len()).find(|to| text.is_char_boundary(*to)).unwrap();
                text.replace_range(from..to, "");
            }
            // One word in the place of another: the kind of edit that still parses.
            2 => swap_words(&mut text, dice),
            3 => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                let line = lines.remove(dice.below(lines.len()));
                lines.insert(dice.below(lines.len() + 1), line);
                text = lines.concat();
            }
            _ => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                lines.remove(dice.below(lines.len()));
                text = lines.concat();
            }
        }
        if text.is_empty() {
            text.push('\n');
        }
    }
    text
}

fn swap_words(text: &mut String, dice: &mut Dice) {
    let words: Vec<(usize, &str)> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect();
    if words.is_empty() {
        return;
    }
    let (at, old) = words[dice.below(words.len())];
    let new = words[dice.below(words.len())].1.to_owned();
    let range = at..at + old.len();
    text.replace_range(range, &new);
}
