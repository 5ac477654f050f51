//! Calls as whoever reaches the gateway may write them: what is understood says what one has to be allowed for it.
#![no_main]

use carapace_gateway::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let _ = request.scope();
        // What was understood can be written and is understood again.
        if let Ok(text) = serde_json::to_vec(&request) {
            assert!(serde_json::from_slice::<Request>(&text).is_ok());
        }
    }
});
