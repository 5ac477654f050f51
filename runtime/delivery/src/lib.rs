//! carapace-delivery.
