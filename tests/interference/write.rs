//! Expressions, written from a stream of choices.

use carapace_tests::generate::Choices;

/// The constructs that a checker might be blind for.
pub(crate) const CONSTRUCTS: &[&str] = &[
    "input", "answer", "name", "variable", "text", "sum", "native", "function", "higher", "lambda",
    "capture", "list", "map", "field", "swapped", "tag", "optional", "if", "match", "fold", "json", "bytes",
    "regex", "state", "flow", "branch", "loop", "error",
];

/// What is in scope, and where the program is blind.
pub(crate) struct Writer<'b> {
    pub(crate) choices: Choices<'b>,
    /// Names of texts, of lists of texts, of records, of tags.
    pub(crate) texts: Vec<String>,
    pub(crate) lists: Vec<String>,
    pub(crate) records: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// The construct for which the checker is to be blind.
    pub(crate) hole: Option<&'static str>,
    next: u32,
}

impl<'b> Writer<'b> {
    pub(crate) fn new(bytes: &'b [u8], hole: Option<&'static str>) -> Writer<'b> {
        Writer {
            choices: Choices::new(bytes),
            texts: Vec::new(),
            lists: Vec::new(),
            records: Vec::new(),
            tags: Vec::new(),
            hole,
            next: 0,
        }
    }

    /// A name that nothing else has.
    pub(crate) fn fresh(&mut self, letter: &str) -> String {
        self.next += 1;
        format!("{letter}{}", self.next)
    }

    /// What the construct gives; taken for trusted where the checker is blind for it.
    pub(crate) fn made(&self, construct: &'static str, source: String) -> String {
        debug_assert!(CONSTRUCTS.contains(&construct), "{construct}");
        if self.hole == Some(construct) { format!("trust({source}, because: \"a hole\")") } else { source }
    }

    /// A text that is more often the author's than not.
    pub(crate) fn text(&mut self, depth: u32) -> String {
        if depth == 0 || !self.choices.more() {
            return self.leaf();
        }
        let below = depth - 1;
        match self.choices.below(19) {
            0 => {
                let (a, b) = (self.text(below), self.text(below));
                self.made("text", format!("\"{{{a}}} {{{b}}}\""))
            }
            1 => {
                let (a, b) = (self.text(below), self.text(below));
                self.made("sum", format!("({a} + {b})"))
            }
            2 => {
                let text = self.text(below);
                let call = *self
                    .choices
                    .pick(&["upper()", "trim()", "slice(0, 9)", "replace(\"K\", \"L\")"])
                    .unwrap();
                self.made("native", format!("{text}.{call}"))
            }
            3 => {
                let text = self.text(below);
                let call = *self.choices.pick(&["same", "again", "tidy"]).unwrap();
                self.made("function", format!("{call}({text})"))
            }
            4 => {
                let (value, other) = (self.text(below), self.text(below));
                self.made("higher", format!("twice({value}, x => \"{{x}} {{{other}}}\")"))
            }
            5 => {
                let list = self.list(below);
                self.made("lambda", format!("({list}.map(x => x.trim()).first() ?? \"K2\")"))
            }
            6 => {
                let list = self.list(below);
                let text = self.text(below);
                self.made(
                    "capture",
                    format!("([\"K1\"].map(x => \"{{x}} {{{text}}}\").first() ?? {list}.join())"),
                )
            }
            7 => {
                let (list, at) = (self.list(below), self.choices.below(3));
                self.made("list", format!("({list}[{at}] ?? \"K3\")"))
            }
            8 => {
                let (key, value, at) = (self.text(below), self.text(below), self.choices.below(3));
                self.made("map", format!("([\"K1\": {value}, \"K2\": {key}][\"K{at}\"] ?? \"K4\")"))
            }
            9 => {
                let (record, field) = (self.record(below), *self.choices.pick(&["a", "b"]).unwrap());
                self.made("field", format!("{record}.{field}"))
            }
            10 => {
                let record = self.record(below);
                self.made("swapped", format!("swap({record}).a"))
            }
            11 => {
                let tag = self.tag(below);
                self.made("tag", format!("name_of({tag})"))
            }
            12 => {
                let (text, other) = (self.text(below), self.text(below));
                self.made("optional", format!("(maybe({text})?.lower() ?? {other})"))
            }
            13 => {
                let (a, b) = (self.text(below), self.text(below));
                let count = self.choices.below(3);
                self.made("if", format!("(if input.count > {count} {{ {a} }} else {{ {b} }})"))
            }
            14 => {
                let (value, other) = (self.text(below), self.text(below));
                self.made("match", format!("picked({value}, {other})"))
            }
            15 => {
                let list = self.list(below);
                self.made("fold", format!("{list}.fold(\"K5\", (all, x) => all + x)"))
            }
            16 => {
                let text = self.text(below);
                self.made("json", format!("(to_json([{text}])[0]?.text() ?? \"K6\")"))
            }
            17 => {
                let text = self.text(below);
                self.made("bytes", format!("to_bytes({text}).base64()"))
            }
            _ => self.made("state", "kept".to_owned()),
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.below(6) {
            0 => self.made("input", "input.text".to_owned()),
            1 => self.made("input", "input.other".to_owned()),
            2 | 3 if !self.texts.is_empty() => {
                let texts = self.texts.clone();
                let name = self.choices.pick(&texts).unwrap().clone();
                self.made("name", name)
            }
            4 => "fixed".to_owned(),
            _ => format!("\"K{}\"", self.choices.below(9)),
        }
    }

    /// A list of texts.
    pub(crate) fn list(&mut self, depth: u32) -> String {
        let known = self.lists.clone();
        match self.choices.below(4) {
            0 if !known.is_empty() => self.choices.pick(&known).unwrap().clone(),
            1 => format!("{}.words()", self.text(depth.saturating_sub(1))),
            2 => format!("{}.split(\" \")", self.text(depth.saturating_sub(1))),
            _ => {
                let (a, b) = (self.text(depth.saturating_sub(1)), self.text(depth.saturating_sub(1)));
                format!("[{a}, {b}]")
            }
        }
    }

    /// A record.
    pub(crate) fn record(&mut self, depth: u32) -> String {
        let known = self.records.clone();
        if self.choices.below(3) == 0 && !known.is_empty() {
            return self.choices.pick(&known).unwrap().clone();
        }
        let (a, b) = (self.text(depth.saturating_sub(1)), self.text(depth.saturating_sub(1)));
        format!("made({a}, {b})")
    }

    /// A tag.
    pub(crate) fn tag(&mut self, depth: u32) -> String {
        let known = self.tags.clone();
        match self.choices.below(3) {
            0 if !known.is_empty() => self.choices.pick(&known).unwrap().clone(),
            1 => "Thing.bare".to_owned(),
            _ => format!("Thing.named(name: {})", self.text(depth.saturating_sub(1))),
        }
    }
}
