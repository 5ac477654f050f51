//! The one HTTP client that goes where a flow or a stranger's message points.
