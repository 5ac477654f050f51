//! Our machine.

use crate::cases::Case;
use carapace_module::Value;
use carapace_tests::measure::{Nothing, program, pure_function};
use carapace_vm::{Limits, Program, call_pure};
use std::sync::Arc;

/// Our machine.
pub(crate) struct Ours {
    program: Arc<Program>,
    function: carapace_module::signature::FunctionId,
    size: i64,
}

impl Ours {
    pub(crate) fn new(case: &Case) -> Ours {
        let program = program(case.ours);
        let function = pure_function(program.module(), "work");
        Ours { program, function, size: case.size }
    }

    pub(crate) fn run(&mut self) -> String {
        let value =
            call_pure(&self.program, self.function, &[Value::Int(self.size)], &mut Nothing, Limits::STRETCH);
        match value.unwrap() {
            Value::Int(number) => number.to_string(),
            other => other.as_text().unwrap().to_owned(),
        }
    }
}
