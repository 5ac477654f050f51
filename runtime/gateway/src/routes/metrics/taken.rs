//! Figures that others count, and that are taken from them when somebody asks.

use super::Labels;
use crate::Figures;
use crate::host::Host;
use carapace_engine::inspect::{UsageBy, UsageListed};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// By what usage is told: names of the source and of models, and nobody's.
pub(super) const BY: [UsageBy; 2] = [UsageBy::Agent, UsageBy::Model];

/// Agents and their models that are told apart at most.
const AGENTS: usize = 1_000;

/// Millionths in one.
const MICRO: f64 = 1_000_000.0;

/// What was taken last.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    host: Arc<dyn Host>,
    usage: Arc<Mutex<Option<UsageListed>>>,
}

impl Taken {
    pub(super) fn new(host: Arc<dyn Host>) -> Taken {
        Taken { host, usage: Arc::default() }
    }

    /// What asking models has used up.
    pub(super) fn set(&self, usage: UsageListed) {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = Some(usage);
    }
}

impl Collector for Taken {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Figures { journal, spans } = self.host.figures();
        if let Some(journal) = journal {
            counter(&mut encoder, "journal_written_bytes", "Bytes written to the journal", journal.bytes)?;
            gauge(
                &mut encoder,
                "journal_segments",
                "Files of the journal that hold live lines",
                journal.segments,
            )?;
            let help = "How long syncs of the journal took";
            let mut metric =
                encoder.encode_descriptor("journal_sync_seconds", help, None, MetricType::Histogram)?;
            let count = journal.syncs.buckets.iter().map(|(_, count)| count).sum();
            metric.encode_histogram::<Labels>(journal.syncs.seconds, count, &journal.syncs.buckets, None)?;
        }
        if let Some(spans) = spans {
            counter(&mut encoder, "telemetry_spans_told", "Spans that the collector took", spans.told)?;
            counter(
                &mut encoder,
                "telemetry_spans_refused",
                "Spans that the collector refused",
                spans.refused,
            )?;
            let help = "Lines of the journal that the collector was not told of yet";
            gauge(&mut encoder, "telemetry_lines_behind", help, spans.behind)?;
        }
        let usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        usage.map_or(Ok(()), |usage| models(&mut encoder, &usage))
    }
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, count: u64) -> fmt::Result {
    let count = ConstCounter::new(count);
    count.encode(encoder.encode_descriptor(name, help, None, count.metric_type())?)
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, count: u64) -> fmt::Result {
    let count = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
    count.encode(encoder.encode_descriptor(name, help, None, count.metric_type())?)
}

/// What asking models has used up; what is older than is kept goes, as after a new start.
fn models(encoder: &mut DescriptorEncoder<'_>, usage: &UsageListed) -> fmt::Result {
    let lines = || usage.lines.iter().take(AGENTS);
    let labels = |line: &carapace_engine::inspect::UsageLine| -> Labels {
        let name = |name: &Option<Arc<str>>| name.as_deref().unwrap_or_default().to_owned();
        vec![("agent", name(&line.agent)), ("model", name(&line.model))]
    };
    let counter = MetricType::Counter;
    let mut metric = encoder.encode_descriptor("model_requests", "Requests to models", None, counter)?;
    for line in lines() {
        one(&mut metric, &labels(line), line.sum.requests)?;
    }
    let help = "Requests to models whose price is not known";
    let mut metric = encoder.encode_descriptor("model_requests_unpriced", help, None, counter)?;
    for line in lines() {
        one(&mut metric, &labels(line), line.sum.unpriced)?;
    }
    let help = "Tokens that models were given and said";
    let mut metric = encoder.encode_descriptor("model_tokens", help, None, counter)?;
    for line in lines() {
        let sum = &line.sum;
        let fresh = sum.input.saturating_sub(sum.cached);
        for (kind, count) in [("input", fresh), ("cached", sum.cached), ("output", sum.output)] {
            let mut labels = labels(line);
            labels.push(("kind", kind.to_owned()));
            one(&mut metric, &labels, count)?;
        }
    }
    let help = "What asking models cost in US dollars, as far as prices are known";
    let mut metric = encoder.encode_descriptor("model_cost_usd", help, None, counter)?;
    for line in lines() {
        #[expect(clippy::cast_precision_loss, reason = "so much money is exact to the cent all the same")]
        let cost = line.sum.cost as f64 / MICRO;
        ConstCounter::new(cost).encode(metric.encode_family(&labels(line))?)?;
    }
    Ok(())
}

fn one(metric: &mut MetricEncoder<'_>, labels: &Labels, count: u64) -> fmt::Result {
    ConstCounter::new(count).encode(metric.encode_family(labels)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JournalFigures, SpanFigures, Times};
    use carapace_engine::inspect::{UsageLine, UsageSum};
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    #[derive(Debug)]
    struct Counting;

    impl Host for Counting {
        fn figures(&self) -> Figures {
            let syncs = Times { seconds: 0.5, buckets: vec![(0.001, 2), (f64::INFINITY, 1)] };
            Figures {
                journal: Some(JournalFigures { bytes: 77, syncs, segments: 3 }),
                spans: Some(SpanFigures { told: 5, refused: 1, behind: 9 }),
            }
        }
    }

    #[test]
    fn what_others_count_is_told_as_prometheus_reads_it() {
        let taken = Taken::new(Arc::new(Counting));
        let sum = UsageSum { requests: 2, input: 100, cached: 40, output: 7, cost: 1_500_000, unpriced: 1 };
        let line = UsageLine {
            day: None,
            agent: Some("main.desk".into()),
            flow: None,
            model: Some("a/small".into()),
            sender: None,
            sum,
        };
        taken.set(UsageListed { since: 0, by: BY.to_vec(), lines: vec![line], total: sum });
        let mut registry = Registry::with_prefix("carapace");
        registry.register_collector(Box::new(taken));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "carapace_journal_written_bytes_total 77",
            "carapace_journal_segments 3",
            "carapace_journal_sync_seconds_sum 0.5",
            r#"carapace_journal_sync_seconds_bucket{le="0.001"} 2"#,
            r#"carapace_journal_sync_seconds_bucket{le="+Inf"} 3"#,
            "carapace_telemetry_spans_told_total 5",
            "carapace_telemetry_lines_behind 9",
            r#"carapace_model_requests_total{agent="main.desk",model="a/small"} 2"#,
            r#"carapace_model_tokens_total{agent="main.desk",model="a/small",kind="input"} 60"#,
            r#"carapace_model_tokens_total{agent="main.desk",model="a/small",kind="cached"} 40"#,
            r#"carapace_model_cost_usd_total{agent="main.desk",model="a/small"} 1.5"#,
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
    }
}
