//! carapace-channel-terminal.
