//! What holds of every text.

use crate::examples::Example;
use carapace_diagnostic::Diagnostic;
use carapace_driver::{Checked, Files};
use carapace_module::Module;
use carapace_module::testing::TestOp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a kilobyte may cost to check in an unoptimised build on a busy machine, and far below anything quadratic.
const PER_KILOBYTE: Duration = Duration::from_millis(150);

/// What the library and the package cost.
const ALWAYS: Duration = Duration::from_millis(1_500);

/// A machine that is busy with something else makes one try slow, hardly all of them.
const TRIES: usize = 4;

/// Checks, compiles and formats the text as the root of the example.
pub(crate) fn judge(example: &Example, text: &str, title: &str) {
    let judged = catch_unwind(AssertUnwindSafe(|| look(example, text)));
    match judged {
        Ok(Ok(())) => {}
        Ok(Err(why)) => panic!("{title}: {why}\n{text}"),
        Err(_) => panic!("{title}: it panics\n{text}"),
    }
}

fn look(example: &Example, text: &str) -> Result<(), String> {
    let checked = quickly(&example.with(text), text)?;
    for diagnostic in &checked.diagnostics {
        sound(diagnostic, &checked)?;
    }
    let module = module(checked)?;
    let pretty = carapace_syntax::format(text);
    if carapace_syntax::format(&pretty) != pretty {
        return Err(format!("formatted twice it differs from\n{pretty}"));
    }
    let again = self::module(Checked::of(&example.with(&pretty), "main.flow"))?;
    if module != again {
        let (before, after) = (format!("{module:#?}"), format!("{again:#?}"));
        let first = before.lines().zip(after.lines()).find(|(before, after)| before != after);
        return Err(format!("formatted it means something else: {first:?}\n{pretty}"));
    }
    Ok(())
}

/// Checks, in time proportional to length.
fn quickly(files: &dyn Files, text: &str) -> Result<Checked, String> {
    let allowed = ALWAYS + PER_KILOBYTE * u32::try_from(text.len() / 1024 + 1).unwrap();
    for _ in 0..TRIES {
        let start = Instant::now();
        let checked = Checked::of(files, "main.flow");
        if start.elapsed() < allowed {
            return Ok(checked);
        }
    }
    Err(format!("{} bytes take more than {allowed:?}", text.len()))
}

/// A diagnostic speaks about a place that there is, in characters that are whole.
fn sound(diagnostic: &Diagnostic, checked: &Checked) -> Result<(), String> {
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
    for label in labels {
        let (_, text) = checked.text(label.span.file).ok_or("a diagnostic of no file")?;
        let range = label.span.range.start as usize..label.span.range.end as usize;
        if text.get(range).is_none() {
            return Err(format!("`{}` is about no place: {:?}", diagnostic.message, label.span));
        }
    }
    Ok(())
}

/// Takes out of the module how its source looked: places, and what expectations are shown as.
fn without_looks(module: &mut Module) {
    for site in &mut module.sites {
        (site.start, site.end) = (0, 0);
    }
    let plain = |source: &mut Arc<str>| *source = source.split_whitespace().collect::<String>().into();
    for op in &mut module.test_ops {
        match op {
            TestOp::Expect { source, .. } => plain(source),
            TestOp::ExpectInOrder(all) => all.iter_mut().for_each(|(_, _, source)| plain(source)),
            _ => {}
        }
    }
}

/// The module but for places; none where there are errors.
fn module(checked: Checked) -> Result<Option<Module>, String> {
    if checked.has_errors() {
        return Ok(None);
    }
    let compiled = checked.compile().map_err(|checked| {
        let last = checked.diagnostics.last().map(|d| d.message.clone());
        format!("it checks and does not compile: {last:?}")
    })?;
    let bytes = compiled.module.to_bytes();
    let mut module = Module::from_bytes(&bytes).map_err(|e| format!("the module is not read back: {e}"))?;
    carapace_vm::Program::load(&bytes).map_err(|e| format!("the module is not sound: {e}"))?;
    without_looks(&mut module);
    Ok(Some(module))
}
