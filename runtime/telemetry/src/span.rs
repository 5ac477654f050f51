//! Spans, as the exporter takes them.

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// Events of one span; those that come then are counted.
const EVENTS: usize = 64;

/// What happened while a span lasted, a bounded list.
#[derive(Debug, Default)]
pub(crate) struct Events {
    list: Vec<Event>,
    more: u32,
}

impl Events {
    /// One more.
    pub(crate) fn push(&mut self, at: i64, name: &'static str, attributes: Vec<KeyValue>) {
        if self.list.len() < EVENTS {
            self.list.push(Event::new(name, time(at), attributes, 0));
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// What a span is made of.
pub(crate) struct Made {
    pub(crate) context: SpanContext,
    /// The span that it is part of, of the same trace.
    pub(crate) parent: Option<SpanId>,
    pub(crate) kind: SpanKind,
    pub(crate) name: Cow<'static, str>,
    /// From when to when, in milliseconds since 1970 UTC.
    pub(crate) lasted: (i64, i64),
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) events: Events,
    pub(crate) links: Vec<Link>,
    /// The kind of its failure, where it failed.
    pub(crate) failed: Option<&'static str>,
}

impl Made {
    /// The span.
    pub(crate) fn span(self) -> SpanData {
        let (start, end) = self.lasted;
        let mut attributes = self.attributes;
        attributes.extend(self.failed.map(|kind| KeyValue::new("error.type", kind)));
        let mut events = SpanEvents::default();
        (events.events, events.dropped_count) = (self.events.list, self.events.more);
        let mut links = SpanLinks::default();
        links.links = self.links;
        SpanData {
            span_context: self.context,
            parent_span_id: self.parent.unwrap_or(SpanId::INVALID),
            parent_span_is_remote: false,
            span_kind: self.kind,
            name: self.name,
            start_time: time(start),
            // Clocks are set; what is over did not end before it began.
            end_time: time(end.max(start)),
            attributes,
            dropped_attributes_count: 0,
            events,
            links,
            status: self.failed.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("carapace")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}

/// A link to another span, with what it is to this one.
pub(crate) fn link(to: SpanContext, what: &'static str) -> Link {
    Link::new(to, vec![KeyValue::new("carapace.link", what)], 0)
}

/// A count, as attributes have it.
pub(crate) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn time(at: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at).unwrap_or_default())
}
