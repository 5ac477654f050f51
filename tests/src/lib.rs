//! carapace-tests.
