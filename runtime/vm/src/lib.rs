//! carapace-vm.
