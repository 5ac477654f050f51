//! What an editor shows between the words: types that are not written, where values come from, what waits.

use crate::workspace::Snapshot;
use carapace_check::{Call, DefinitionSite, ItemFacts, ItemOutline, Labels, NameKind, Role};
use carapace_diagnostic::{FileId, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::{ExprKind, Item, ItemKind, StmtKind};
use carapace_syntax::walk::{Node, walk};

/// What a hint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HintKind {
    /// A type.
    Type,
    /// The parameter that a value is for.
    Param,
    /// Where a value comes from.
    Label,
    /// That something may take its time.
    Waits,
}

/// Something between the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Before which byte.
    pub offset: u32,
    /// What is shown: `: Int`, `to:`.
    pub text: String,
    /// What it says.
    pub kind: HintKind,
    /// More words, for whoever asks.
    pub about: String,
}

/// Turns of agents, in which tools are called.
const TURNS: [&str; 2] = ["agent.chat", "agent.answer"];

/// The hints in a range of a file, in order.
pub fn hints(snapshot: &Snapshot, file: FileId, range: TextRange) -> Vec<Hint> {
    let mut out = Vec::new();
    for (offset, item) in snapshot.items(file) {
        let whole = item.range.shift(offset);
        if whole.end < range.start || range.end < whole.start {
            continue;
        }
        let facts = snapshot.checked.facts.item_at(file, offset).filter(|f| f.offset == offset);
        let Some(facts) = facts else { continue };
        let here = Here { snapshot, file, facts, offset };
        here.declared(item, &mut out);
        here.result(item, &mut out);
        here.calls(item, &mut out);
    }
    out.retain(|hint| range.touches(hint.offset));
    out.sort_by_key(|hint| hint.offset);
    out
}

struct Here<'a> {
    snapshot: &'a Snapshot,
    file: FileId,
    facts: &'a ItemFacts,
    offset: u32,
}

impl Here<'_> {
    fn at(&self, offset: u32) -> u32 {
        self.offset.saturating_add(offset)
    }

    /// Types and labels of names that are declared without a type.
    fn declared(&self, item: &Item, out: &mut Vec<Hint>) {
        let typed = typed(item);
        for reference in &self.facts.references {
            let local = matches!(reference.kind, NameKind::Local | NameKind::Var)
                && reference.role == Role::Declaration;
            if !local {
                continue;
            }
            let end = self.at(reference.range.end);
            if let Some(ty) = self.facts.type_of(reference.range).filter(|ty| says_something(ty))
                && !typed.contains(&reference.range)
            {
                let shown = self.snapshot.checked.outline.show(ty);
                out.push(Hint {
                    offset: end,
                    text: format!(": {shown}"),
                    kind: HintKind::Type,
                    about: String::new(),
                });
            }
            if let Some((text, about)) = self.facts.labels_of(reference.range).and_then(label) {
                out.push(Hint {
                    offset: end,
                    text: text.to_owned(),
                    kind: HintKind::Label,
                    about: about.to_owned(),
                });
            }
        }
    }

    /// What a function gives that does not say so.
    fn result(&self, item: &Item, out: &mut Vec<Hint>) {
        let Some(header) = &self.facts.header else { return };
        let place = match &item.kind {
            ItemKind::Fn(f) if f.result.is_none() => item.name.as_ref().map(|n| n.range.end),
            _ => None,
        };
        if let Some(name) = place
            && says_something(&header.result)
        {
            let text = self.snapshot.text(self.file);
            let rest = text.get(self.at(name) as usize..).unwrap_or_default();
            let close = rest.find(')').map_or(0, |at| u32::try_from(at.saturating_add(1)).unwrap_or(0));
            let shown = self.snapshot.checked.outline.show(&header.result);
            let offset = self.at(name).saturating_add(close);
            out.push(Hint {
                offset,
                text: format!(" -> {shown}"),
                kind: HintKind::Type,
                about: String::new(),
            });
        }
    }

    /// Why a call may take its time; none where it does not.
    fn waits(&self, asked: &Asked, call: &Call, declared: &ItemOutline) -> Option<String> {
        let name = &declared.name;
        match (&declared.effect, declared.kind) {
            (Some(effect), _) if effect.waits => {
                Some(format!("`{name}` may take its time: the run is kept meanwhile, over restarts too"))
            }
            (Some(effect), _) if TURNS.contains(&&*effect.identity) => {
                let (_, end) = asked.on.iter().find(|(range, _)| *range == call.range)?;
                let agent = self
                    .facts
                    .references
                    .iter()
                    .find(|reference| reference.kind == NameKind::Agent && reference.range.end == *end)?;
                self.may_wait(agent.site).then(|| {
                    "a tool of the agent may wait, or somebody has to agree first: the run is kept meanwhile, over restarts too"
                        .to_owned()
                })
            }
            (None, NameKind::Flow | NameKind::Tool) if !asked.started.contains(&call.range) => {
                let why = || format!("`{name}` may wait: for a person, an event or the clock");
                self.may_wait(call.site).then(why)
            }
            _ => None,
        }
    }

    /// Whether the flow, tool or agent that is declared there may wait.
    fn may_wait(&self, site: DefinitionSite) -> bool {
        let facts = self.snapshot.checked.facts.item_at(site.span.file, site.span.range.start);
        facts.and_then(|facts| facts.header.as_ref()).is_some_and(|header| header.waits)
    }

    fn calls(&self, item: &Item, out: &mut Vec<Hint>) {
        let outline = &self.snapshot.checked.outline;
        let plain = plain_arguments(item);
        let asked = asked(item);
        for call in &self.facts.calls {
            let Some(declared) = outline.item(call.site) else { continue };
            if let Some(about) = self.waits(&asked, call, declared) {
                out.push(Hint {
                    offset: self.at(call.range.end),
                    text: " waits".to_owned(),
                    kind: HintKind::Waits,
                    about,
                });
            }
            let Some(callable) = &declared.callable else { continue };
            for argument in call.args.iter().skip(1).filter(|a| plain.contains(&a.range)) {
                let index = usize::try_from(argument.param).unwrap_or(usize::MAX);
                if let Some(param) = callable.params.get(index) {
                    let (text, about) = (format!("{}: ", param.name), param.text.to_string());
                    out.push(Hint {
                        offset: self.at(argument.range.start),
                        text,
                        kind: HintKind::Param,
                        about,
                    });
                }
            }
        }
    }
}

