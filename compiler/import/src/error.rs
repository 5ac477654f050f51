//! Why a file is none of the first carapace's.

/// Why a file is none of the first carapace's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON, or says something else.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is no YAML, or says something else.
    #[error("{0}")]
    Yaml(String),
    /// A flow in it says something that the first carapace did not know.
    #[error("{name}: {source}")]
    Flow {
        /// Which.
        name: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It is of a version that the first carapace never wrote.
    #[error("the file has version {0}, and the first carapace wrote version 1")]
    Version(u32),
    /// There is nothing in it.
    #[error("there are no flows in it")]
    Empty,
}
