//! carapace-natives.
