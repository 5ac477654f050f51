//! Records of the journal, as much of them as may be told: what is not a field here is not read.

use carapace_effect::{FailureKind, Life, OpId, RunId, Usage};
use carapace_engine::{ActId, EventNumber};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// The records that say something of spans.
const KINDS: [&str; 19] = [
    "accepted",
    "created",
    "released",
    "requested",
    "acted",
    "reported",
    "spent",
    "prompted",
    "delivered",
    "late",
    "abandoned",
    "stretched",
    "skipped",
    "cancelling",
    "timed_out",
    "moved",
    "crashed",
    "quarantined",
    "closed",
];

/// A record, as much of it as may be told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seen {
    Accepted(Accepted),
    Created(Created),
    Released(When),
    Requested(Requested),
    Acted(Acted),
    Reported(Reported),
    Spent(Spent),
    Prompted(OfOperation),
    Delivered(Delivered),
    Late(Delivered),
    Abandoned(Abandoned),
    Stretched(Stretched),
    Skipped(OfRun),
    Cancelling(OfRun),
    TimedOut(OfRun),
    Moved(OfRun),
    Crashed(OfRun),
    Quarantined(OfRun),
    Closed(When),
}

/// A request that says of which trace it is.
#[derive(Debug, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) number: EventNumber,
    event: Request,
}

#[derive(Debug, Deserialize)]
struct Request {
    fields: Fields,
}

#[derive(Debug, Deserialize)]
struct Fields {
    headers: RequestHeaders,
}

