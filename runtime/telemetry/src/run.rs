//! A run of which not everything was told yet.

use crate::ids;
use crate::record::{Created, Operation, Outcome, Spent};
use crate::span::{Events, Made, count, link};
use carapace_effect::{OpId, RunId};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanKind};
use opentelemetry_sdk::trace::SpanData;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Texts become numbers for it, and nothing is said.
const NEARNESS: &str = "exchange.nearness";

/// A run of which not everything was told yet.
#[derive(Debug)]
pub(crate) struct Run {
    /// The line by which it is known.
    pub(crate) first: u64,
    /// When it came to be; when it was first met, where nobody knows that any more.
    started: i64,
    /// None where it came to be before what was read.
    born: Option<Born>,
    pub(crate) events: Events,
    operations: HashMap<OpId, Open>,
    /// When its code ended, and how.
    pub(crate) ended: Option<(i64, &'static str, Option<&'static str>)>,
}

#[derive(Debug)]
struct Born {
    flow: Arc<str>,
    of_event: bool,
    parent: Option<RunId>,
    retries: Option<RunId>,
    caller: Option<SpanContext>,
}

/// An operation that has no outcome yet.
#[derive(Debug)]
pub(crate) struct Open {
    started: i64,
    name: Cow<'static, str>,
    kind: SpanKind,
    pub(crate) events: Events,
    /// When an act of it was begun last.
    pub(crate) acted: i64,
    spent: Vec<KeyValue>,
    /// When the run stopped waiting for it.
    pub(crate) abandoned: Option<i64>,
}

impl Run {
    /// One that came to be.
    pub(crate) fn born(first: u64, created: Created, caller: Option<SpanContext>) -> Run {
        let Created { flow, at, event, parent, retries, .. } = created;
        let born = Born { flow, of_event: event.is_some(), parent, retries, caller };
        Run { born: Some(born), ..Run::met(first, at) }
    }

    /// One that was there before.
    pub(crate) fn met(first: u64, at: i64) -> Run {
        let (events, operations) = (Events::default(), HashMap::new());
        Run { first, started: at, born: None, events, operations, ended: None }
    }

    /// It asks for something.
    pub(crate) fn ask(&mut self, op: OpId, at: i64, operation: &Operation) {
        let (name, kind) = named(operation);
        let events = Events::default();
        let open = Open { started: at, name, kind, events, acted: at, spent: Vec::new(), abandoned: None };
        self.operations.insert(op, open);
    }

    /// An operation of it.
    pub(crate) fn operation(&mut self, op: &OpId) -> Option<&mut Open> {
        self.operations.get_mut(op)
    }

    /// An operation has its outcome.
    pub(crate) fn over(&mut self, run: RunId, op: &OpId, at: i64, outcome: &Outcome) -> Option<SpanData> {
        let open = self.operations.remove(op)?;
        let (word, failed) = outcome.words();
        Some(open.told(run, op, at, word, failed))
    }

    /// The run and everything that it started is over: its spans.
    pub(crate) fn told(mut self, run: RunId, at: i64) -> Vec<SpanData> {
        let left = std::mem::take(&mut self.operations);
        let ended = self.ended.map_or(at, |(at, ..)| at);
        let mut spans: Vec<SpanData> = left
            .into_iter()
            .map(|(op, open)| {
                let until = open.abandoned.unwrap_or(ended);
                open.told(run, &op, until, "abandoned", None)
            })
            .collect();
        spans.push(self.root(run, at));
        spans
    }

    fn root(self, run: RunId, at: i64) -> SpanData {
        let (ended, word, failed) = self.ended.unwrap_or((at, "closed", None));
        let mut attributes =
            vec![KeyValue::new("carapace.run", run.to_string()), KeyValue::new("carapace.outcome", word)];
        let (mut links, mut kind, mut name) = (Vec::new(), SpanKind::Internal, Cow::Borrowed("run"));
        match self.born {
            Some(born) => {
                let package = born.flow.split('/').next().unwrap_or_default().to_owned();
                attributes.push(KeyValue::new("carapace.flow", born.flow.to_string()));
                attributes.push(KeyValue::new("carapace.package", package));
                links.extend(born.parent.map(|parent| link(ids::of_run(parent), "parent")));
                links.extend(born.retries.map(|failed| link(ids::of_run(failed), "retry_of")));
                links.extend(born.caller.map(|caller| link(caller, "caller")));
                if born.of_event && born.parent.is_none() {
                    kind = SpanKind::Consumer;
                }
                name = Cow::Owned(born.flow.to_string());
            }
            // Its beginning is in lines that are kept no longer, or were never looked at.
            None => attributes.push(KeyValue::new("carapace.partial", true)),
        }
        let (context, events) = (ids::of_run(run), self.events);
        let lasted = (self.started, ended);
        Made { context, parent: None, kind, name, lasted, attributes, events, links, failed }.span()
    }

