//! The ids of traces and spans: found again from the journal alone, so that what is told twice is the same span, and a span that is
//! told after a restart has the parent that it would have had.

use carapace_effect::{OpId, RunId};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The span of a whole run, in the trace that has the run's own id.
pub(crate) fn of_run(run: RunId) -> SpanContext {
    context(run, "")
}

/// The span of an operation.
pub(crate) fn of_operation(run: RunId, op: &OpId) -> SpanContext {
    context(run, &op.to_string())
}

/// The span of a request to a model, which is the `number`th of that line.
pub(crate) fn of_request(run: RunId, op: &OpId, line: u64, number: usize) -> SpanContext {
    context(run, &format!("{op}/{line}/{number}"))
}

fn context(run: RunId, part: &str) -> SpanContext {
    let trace = TraceId::from_bytes(run.0.to_be_bytes());
    SpanContext::new(trace, span(run, part), TraceFlags::SAMPLED, false, TraceState::NONE)
}

/// FNV-1a, mixed once more at its end: short, and the same in every version.
fn span(run: RunId, part: &str) -> SpanId {
    let bytes = run.0.to_be_bytes();
    let hash = bytes.iter().chain(part.as_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    // All zeros is no id (W3C Trace Context, section 3.2.2.4).
    SpanId::from_bytes((hash ^ (hash >> 32)).max(1).to_be_bytes())
}

/// What a header `traceparent` says (W3C Trace Context, section 3.2); none where it says nothing that can be understood.
pub(crate) fn parent(text: &str) -> Option<SpanContext> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let whole = version != "00" || parts.next().is_none();
    if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) || !whole {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_runs_own_and_stay_what_they_are() {
        let run = RunId(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        let op: OpId = "0.1:2".parse().unwrap();
        assert_eq!(of_run(run).trace_id().to_string(), run.to_string());
        assert_eq!(of_run(run).span_id().to_string(), "7d371e0bff3c1f7c");
        assert_ne!(of_run(run).span_id(), of_operation(run, &op).span_id());
        assert_ne!(of_request(run, &op, 7, 0).span_id(), of_request(run, &op, 7, 1).span_id());
    }

    #[test]
    fn a_parent_is_read_as_the_specification_says() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read = parent(good).unwrap();
        assert_eq!(read.span_id().to_string(), "b7ad6b7169203331");
        assert!(read.is_remote() && read.is_sampled());
        assert!(parent(&format!("01{}-more", &good[2..])).is_some(), "a later version may say more");
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert!(parent(bad).is_none(), "{bad}");
        }
    }
}
