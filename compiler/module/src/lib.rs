//! carapace-module.
