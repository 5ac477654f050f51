//! carapace-gateway.
