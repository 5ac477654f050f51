//! Why a run cannot be moved.

/// Why a run cannot be moved: in words that an author knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// It waits for something else.
    #[error("it does not stand at a wait with a name, `wait(…) as NAME`, in its flow's own body")]
    Elsewhere,
    /// Several things go on in it.
    #[error("branches of it go on beside the wait")]
    Branches,
    /// What it would take back is code of the old version.
    #[error("it has done something that has an `undo`, which belongs to the old version")]
    Undo,
    /// It takes back or is about to end.
    #[error("it is about to end")]
    Ending,
    /// The new version does not have the flow.
    #[error("the new version has no flow `{0}`")]
    NoFlow(String),
    /// The new version does not have the wait, or more than once.
    #[error("the new version has no wait `{0}` in the body of that flow")]
    NoWait(String),
    /// It is started by an event in one version, and called in the other.
    #[error("one version is started by an event, and the other is called")]
    Begun,
    /// The new version reads a name that the old one does not have there.
    #[error("the new version goes on to read `{0}`, which the old one does not have at that wait")]
    Missing(String),
    /// A name has another type.
    #[error("`{0}` has another type in the new version")]
    Retyped(String),
    /// The new version reads something without a name: how far a loop has got.
    #[error(
        "the wait stands in a `for`, `repeat` or `retry` of the new version, and how far that has got has no name"
    )]
    Hidden,
    /// `else`, `within`, `retry`, `on unknown`, `listen` around the wait are not the same.
    #[error(
        "what stands around the wait, `else`, `within`, `retry`, `on unknown` or `listen`, is not the same in the new version"
    )]
    Around,
    /// Code that no compiler makes.
    #[error("the code of one of the versions is not understood")]
    Tangled,
}
