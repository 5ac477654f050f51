//! The one place where a panic of the machine is caught.
//!
//! What a stretch or a pure call did until then is thrown away with it: both work on a view of the state and give records,
//! so nothing is half changed.

use super::{Code, Host, Limits};
use carapace_module::Value;
use carapace_module::signature::FunctionId;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` gives; where it panics, what it said.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| said(&*panic))
}

/// Calls a pure function. A panic of the machine is a mistake like any other: whoever asked goes on without an answer.
pub(crate) fn call_pure(
    code: &dyn Code,
    function: FunctionId,
    args: &[Value],
    host: &mut dyn Host,
    limits: Limits,
) -> Result<Value, String> {
    let called = caught(|| code.call_pure(function, args, host, limits));
    called.unwrap_or_else(|panic| Err(format!("the runtime failed at it: {panic}")))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_said_is_told() {
        assert_eq!(caught(|| 1), Ok(1));
        assert_eq!(caught(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(caught(|| panic!("number {}", 2)), Err::<(), _>("number 2".to_owned()));
        assert_eq!(caught(|| std::panic::panic_any(3)), Err::<(), _>("without a word".to_owned()));
    }
}
