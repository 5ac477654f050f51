//! carapace-effect.