    /// Models were asked: a span for each request, and the sums for the operation.
    pub(crate) fn spent(&mut self, line: u64, spent: &Spent) -> Vec<SpanData> {
        let Spent { run, op, agent, at, usage } = spent;
        let parent = ids::of_operation(*run, op).span_id();
        let (mut input, mut output, mut cost) = (0_u64, 0_u64, 0_u64);
        let open = self.operation(op);
        let began = open.as_ref().map_or(*at, |open| open.acted);
        // As the conventions for spans of models call it.
        let does = if open.is_some_and(|open| open.name == NEARNESS) { "embeddings" } else { "chat" };
        let request = |(number, usage): (usize, &carapace_effect::Usage)| {
            input = input.saturating_add(usage.input);
            output = output.saturating_add(usage.output);
            cost = cost.saturating_add(usage.cost.unwrap_or_default());
            let (provider, model) = usage.model.split_once('/').unwrap_or(("", &usage.model));
            let mut attributes = vec![
                KeyValue::new("gen_ai.operation.name", does),
                KeyValue::new("gen_ai.provider.name", provider.to_owned()),
                KeyValue::new("gen_ai.request.model", model.to_owned()),
                KeyValue::new("gen_ai.agent.name", agent.to_string()),
                KeyValue::new("gen_ai.usage.input_tokens", count(usage.input)),
                KeyValue::new("gen_ai.usage.cache_read.input_tokens", count(usage.cached)),
                KeyValue::new("gen_ai.usage.output_tokens", count(usage.output)),
            ];
            attributes.extend(usage.cost.map(|cost| KeyValue::new("carapace.cost_micro_usd", count(cost))));
            Made {
                context: ids::of_request(*run, op, line, number),
                parent: Some(parent),
                kind: SpanKind::Client,
                name: Cow::Owned(format!("{does} {model}")),
                lasted: (began, *at),
                attributes,
                events: Events::default(),
                links: Vec::new(),
                failed: None,
            }
            .span()
        };
        let spans = usage.iter().enumerate().map(request).collect();
        if let Some(open) = self.operation(op) {
            open.spent = vec![
                KeyValue::new("gen_ai.operation.name", "invoke_agent"),
                KeyValue::new("gen_ai.agent.name", agent.to_string()),
                KeyValue::new("gen_ai.usage.input_tokens", count(input)),
                KeyValue::new("gen_ai.usage.output_tokens", count(output)),
                KeyValue::new("carapace.cost_micro_usd", count(cost)),
            ];
        }
        spans
    }
}

impl Open {
    fn told(
        self,
        run: RunId,
        op: &OpId,
        at: i64,
        word: &'static str,
        failed: Option<&'static str>,
    ) -> SpanData {
        let mut attributes = vec![
            KeyValue::new("carapace.run", run.to_string()),
            KeyValue::new("carapace.operation", op.to_string()),
            KeyValue::new("carapace.outcome", word),
        ];
        if self.abandoned.is_some() {
            attributes.push(KeyValue::new("carapace.abandoned", true));
        }
        attributes.extend(self.spent);
        Made {
            context: ids::of_operation(run, op),
            parent: Some(ids::of_run(run).span_id()),
            kind: self.kind,
            name: self.name,
            lasted: (self.started, at),
            attributes,
            events: self.events,
            links: Vec::new(),
            failed,
        }
        .span()
    }
}

/// What an operation is called, and whether others do it.
fn named(operation: &Operation) -> (Cow<'static, str>, SpanKind) {
    let wait = |name| (Cow::Borrowed(name), SpanKind::Internal);
    match operation {
        Operation::Effect { call } | Operation::Question { call } => {
            let kind = match call.effect.split('.').next() {
                Some("chat") => SpanKind::Producer,
                Some("http" | "mcp" | "agent" | "exchange") => SpanKind::Client,
                _ => SpanKind::Internal,
            };
            (Cow::Owned(call.effect.to_string()), kind)
        }
        Operation::Timer { deadline: true } => wait("deadline"),
        Operation::Timer { deadline: false } => wait("timer"),
        Operation::Await {} => wait("await"),
        Operation::Listen {} => wait("listen"),
        Operation::Next {} => wait("next"),
        Operation::HandedOver {} => wait("handed_over"),
    }
}
