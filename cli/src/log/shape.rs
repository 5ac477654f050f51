//! How an event is written: as the log's format says at that moment.

use super::is_structured;
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Json, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Both ways to write an event.
pub(super) struct Shape {
    human: Format<Full>,
    json: Format<Json>,
}

impl Shape {
    pub(super) fn new() -> Shape {
        let json = Format::default().json().with_current_span(false).with_span_list(false);
        Shape { human: Format::default(), json }
    }
}

impl<S, N> FormatEvent<S, N> for Shape
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if is_structured() {
            self.json.format_event(context, writer, event)
        } else {
            self.human.format_event(context, writer, event)
        }
    }
}
