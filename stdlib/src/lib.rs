//! carapace-stdlib.
