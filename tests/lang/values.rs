//! What expressions come to: in the machine, and in the evaluator.

use crate::case::Case;
use crate::show::show;
use carapace_driver::Checked;
use carapace_effect::RequestKind;
use carapace_module::{Module, Value};
use carapace_tests::oracle::{Asked, OracleRun, Status as Found};
use carapace_vm::{Host, Limits, Program, Run, Status};

/// Between an expression and its value.
const ARROW: &str = " ⇒ ";

/// The flow that tells the value.
const FLOW: &str = "main.tells_the_value";

/// Nothing is set, the clock stands still.
struct Still;

impl Host for Still {
    fn setting(&mut self, _index: u32) -> Option<Value> {
        None
    }
    fn state_get(&mut self, _index: u32, _key: &[Value]) -> Option<Value> {
        None
    }
    fn state_set(&mut self, _index: u32, _key: &[Value], _value: Value) {}
    fn now(&mut self) -> i64 {
        0
    }
    fn random(&mut self) -> i64 {
        4
    }
}

/// The evaluator recurses where the evaluated program does.
const STACK: usize = 256 << 20;

/// The lines of a `values` block with what they really come to.
pub(crate) fn evaluated(case: &Case, block: &str) -> String {
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK);
        deep.spawn_scoped(scope, || lines(case, block)).unwrap().join().unwrap()
    })
}

fn lines(case: &Case, block: &str) -> String {
    let lines = block.lines().map(|line| {
        let expression = line.split(ARROW).next().unwrap_or(line).trim_end();
        if expression.is_empty() || expression.starts_with("//") {
            return format!("{line}\n");
        }
        format!("{expression}{ARROW}{}\n", value(case, expression))
    });
    lines.collect()
}

/// The value, the fault, or what the compiler says about it.
fn value(case: &Case, expression: &str) -> String {
    let mut files = case.files();
    let source =
        format!("{}\nflow tells_the_value() {{\n  emit(\"value\", {expression})\n}}\n", case.source());
    files.insert("main.flow", source.as_bytes());
    let checked = Checked::of(&files, "main.flow");
    if let Some(first) = checked.diagnostics.iter().find(|d| d.is_error()) {
        return format!("{} {}", first.code, first.message);
    }
    let flow = checked.program.flows.iter().position(|flow| &*flow.name == FLOW).unwrap();
    let flow = carapace_check::tree::FlowId(u32::try_from(flow).unwrap());
    let oracle = OracleRun::flow(&checked.program, flow, Vec::new());
    let expected = oracle.advance();
    let module = match carapace_emit::emit(&checked.program) {
        Ok(module) => module,
        Err(error) => return error.to_string(),
    };
    match (run(&module), expected) {
        (Ok((shown, asked)), (expected, _, Found::Waiting)) if asked == expected => shown,
        (Err(fault), (_, _, Found::Fault(expected))) => format!("fault: {fault} ({expected:?})"),
        (Err(status), (_, _, Found::Failed(failure))) => format!("{status} ({})", failure.message),
        (found, expected) => format!("the machine gives {found:?}, the evaluator {expected:?}"),
    }
}

fn run(module: &Module) -> Result<(String, Vec<Asked>), String> {
    let program = Program::load(&module.to_bytes()).map_err(|error| error.to_string())?;
    let mut run = Run::start(&program, module.flow(FLOW).unwrap().body, Vec::new());
    let stretch = run.advance(&program, &mut Still, Limits::STRETCH);
    match stretch.status {
        Status::Waiting => {}
        Status::Fault(fault) => return Err(fault.to_string()),
        other => return Err(format!("{other:?}")),
    }
    let asked: Vec<Asked> = stretch.requests.iter().map(Asked::of).collect();
    let Some(RequestKind::Effect(told)) = stretch.requests.first().map(|request| &request.kind) else {
        return Err("it asks for something else".to_owned());
    };
    Ok((show(told.args.last().unwrap(), told.types.last().unwrap(), &module.types), asked))
}
