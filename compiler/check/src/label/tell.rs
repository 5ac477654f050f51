//! Mistakes, with the way that the value took.

use super::declared::{Callable, Declarations};
use super::path::{Root, Step, Trail, What};
use super::shape::{Bits, Shape};
use super::solve::Solver;
use crate::code;
use crate::collect::Checker;
use crate::facts::Labels;
use carapace_diagnostic::{Code, Diagnostic, Edit, Fix, Span};
use carapace_module::Type;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many steps of a way are told, from its beginning and to its end.
const FIRST: usize = 4;
const LAST: usize = 8;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bad {
    /// Something from outside for a parameter that is declared `trusted`.
    Trusted { callee: Arc<str>, param: Arc<str> },
    /// Somebody outside says where something goes.
    Destination { callee: Arc<str>, param: Arc<str> },
    /// Somebody outside says what address is asked.
    Address { callee: Arc<str> },
    /// Somebody outside says whom is waited for.
    Awaited,
    /// A tool with a `trusted` parameter, which a model would fill in.
    Tool { tool: Arc<str>, param: Arc<str> },
    /// A secret in a text.
    Shown,
    /// A secret for a parameter that is not declared `secret`.
    Passed { callee: Arc<str>, param: Arc<str> },
    /// A secret that is compared.
    Compared,
    /// The type of a secret, where it would come from outside or be kept.
    Outside,
}

/// A mistake.
#[derive(Debug)]
pub(super) struct Mistake {
    bad: Bad,
    span: Span,
    trail: Option<Trail>,
}

impl Bad {
    /// For the parameter of that number.
    pub(super) fn trusted(callable: &Callable, index: usize) -> Bad {
        let (callee, param) = names(callable, index);
        Bad::Trusted { callee, param }
    }

    /// The same of one that says where something goes.
    pub(super) fn destination(callable: &Callable, index: usize) -> Bad {
        let (callee, param) = names(callable, index);
        match callable.params.get(index).map(|param| &param.ty) {
            Some(Type::Template(_)) => Bad::Address { callee },
            _ => Bad::Destination { callee, param },
        }
    }

    /// The same of a secret.
    pub(super) fn passed(callable: &Callable, index: usize) -> Bad {
        let (callee, param) = names(callable, index);
        Bad::Passed { callee, param }
    }

    fn code(&self) -> Code {
        match self {
            Bad::Trusted { .. } => code::UNTRUSTED,
            Bad::Destination { .. } | Bad::Awaited => code::UNTRUSTED_DESTINATION,
            Bad::Address { .. } => code::UNTRUSTED_ADDRESS,
            Bad::Tool { .. } => code::TRUSTED_TOOL,
            Bad::Shown => code::SECRET_SHOWN,
            Bad::Passed { .. } => code::SECRET_PASSED,
            Bad::Compared => code::SECRET_COMPARED,
            Bad::Outside => code::SECRET_OUTSIDE,
        }
    }

    fn message(&self) -> String {
        match self {
            Bad::Trusted { callee, param } => {
                format!("`{param}` of `{callee}` takes nothing from outside, and this comes from there")
            }
            Bad::Destination { callee, .. } => {
                format!("somebody outside would say where `{callee}` goes")
            }
            Bad::Address { callee } => format!("somebody outside would say what address `{callee}` asks"),
            Bad::Awaited => "somebody outside would say whom this waits for".to_owned(),
            Bad::Tool { tool, param } => {
                format!("an agent calls `{tool}`, and a model would say what its trusted `{param}` is")
            }
            Bad::Shown => "a secret cannot stand in a text".to_owned(),
            Bad::Passed { callee, param } => {
                format!("`{param}` of `{callee}` takes no secret, and there is one in this")
            }
            Bad::Compared => "a secret is never compared".to_owned(),
            Bad::Outside => "a secret cannot be kept, nor come from outside or from a model".to_owned(),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Bad::Trusted { .. } | Bad::Address { .. } => "must not come from outside",
            Bad::Destination { .. } | Bad::Awaited => "nobody vouches for this",
            Bad::Tool { .. } => "is what the model says",
            Bad::Shown | Bad::Passed { .. } | Bad::Compared => "has a secret in it",
            Bad::Outside => "has a `Secret` in it",
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Bad::Trusted { .. } => {
                "choose among texts of your own (`match`, a map), or say why it is safe: `trust(…, because: \"…\")`"
            }
            Bad::Destination { .. } | Bad::Awaited => {
                "name a room or a group, take the event's own sender or conversation, or choose among places of \
                 your own (`match`, a map); `trust(…, because: \"…\")` says why it is safe"
            }
            Bad::Address { .. } => {
                "write the host yourself: `url\"https://example.com/{part}\"` encodes what is put in; or say why it \
                 is safe: `trust(…, because: \"…\")`"
            }
            Bad::Tool { .. } => {
                "leave `trusted` out and choose inside among values of your own, or take the tool away from the agent"
            }
            Bad::Shown | Bad::Passed { .. } | Bad::Compared => {
                "hand it to a parameter that is declared `secret`; nothing else ever sees it"
            }
            Bad::Outside => "write `secret(\"name\")` where it is used",
        }
    }
}

fn names(callable: &Callable, index: usize) -> (Arc<str>, Arc<str>) {
    let param = callable.params.get(index).map_or_else(|| Arc::from(""), |param| param.name.clone());
    (callable.name.clone(), param)
}

impl<'p> Solver<'p> {
    /// Notes a mistake where the value has one of these labels.
    pub(super) fn refuse(&mut self, shape: &Shape<'p>, bits: Bits, span: Span, bad: impl FnOnce() -> Bad) {
        if shape.is_clean() {
            return;
        }
        if let Some(label) = shape.found(bits) {
            self.mistake(bad(), span, label.trail);
        }
    }

