//! carapace-store.
