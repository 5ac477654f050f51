//! What a process counts that its engine does not know.

/// What a process counts that its engine does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// What happened to the journal's files, where it is on a disk.
    pub journal: Option<JournalFigures>,
    /// What a collector was told, where there is one.
    pub spans: Option<SpanFigures>,
}

/// What happened to the journal's files since the start of the process.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JournalFigures {
    /// Bytes that were written, padding included.
    pub bytes: u64,
    /// How long syncs took.
    pub syncs: Times,
    /// Files that hold live lines.
    pub segments: u64,
}

/// How long something took, counted in buckets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Times {
    /// In all.
    pub seconds: f64,
    /// How often it took at most so many seconds, and longer than the bucket before says; the last bound is [`f64::INFINITY`].
    pub buckets: Vec<(f64, u64)>,
}

/// What a collector was told since the start of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpanFigures {
    /// Spans that it took.
    pub told: u64,
    /// Spans that it refused.
    pub refused: u64,
    /// Lines of the journal that it was not told of yet.
    pub behind: u64,
}
