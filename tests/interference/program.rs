//! Whole programs: statements around expressions, one forbidden place a line.

use crate::write::Writer;

/// What every program has.
const AROUND: &str = r#"use std/http

type Input { text: Text, other: Text, count: Int }
type Rec { a: Text, b: Text, n: Int }
type Thing = named(name: Text) | bare
type Box { name: Text, key: Secret }
agent desk { model: "anthropic/claude-sonnet-4-5" }
state kept: Text = "K0"
const fixed = "K7"
fn same<T>(value: T) -> T = value
fn again(text: Text) -> Text = if text.length() > 40 { text } else { again(text + text + ".") }
fn tidy(text: Text) -> Text {
  var out = ""
  for word in text.words() { out = out + word }
  return out
}
fn twice(value: Text, change: fn(Text) -> Text) -> Text = change(change(value))
fn made(a: Text, b: Text) -> Rec = Rec { a: a, b: b, n: a.length() }
fn swap(rec: Rec) -> Rec = Rec { a: rec.b, b: rec.a, n: rec.n }
fn maybe(text: Text) -> Text? = if text is empty { none } else { text }
fn name_of(thing: Thing) -> Text = match thing {
  named(name: let name) => name
  bare => "K8"
}
fn picked(text: Text, other: Text) -> Text = match text {
  "K1" => other
  let some => some
}
flow sub(text: Text) -> Text {
  wait(1s)
  return "<{text}>"
}
flow keep(text: Text) {
  set kept = text
}
flow start_here on manual(Input) {
"#;

/// A program, line by line.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    lines: Vec<(String, bool)>,
}

impl Written {
    /// As source text.
    pub(crate) fn source(&self) -> String {
        self.lines.iter().map(|(line, _)| format!("{line}\n")).collect()
    }

    /// Whether the line, counted from 1, is a forbidden place.
    pub(crate) fn may_go(&self, line: usize) -> bool {
        self.lines.get(line - 1).is_some_and(|(_, sink)| *sink)
    }

    /// Takes lines out.
    pub(crate) fn remove(&mut self, lines: &[usize]) {
        for line in lines {
            self.lines[line - 1] = (String::new(), false);
        }
    }

    /// How many forbidden places it has.
    pub(crate) fn sinks(&self) -> usize {
        self.lines.iter().filter(|(_, sink)| *sink).count()
    }
}

/// The program that the bytes stand for.
pub(crate) fn written(bytes: &[u8], hole: Option<&'static str>) -> Written {
    let mut lines: Vec<(String, bool)> = AROUND.lines().map(|line| (line.to_owned(), false)).collect();
    let mut writer = Writer::new(bytes, hole);
    let mut body = Body { writer: &mut writer, lines: &mut lines };
    body.plain("  let key = secret(\"SECRET\")");
    while body.writer.choices.more() {
        body.statement(2);
    }
    lines.push(("}".to_owned(), false));
    Written { lines }
}

struct Body<'w, 'b> {
    writer: &'w mut Writer<'b>,
    lines: &'w mut Vec<(String, bool)>,
}

impl Body<'_, '_> {
    fn plain(&mut self, line: impl Into<String>) {
        self.lines.push((line.into(), false));
    }

    fn sink(&mut self, line: impl Into<String>) {
        self.lines.push((line.into(), true));
    }

    /// Some statements in a scope of their own.
    fn inside(&mut self, depth: u32) {
        let w = &self.writer;
        let scope = (w.texts.len(), w.lists.len(), w.records.len(), w.tags.len());
        self.plain("  log(\"in\")");
        for _ in 0..=self.writer.choices.below(3) {
            self.statement(depth.saturating_sub(1));
        }
        self.writer.texts.truncate(scope.0);
        self.writer.lists.truncate(scope.1);
        self.writer.records.truncate(scope.2);
        self.writer.tags.truncate(scope.3);
    }

    fn statement(&mut self, depth: u32) {
        let choice = self.writer.choices.below(if depth == 0 { 12 } else { 19 });
        match choice {
            0..=3 => self.forbidden(),
            4 => self.secret(),
            5 => {
                let (value, name) = (self.writer.text(2), self.writer.fresh("t"));
                self.plain(format!("  let {name} = {value}"));
                self.writer.texts.push(name);
            }
            6 => {
                let (value, name) = (self.writer.list(2), self.writer.fresh("l"));
                self.plain(format!("  let {name} = {value}"));
                self.writer.lists.push(name);
            }
            7 => {
                let (value, name) = (self.writer.record(2), self.writer.fresh("r"));
                self.plain(format!("  let {name} = {value}"));
                self.writer.records.push(name);
            }
            8 => {
                let (value, name) = (self.writer.tag(2), self.writer.fresh("g"));
                self.plain(format!("  let {name}: Thing = {value}"));
                self.writer.tags.push(name);
            }
            9 => {
                let value = self.writer.text(2);
                self.plain(format!("  keep({value})"));
            }
            10 => self.asked(),
            11 => {
                let value = self.writer.text(2);
                self.plain(format!("  log({value})"));
            }
            _ => self.compound(choice, depth),
        }
    }

