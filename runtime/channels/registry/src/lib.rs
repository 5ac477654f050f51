//! carapace-channel-registry.
