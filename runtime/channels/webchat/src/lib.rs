//! carapace-channel-webchat.