    /// A place where nothing from outside may go.
    fn forbidden(&mut self) {
        let value = self.writer.text(2);
        let line = match self.writer.choices.below(3) {
            0 => format!("  send(\"hello\", to: Room {{ name: {value} }})"),
            _ => format!("  emit({value}, 0)"),
        };
        self.sink(line);
    }

    /// A place where no secret may go, and one where it may.
    fn secret(&mut self) {
        let key = match self.writer.choices.below(3) {
            0 => "key".to_owned(),
            1 => "same(key)".to_owned(),
            _ => "Box { name: fixed, key: key }.key".to_owned(),
        };
        let address = "url\"https://example.com/\"";
        match self.writer.choices.below(5) {
            0 => self.plain(format!("  http.get({address}, token: {key})")),
            1 => self.sink(format!("  emit(\"K1\", {key})")),
            2 => self.sink(format!("  http.post({address}, [{key}])")),
            3 => self.sink(format!("  log(to_json({key}).encode())")),
            _ => self.sink(format!("  http.post({address}, Box {{ name: \"K2\", key: {key} }})")),
        }
    }

    /// What models, machines and sub-flows answer.
    fn asked(&mut self) {
        let (value, name) = (self.writer.text(2), self.writer.fresh("t"));
        let (construct, call) = match self.writer.choices.below(5) {
            0 => ("answer", format!("desk.ask({value})")),
            1 => ("answer", format!("http.get(url\"https://example.com/{{{value}}}\").body")),
            2 => ("error", format!("(do {{ fail({value}) }} else e {{ e.message }})")),
            3 => ("branch", format!("both({value}, {value})")),
            _ => ("flow", format!("sub({value})")),
        };
        if construct == "branch" {
            let other = self.writer.text(1);
            let pair = self.writer.fresh("p");
            self.plain(format!("  let {pair} = parallel {{"));
            self.plain(format!("    a: sub({value})"));
            self.plain(format!("    b: sub({other})"));
            self.plain("  }");
            let side = *self.writer.choices.pick(&["a", "b"]).unwrap();
            let read = self.writer.made("branch", format!("{pair}.{side}"));
            self.plain(format!("  let {name} = {read}"));
        } else {
            let call = self.writer.made(construct, call);
            self.plain(format!("  let {name} = {call}"));
        }
        self.writer.texts.push(name);
    }

    fn compound(&mut self, choice: usize, depth: u32) {
        match choice {
            12 => {
                let value = self.writer.text(1);
                self.plain(format!("  if input.count == 1 and {value} is not empty {{"));
                self.inside(depth);
                self.plain("  } else {");
                self.inside(depth);
                self.plain("  }");
            }
            13 => {
                let (list, name) = (self.writer.list(2), self.writer.fresh("w"));
                self.plain(format!("  for {name} in {list} {{"));
                let read = self.writer.made("loop", name.clone());
                let inner = self.writer.fresh("t");
                self.plain(format!("  let {inner} = {read}"));
                self.writer.texts.push(inner.clone());
                self.inside(depth);
                self.writer.texts.retain(|text| *text != inner);
                self.plain("  }");
            }
            14 | 15 => {
                // A variable that a later round hands on.
                let (first, name) = (self.writer.text(1), self.writer.fresh("v"));
                self.plain(format!("  var {name} = {first}"));
                self.plain("  repeat 2 {");
                let read = self.writer.made("variable", name.clone());
                let inner = self.writer.fresh("t");
                self.plain(format!("  let {inner} = {read}"));
                self.writer.texts.push(inner.clone());
                self.inside(depth);
                let next = self.writer.text(1);
                self.plain(format!("  {name} = {next}"));
                self.writer.texts.retain(|text| *text != inner);
                self.plain("  }");
            }
            16 => {
                // Equal to what the author wrote: both runs go the same way, as their texts are never that.
                let (value, name) = (self.writer.text(1), self.writer.fresh("t"));
                self.plain(format!("  let {name} = {value}"));
                self.plain(format!("  if {name} in [\"K1\", \"K2\", fixed] {{"));
                self.sink(format!("  emit({name}, 0)"));
                self.plain("  } else {");
                self.sink(format!("  emit({name}, 0)"));
                self.plain("  }");
            }
            17 => {
                let (value, name) = (self.writer.text(1), self.writer.fresh("f"));
                self.plain(format!("  if {value} matches re\"(?<x>[A-Za-z]+)\" as {name} {{"));
                let read = self.writer.made("regex", format!("{name}.x"));
                let inner = self.writer.fresh("t");
                self.plain(format!("  let {inner} = {read}"));
                self.writer.texts.push(inner.clone());
                self.inside(depth);
                self.writer.texts.retain(|text| *text != inner);
                self.plain("  }");
            }
            _ => {
                let (value, name) = (self.writer.text(1), self.writer.fresh("t"));
                self.plain(format!("  match {value} {{"));
                self.plain("  \"K1\" | \"K2\" => {");
                self.inside(depth);
                self.plain("  }");
                self.plain(format!("  let {name} => {{"));
                self.writer.texts.push(name.clone());
                self.inside(depth);
                self.writer.texts.retain(|text| *text != name);
                self.plain("  }");
                self.plain("  }");
            }
        }
    }
}
