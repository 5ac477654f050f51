//! The component: reads what is durable, makes spans of it, and has the collector take them.

use crate::client::{Came, Client};
use crate::mark::Mark;
use crate::page::Page;
use crate::projector::Projector;
use crate::{Error, Notice, Options};
use carapace_engine::service::{Gone, Handle as Engine};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Spans of one request.
const BATCH: usize = 512;

/// How long it is waited after the first failure; twice as long after each that follows.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest that is waited where the collector says nothing of it.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Lines that are read again after a start to know the runs that were not over; those that began before are told in part.
const READ_AGAIN: u64 = 1_000_000;

/// What others may know of it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Handle(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    told: AtomicU64,
    refused: AtomicU64,
    behind: AtomicU64,
}

/// Tells a collector what runs do.
#[derive(Debug)]
pub struct Service {
    options: Options,
    client: Client,
    exporter: SpanExporter,
    engine: Engine,
    projector: Projector,
    handle: Handle,
    /// Everything up to this line was told.
    through: u64,
    /// What is made of the lines behind it, up to a line, as far as it was not told yet.
    made: (Vec<SpanData>, u64),
    away: bool,
    marked: bool,
    /// Whether it was told that of some runs nothing is told.
    many: bool,
}

impl Handle {
    /// Spans that the collector took since the start.
    pub fn told(&self) -> u64 {
        self.0.told.load(Ordering::Relaxed)
    }

    /// Spans that it refused since the start.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Lines of the journal that it was not told of yet.
    pub fn behind(&self) -> u64 {
        self.0.behind.load(Ordering::Relaxed)
    }
}

impl Service {
    /// Ready to tell this collector of what an engine does.
    ///
    /// # Errors
    /// Where the collector can never be told.
    pub fn new(options: Options, engine: Engine) -> Result<Service, Error> {
        let client = Client::new(&options)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client.clone())
            .with_endpoint(options.traces())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(options.patience)
            .with_retry_policy(RetryPolicy::disabled())
            .build();
        let mut exporter =
            exporter.map_err(|error| Error::Unusable { url: options.url.clone(), why: error.to_string() })?;
        let about = [
            KeyValue::new("service.name", "carapace"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ];
        exporter.set_resource(&Resource::builder_empty().with_attributes(about).build());
        Ok(Service {
            projector: Projector::new(options.sample),
            options,
            client,
            exporter,
            engine,
            handle: Handle::default(),
            through: 0,
            made: (Vec::new(), 0),
            away: false,
            marked: true,
            many: false,
        })
    }

    /// What others may know of it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Tells it until the end is wished for, or the engine ends. What it was not told then, the next start tells it.
    pub async fn run(mut self, end: impl Future<Output = ()>) {
        let drain = self.options.drain;
        let mut end = std::pin::pin!(end);
        let telling = self.tell();
        tokio::select! {
            _ = telling => return,
            () = &mut end => {}
        }
        // Nothing is lost by leaving off in the midst of it: what was made and not told is still there, and not marked as told.
        let last = async {
            let until = self.engine.durable()?;
            self.catch_up(until).await
        };
        let _ = tokio::time::timeout(drain, last).await;
    }

    async fn tell(&mut self) -> Result<(), Gone> {
        self.begin().await?;
        loop {
            let until = self.engine.durable()?;
            self.catch_up(until).await?;
            tokio::time::sleep(self.options.every).await;
        }
    }

    /// Goes on where the process before this one was; the first begins with what happens from now on.
    async fn begin(&mut self) -> Result<(), Gone> {
        let durable = self.engine.durable()?;
        let Some(mark) = Mark::read(&self.options.mark).filter(|mark| mark.through <= durable) else {
            self.through = durable;
            self.mark();
            return Ok(());
        };
        let first = mark.first.min(mark.through.saturating_add(1));
        let mut at = first.saturating_sub(1).max(mark.through.saturating_sub(READ_AGAIN));
        while at < mark.through {
            let page = self.page(at, mark.through).await?;
            if page.through == at {
                break;
            }
            for (seq, when, records) in &page.lines {
                // These were told.
                drop(self.projector.line(*seq, *when, records));
            }
            at = page.through;
        }
        self.through = mark.through;
        Ok(())
    }

    /// Tells everything up to a line.
    async fn catch_up(&mut self, until: u64) -> Result<(), Gone> {
        while self.through < until {
            self.handle.0.behind.store(until.saturating_sub(self.through), Ordering::Relaxed);
            if self.made.1 <= self.through && !self.make(until).await? {
                // It cannot be read, which others are told; the lines are there when it can.
                return Ok(());
            }
            while !self.made.0.is_empty() {
                self.deliver().await;
            }
            self.through = self.made.1;
            self.mark();
        }
        self.handle.0.behind.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Makes spans of the next lines; whether there were some.
    async fn make(&mut self, until: u64) -> Result<bool, Gone> {
        let page = self.page(self.through, until).await?;
        if page.gone > 0 {
            (self.options.tell)(Notice::Gone { lines: page.gone });
        }
        let spans = page.lines.iter().flat_map(|(seq, at, records)| self.projector.line(*seq, *at, records));
        self.made = (spans.collect(), page.through);
        if self.projector.passed_over > 0 && !std::mem::replace(&mut self.many, true) {
            (self.options.tell)(Notice::Many);
        }
        Ok(page.through > self.through)
    }

    async fn page(&self, after: u64, until: u64) -> Result<Page, Gone> {
        let page = self.engine.read(move |journal, _| Page::read(journal, after, until)).await?;
        Ok(page.unwrap_or_else(|error| {
            tracing::warn!(%error, "the journal cannot be read for the collector");
            Page { through: after, ..Page::default() }
        }))
    }

    /// Returns once the collector took the next of them, or will never take them.
    async fn deliver(&mut self) {
        let mut pause = PAUSE;
        let many = self.made.0.len().min(BATCH);
        loop {
            let batch: Vec<SpanData> = self.made.0.iter().take(many).cloned().collect();
            // Whether it went well is told by what came of the request, and in more words.
            let _ = self.exporter.export(batch).await;
            let (wait, why) = match self.client.came() {
                Came::Taken { refused, why } => return self.taken(many, refused, why),
                Came::Refused { why } => return self.taken(many, many as u64, why),
                Came::Later { why, pause } => (pause, why),
            };
            if !std::mem::replace(&mut self.away, true) {
                (self.options.tell)(Notice::Away { why });
            }
            tokio::time::sleep(wait.unwrap_or(pause)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    fn taken(&mut self, spans: usize, refused: u64, why: String) {
        self.made.0.drain(..spans.min(self.made.0.len()));
        let spans = spans as u64;
        let refused = refused.min(spans);
        self.handle.0.told.fetch_add(spans - refused, Ordering::Relaxed);
        let before = self.handle.0.refused.fetch_add(refused, Ordering::Relaxed);
        if std::mem::take(&mut self.away) {
            (self.options.tell)(Notice::Back);
        }
        // Once, and then each time it has become a thousand more: what is counted stands among the figures.
        if refused > 0 && (before == 0 || before / 1_000 != (before + refused) / 1_000) {
            (self.options.tell)(Notice::Refused { spans: refused, why });
        }
    }

    fn mark(&mut self) {
        let first = self.projector.first().unwrap_or(self.through.saturating_add(1));
        let written = Mark { through: self.through, first }.write(&self.options.mark);
        match written {
            Ok(()) => self.marked = true,
            Err(error) => {
                if std::mem::take(&mut self.marked) {
                    (self.options.tell)(Notice::Unmarked { why: error.to_string() });
                }
            }
        }
    }
}
