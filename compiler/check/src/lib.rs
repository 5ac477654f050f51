//! carapace-check.
