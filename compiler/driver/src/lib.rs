//! carapace-driver.
