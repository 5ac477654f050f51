//! Compiled modules of strangers: refused, or verified and written again as they were.
#![no_main]

use carapace_module::Module;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(module) = Module::from_bytes(bytes) else { return };
    if module.verify().is_ok() {
        assert_eq!(
            Module::from_bytes(&module.to_bytes()).ok().map(|again| again.hash()),
            Some(module.hash())
        );
    }
});
