//! carapace-emit.