    /// Notes a mistake, once.
    pub(super) fn mistake(&mut self, bad: Bad, span: Span, trail: Option<Trail>) {
        if self.known_mistakes.insert((span, bad.code().0)) {
            self.mistakes.push(Mistake { bad, span, trail });
        }
    }

    fn diagnostic(&self, mistake: &Mistake) -> Diagnostic {
        let mut way = self.way(mistake.trail.as_ref());
        way.retain(|(span, _)| !self.declared.library.contains(&span.file));
        way.dedup_by_key(|(span, _)| *span);
        let mut span = mistake.span;
        // A mistake within the library is one of who called it.
        if self.declared.library.contains(&span.file)
            && let Some((last, _)) = way.pop()
        {
            span = last;
        }
        way.retain(|(step, _)| *step != span);
        if way.len() > FIRST + LAST {
            way.drain(FIRST..way.len() - LAST);
        }
        let bad = &mistake.bad;
        let mut told = Diagnostic::new(bad.code(), span, bad.message()).label(bad.label()).help(bad.help());
        for (span, text) in way {
            told = told.also(span, text);
        }
        told
    }

    /// What is trusted although it is anyway.
    fn needless(&self) -> Vec<Diagnostic> {
        let own = |span: &Span| !self.declared.library.contains(&span.file);
        let mut idle: Vec<(&Span, &Span)> = self
            .declared
            .trusted
            .iter()
            .filter(|(value, call)| own(call) && self.trusts.get(value) == Some(&false))
            .collect();
        idle.sort_unstable_by_key(|(value, _)| (value.file, value.range.start));
        let told = idle.into_iter().map(|(value, call)| {
            let mut told = Diagnostic::new(code::NEEDLESS_TRUST, *call, "this is trusted anyway")
                .label("nothing from outside is in it")
                .help("take `trust` out: whoever deploys this reads every reason");
            let (start, end) = (call.range.start, call.range.end);
            let around = [(start, value.range.start), (value.range.end, end)];
            let edit = |(from, to)| Edit { span: Diagnostic::at(call.file, from, to), text: String::new() };
            told.fix = Some(Fix { title: "take `trust` out".to_owned(), edits: around.map(edit).to_vec() });
            told
        });
        told.collect()
    }

    /// The steps of a way, oldest first.
    fn way(&self, trail: Option<&Trail>) -> Vec<(Span, String)> {
        let mut steps = Vec::new();
        let mut next = trail.cloned();
        // A way that goes through itself is cut.
        for _ in 0..200 {
            let Some(step) = next else { break };
            steps.push((step.span, self.words(&step)));
            next = match (&step.before, step.root) {
                (Some(before), _) => Some(before.clone()),
                (None, Root::Source) => None,
                (None, Root::Param { context, param, place }) => {
                    let caller = self.contexts.get(context as usize);
                    let arg = caller.and_then(|c| c.args.get(param as usize));
                    arg.and_then(|arg| arg.place(place).or_else(|| arg.found(Bits::ALL)))
                        .and_then(|label| label.trail)
                }
            };
        }
        steps.reverse();
        steps
    }

    fn words(&self, step: &Step) -> String {
        let state = |id: &crate::tree::StateId| {
            let state = self.program.states.get(id.0 as usize);
            state.map_or("", |s| s.name.rsplit('.').next().unwrap_or(&s.name)).to_owned()
        };
        match &step.what {
            What::Event(name) => format!("`{name}` comes from outside"),
            What::Answer(effect) => {
                let name = self.program.effects.get(effect.0 as usize).map_or("", |e| &e.signature.name);
                format!("what `{name}` answers comes from outside")
            }
            What::Model(name) => format!("a model says what `{name}` is"),
            What::Failure => "what is said about a failure comes from outside".to_owned(),
            What::Old => "an older version kept it".to_owned(),
            What::Secret => "the secret".to_owned(),
            What::Number => "a number may be anybody's".to_owned(),
            What::Named(name) => format!("becomes `{name}`"),
            What::Handed(name) => format!("is handed to `{}`", name.rsplit('.').next().unwrap_or(name)),
            What::Through(name) => format!("comes back from `{name}`"),
            What::Kept(id) => format!("is kept in `{}`", state(id)),
            What::Read(id) => format!("is read from `{}`", state(id)),
            What::Emitted(name) => format!("goes out with the event `{name}`"),
            What::Received(name) => format!("comes in with the event `{name}`"),
        }
    }
}

impl Checker<'_> {
    /// Tells what goes where it must not.
    pub(crate) fn check_labels(&mut self) {
        let declared = Declarations::of(self);
        let (told, seen): (Vec<Diagnostic>, _) = {
            let mut solver = Solver::new(&self.program, &declared, &self.world, self.stop);
            solver.seen = self.notes.any().then(FxHashMap::default);
            solver.secret_types();
            solver.solve();
            let mistakes = solver.mistakes.iter().map(|mistake| solver.diagnostic(mistake));
            (mistakes.chain(solver.needless()).collect(), solver.seen.take())
        };
        for (span, bits) in seen.into_iter().flatten() {
            let untrusted = bits.has(Bits::UNVOUCHED);
            let vouched = bits.has(Bits::FOREIGN) && !untrusted;
            self.notes.labels(span, Labels { secret: bits.has(Bits::SECRET), untrusted, vouched });
        }
        let wrong = told.iter().chain(&self.diagnostics).any(Diagnostic::is_error);
        for diagnostic in told {
            // What trust is needed for is known when everything is right.
            if diagnostic.is_error() || !wrong {
                self.report(diagnostic);
            }
        }
    }
}