#[derive(Debug, Deserialize)]
struct RequestHeaders {
    traceparent: Arc<str>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Created {
    pub(crate) run: RunId,
    pub(crate) flow: Arc<str>,
    pub(crate) at: i64,
    #[serde(default)]
    pub(crate) event: Option<EventNumber>,
    #[serde(default)]
    pub(crate) parent: Option<RunId>,
    #[serde(default)]
    pub(crate) retries: Option<RunId>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct When {
    pub(crate) run: RunId,
    pub(crate) at: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfRun {
    pub(crate) run: RunId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfOperation {
    pub(crate) run: RunId,
    pub(crate) op: OpId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Requested {
    pub(crate) run: RunId,
    pub(crate) op: OpId,
    pub(crate) operation: Operation,
}

/// What an operation is, by its name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Effect {
        call: Call,
    },
    Question {
        call: Call,
    },
    Timer {
        #[serde(default)]
        deadline: bool,
    },
    Await {},
    Listen {},
    Next {},
    HandedOver {},
}

#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) effect: Arc<str>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Acted {
    pub(crate) act: ActId,
    pub(crate) attempt: u32,
    pub(crate) at: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reported {
    pub(crate) act: ActId,
    pub(crate) life: Life,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Spent {
    pub(crate) run: RunId,
    pub(crate) op: OpId,
    pub(crate) agent: Arc<str>,
    pub(crate) at: i64,
    pub(crate) usage: Vec<Usage>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Delivered {
    pub(crate) run: RunId,
    pub(crate) op: OpId,
    pub(crate) outcome: Outcome,
}

/// What became of an operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Done(IgnoredAny),
    Failed(Failure),
    Partly(IgnoredAny, Failure),
    Unknown,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Abandoned {
    pub(crate) run: RunId,
    pub(crate) ops: Vec<OpId>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Stretched {
    pub(crate) run: RunId,
    #[serde(default)]
    pub(crate) end: Option<End>,
}

/// How a run ended.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Succeeded(IgnoredAny),
    Failed(Failure),
    Cancelled(IgnoredAny),
    Fault(IgnoredAny),
}

impl Accepted {
    /// The header `traceparent`.
    pub(crate) fn parent(&self) -> &str {
        &self.event.fields.headers.traceparent
    }
}

impl Outcome {
    /// In a word, and what kind of failure it was where it was one.
    pub(crate) fn words(&self) -> (&'static str, Option<&'static str>) {
        match self {
            Outcome::Done(_) => ("done", None),
            Outcome::Failed(failure) => ("failed", Some(failure.kind.name())),
            Outcome::Partly(_, failure) => ("partly", Some(failure.kind.name())),
            Outcome::Unknown => ("unknown", Some("unknown")),
        }
    }
}

impl End {
    /// In a word, and what kind of failure it was where it was one.
    pub(crate) fn words(&self) -> (&'static str, Option<&'static str>) {
        match self {
            End::Succeeded(_) => ("finished", None),
            End::Failed(failure) => ("failed", Some(failure.kind.name())),
            End::Cancelled(_) => ("cancelled", None),
            End::Fault(_) => ("failed", Some("fault")),
        }
    }
}

/// Reads a record; none where it says nothing of spans.
pub(crate) fn read(record: &str) -> Option<Seen> {
    let (kind, _) = record.strip_prefix("{\"")?.split_once('"')?;
    if !KINDS.contains(&kind) || (kind == "accepted" && !record.contains("\"traceparent\":\"")) {
        return None;
    }
    serde_json::from_str(record)
        .inspect_err(|error| {
            // A request's body may have a field of that name.
            if kind != "accepted" {
                tracing::debug!(%kind, at = error.column(), "a record cannot be told as a span");
            }
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Sample;
    use crate::projector::Projector;
    use carapace_effect::Failure as Why;
    use carapace_engine::record::{self, Payer, Record};
    use carapace_engine::stored::{self, OutcomeRecord};
    use opentelemetry::trace::Status;

    const RUN: RunId = RunId(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
    const SAID: &str = "what a person said";

    fn op(text: &str) -> OpId {
        text.parse().unwrap()
    }

    fn seen(record: &Record) -> Option<Seen> {
        read(&serde_json::to_string(record).unwrap())
    }

    fn failure() -> Why {
        Why::new(FailureKind::Refused, SAID)
    }

    /// What a request of `:1` used up.
    fn spent() -> Record {
        let usage = Usage {
            model: "anthropic/small".into(),
            input: 7,
            cached: 2,
            output: 3,
            cost: Some(12),
            estimated: false,
        };
        let payer = Payer {
            agent: "main.desk".into(),
            flow: "shop/main.answer".into(),
            account: None,
            sender: Some(SAID.into()),
            conversation: None,
        };
        let (op, usage) = (op(":1"), vec![usage]);
        Record::Spent(Box::new(record::Spent { run: RUN, op, payer, at: 5, usage }))
    }

    #[test]
    fn records_are_read_as_the_engine_writes_them() {
        let act = ActId { run: RUN, op: op(":1"), part: 0 };
        let timer =
            serde_json::from_value(serde_json::json!({ "timer": { "due": 9, "deadline": true } })).unwrap();
        let handed = stored::Operation::HandedOver { failure: failure() };
        let ended = serde_json::json!({ "stretched": {
            "run": RUN, "now": 7, "seed": 1, "fuel": 2, "end": { "failed": { "kind": "refused", "message": SAID } },
        } });
        let stretched: Record = serde_json::from_value(ended).unwrap();
        let lines = [
            (
                1,
                vec![Record::Requested(Box::new(record::Requested {
                    run: RUN,
                    op: op(":1"),
                    site: 0,
                    operation: handed,
                }))],
            ),
            (2, vec![Record::Acted(record::Acted { act: act.clone(), attempt: 1, at: 2 })]),
            (
                5,
                vec![
                    Record::Reported(record::Reported {
                        act,
                        life: Life::Refused,
                        outcome: None,
                        sent: None,
                        resend: None,
                    }),
                    Record::Delivered(record::Delivered {
                        run: RUN,
                        op: op(":1"),
                        outcome: OutcomeRecord::Failed(failure()),
                        from: None,
                    }),
                    // It stands behind the outcome, and belongs to what was asked before it.
                    spent(),
                ],
            ),
            (
                6,
                vec![Record::Requested(Box::new(record::Requested {
                    run: RUN,
                    op: op("0.1:2"),
                    site: 0,
                    operation: timer,
                }))],
            ),
            (7, vec![stretched, Record::Abandoned(record::Abandoned { run: RUN, ops: vec![op("0.1:2")] })]),
            (9, vec![Record::Closed(record::Closed { run: RUN, at: 9 })]),
        ];
        let mut projector = Projector::new(Sample::default());
        let mut spans = Vec::new();
        for (at, line) in &lines {
            let seen: Vec<Seen> = line.iter().map(|record| seen(record).expect("it is told")).collect();
            spans.extend(projector.line(*at, i64::try_from(*at).unwrap(), &seen));
        }
        assert_eq!(projector.first(), None, "nothing of it is left");
        let names: Vec<&str> = spans.iter().map(|span| &*span.name).collect();
        assert_eq!(names, ["chat small", "handed_over", "deadline", "run"]);
        let [request, asked, left, whole] = &spans[..] else { panic!("{spans:?}") };
        assert!(spans.iter().all(|span| span.span_context.trace_id().to_string() == RUN.to_string()));
        assert_eq!(request.parent_span_id, asked.span_context.span_id());
        assert_eq!(
            (asked.parent_span_id, left.parent_span_id),
            (whole.span_context.span_id(), whole.span_context.span_id(),)
        );
        assert_eq!((&asked.status, &whole.status), (&Status::error("refused"), &Status::error("refused")));
        let lasted = |span: &opentelemetry_sdk::trace::SpanData| {
            span.end_time.duration_since(span.start_time).unwrap().as_millis()
        };
        assert_eq!([request, asked, left, whole].map(lasted), [3, 4, 1, 6]);
        assert_eq!(
            asked.events.iter().map(|event| &*event.name).collect::<Vec<_>>(),
            ["started", "reported"]
        );
        let said = format!("{spans:?}");
        for part in ["gen_ai.usage.input_tokens", "main.desk", "cost_micro_usd", "carapace.abandoned"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains(SAID), "{said}");
    }

    #[test]
    fn texts_that_become_numbers_are_no_chat() {
        let mut projector = Projector::new(Sample::default());
        let call = Call { effect: "exchange.nearness".into() };
        let asked = Requested { run: RUN, op: op(":1"), operation: Operation::Effect { call } };
        projector.line(1, 1, &[Seen::Requested(asked)]);
        let spans = projector.line(2, 2, &[seen(&spent()).unwrap()]);
        let [span] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!(span.name, "embeddings small");
        let does = span.attributes.iter().find(|about| about.key.as_str() == "gen_ai.operation.name");
        assert_eq!(does.map(|about| about.value.to_string()).as_deref(), Some("embeddings"));
    }

    #[test]
    fn what_comes_after_the_end_of_a_run_begins_nothing() {
        let mut projector = Projector::new(Sample::default());
        let act = ActId { run: RUN, op: op(":1"), part: 0 };
        let acted = seen(&Record::Acted(record::Acted { act, attempt: 2, at: 2 })).unwrap();
        assert!(projector.line(1, 2, &[acted]).is_empty());
        assert_eq!(projector.first(), None);
    }

    #[test]
    fn a_request_that_says_of_which_trace_it_is_is_linked() {
        let text = |header: &str| {
            serde_json::json!({ "accepted": { "number": 7, "at": 1, "event": {
                "kind": "webhook", "fields": { "body": SAID, "headers": { header: "00-1-2-3" } },
            } } })
            .to_string()
        };
        let Some(Seen::Accepted(accepted)) = read(&text("traceparent")) else { panic!() };
        assert_eq!((accepted.number, accepted.parent()), (EventNumber(7), "00-1-2-3"));
        assert!(read(&text("other")).is_none());
    }
}
