//! carapace-rehearsal.