/// What is called on what, and what is started and not waited for.
struct Asked {
    /// Calls, and the end of what stands before the dot.
    on: Vec<(TextRange, u32)>,
    /// Calls behind `start`.
    started: Vec<TextRange>,
}

fn asked(item: &Item) -> Asked {
    let mut asked = Asked { on: Vec::new(), started: Vec::new() };
    walk(item, &mut |node| {
        if let Node::Expr(expr) = node {
            match &expr.kind {
                ExprKind::Call { callee, .. } => {
                    if let ExprKind::Field { base, .. } = &callee.kind {
                        asked.on.push((expr.range, base.range.end));
                    }
                }
                ExprKind::Start(call) => asked.started.push(call.range),
                _ => {}
            }
        }
        true
    });
    asked
}

/// Names whose type is written beside them.
fn typed(item: &Item) -> Vec<TextRange> {
    let mut out = Vec::new();
    walk(item, &mut |node| {
        if let Node::Stmt(stmt) = node
            && let StmtKind::Let { name, ty: Some(_), .. } | StmtKind::Var { name, ty: Some(_), .. } =
                &stmt.kind
        {
            out.push(name.range);
        }
        true
    });
    out
}

/// Arguments without a name that do not say by themselves what they are: numbers, texts, `true`.
fn plain_arguments(item: &Item) -> Vec<TextRange> {
    let mut out = Vec::new();
    walk(item, &mut |node| {
        if let Node::Arg(arg) = node
            && arg.name.is_none()
            && matches!(
                arg.value.kind,
                ExprKind::Int(_)
                    | ExprKind::Number(_)
                    | ExprKind::Bool(_)
                    | ExprKind::None
                    | ExprKind::Text(_)
                    | ExprKind::Duration(_)
            )
        {
            out.push(arg.value.range);
        }
        true
    });
    out
}

fn label(labels: Labels) -> Option<(&'static str, &'static str)> {
    match labels {
        Labels { secret: true, .. } => {
            Some((" secret", "a secret's handle: it goes only where a `secret` parameter takes it"))
        }
        Labels { untrusted: true, .. } => Some((
            " untrusted",
            "anybody may have written it: it cannot be a destination, a host or an instruction",
        )),
        _ => None,
    }
}

fn says_something(ty: &Type) -> bool {
    !matches!(ty, Type::Error | Type::Never | Type::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    fn shown(text: &str) -> String {
        let f = fixture(text);
        let end = u32::try_from(text.len()).unwrap();
        let mut out = f.snapshot.text(f.file).to_owned();
        for hint in hints(&f.snapshot, f.file, TextRange::new(0, end)).iter().rev() {
            out.insert_str(hint.offset as usize, &format!("⟨{}⟩", hint.text));
        }
        out
    }

    #[test]
    fn types_labels_and_waits_are_shown() {
        let text = "channel chat: any
flow a on chat.message {
  let n = 1
  let m: Int = 2
  let answer = ask(\"how?\")
  reply(\"{n + m} {answer}\")
}
";
        let out = shown(text);
        assert!(out.contains("let n⟨: Int⟩ = 1"), "{out}");
        assert!(out.contains("let m: Int = 2"), "{out}");
        assert!(out.contains("let answer⟨: Text⟩⟨ untrusted⟩ = ask(\"how?\")⟨ waits⟩"), "{out}");
    }

    #[test]
    fn what_is_called_waits_where_something_in_it_does() {
        let text = "channel chat: any
group bosses
/// Pays.
tool pay(n: Int) { log(\"x\") }
agent desk {
  model: \"a/b\"
  tools: [pay]
  approve: { pay: bosses }
}
agent other { model: \"a/b\", tools: [pay] }
flow asks() -> Text {
  return ask(\"how?\")
}
flow says() { log(\"x\") }
flow a on chat.message {
  says()
  let how = asks()
  let run = start asks()
  pay(1)
  reply(other.chat(how))
  desk.ask(how)
  reply(desk.chat(how))
  desk.answer(how)
}
";
        let out = shown(text);
        let lines: Vec<&str> =
            out.lines().filter(|line| line.contains("⟨ waits⟩")).map(str::trim_start).collect();
        assert_eq!(
            lines,
            [
                "return ask(\"how?\")⟨ waits⟩",
                "let how⟨: Text⟩⟨ untrusted⟩ = asks()⟨ waits⟩",
                "reply(desk.chat(how)⟨ waits⟩)",
                "desk.answer(how)⟨ waits⟩",
            ],
            "{out}"
        );
    }

    #[test]
    fn a_plain_argument_is_told_what_it_is_for() {
        let out = shown("fn f(a: Int, b: Int) -> Int = a + b\nconst c = f(1, 2)\nconst d = f(1, b: 2)\n");
        assert!(out.contains("f(1, ⟨b: ⟩2)") && out.contains("f(1, b: 2)"), "{out}");
    }
}
