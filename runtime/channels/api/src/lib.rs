//! carapace-channel-api.
