//! What runs did, as spans for a collector.
