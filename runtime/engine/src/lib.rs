//! carapace-engine.
