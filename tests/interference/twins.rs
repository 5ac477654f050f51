//! Two runs of one program that differ in what strangers wrote and in what its secret is called.

use crate::program::Written;
use carapace_driver::{Checked, MemoryFiles};
use carapace_effect::Outcome;
use carapace_module::Value;
use carapace_tests::oracle::{Asked, OracleRun, Status};

/// Texts that differ in every letter, and in nothing else: each letter of the second is thirteen behind that of the first.
const TEXTS: [&str; 4] = ["abc def", "bad cafe. back", "m", "gh i j"];

/// Checks a source; gives line and code of every mistake.
pub(crate) fn checked(source: &str) -> (Checked, Vec<(usize, String)>) {
    let files = MemoryFiles::new([("main.flow", source)]);
    let checked = Checked::of(&files, "main.flow");
    let mistakes = checked
        .diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| {
            let before = &source[..d.primary.span.range.start as usize];
            (before.matches('\n').count() + 1, d.code.to_string())
        })
        .collect();
    (checked, mistakes)
}

/// A run of one of the two.
struct Twin {
    other: bool,
    texts: u8,
}

impl Twin {
    /// A text of a stranger's.
    fn text(&self, number: u8) -> Value {
        let text = TEXTS[usize::from(number) % TEXTS.len()];
        let turned = |c: char| if c.is_ascii_lowercase() { char::from(c as u8 + 13) } else { c };
        Value::text(if self.other { text.chars().map(turned).collect::<String>() } else { text.to_owned() })
    }

    fn input(&self) -> Value {
        let count = Value::Int(i64::from(self.texts % 3));
        Value::record(vec![self.text(self.texts), self.text(self.texts / 4), count])
    }

    fn outcome(&self, what: &str) -> Outcome {
        Outcome::Done(if what.starts_with("effect agent.ask") {
            self.text(self.texts / 16)
        } else if what.starts_with("effect http.") {
            Value::record(vec![Value::Int(200), Value::map(Vec::new()), self.text(self.texts / 64)])
        } else if what.starts_with("effect chat.") {
            Value::record(vec![Value::text("main.chat"), Value::text("c"), Value::text("m")])
        } else {
            Value::None
        })
    }
}

/// The first difference between the two in what they ask for in forbidden places; none where there is none.
pub(crate) fn difference(program: &Written, texts: u8) -> Option<String> {
    let deep = std::thread::Builder::new().stack_size(64 << 20);
    std::thread::scope(|scope| deep.spawn_scoped(scope, || compare(program, texts)).unwrap().join().unwrap())
}

fn compare(program: &Written, texts: u8) -> Option<String> {
    let sources = ["alpha", "omega"].map(|name| program.source().replace("SECRET", name));
    let programs = sources.map(|source| checked(&source).0);
    let twins = [false, true].map(|other| Twin { other, texts });
    let runs: Vec<OracleRun<'_>> = programs
        .iter()
        .zip(&twins)
        .map(|(checked, twin)| {
            let at = checked.program.flows.iter().position(|flow| &*flow.name == "main.start_here").unwrap();
            let flow = carapace_check::tree::FlowId(u32::try_from(at).unwrap());
            OracleRun::flow(&checked.program, flow, vec![twin.input(), Value::Time(0)])
        })
        .collect();
    let mut open: [Vec<Asked>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..2_000 {
        let [one, other] = [&runs[0], &runs[1]].map(OracleRun::advance);
        let told = |asked: &[Asked]| asked.iter().map(forbidden).collect::<Vec<_>>();
        if told(&one.0) != told(&other.0) {
            return Some(format!("- {:?}\n+ {:?}", told(&one.0), told(&other.0)));
        }
        if let Status::Fault(fault) = &one.2 {
            // Both break the same bound, at the same place.
            return (std::mem::discriminant(&one.2) != std::mem::discriminant(&other.2))
                .then(|| format!("{fault:?}"));
        }
        if one.2 != Status::Waiting || other.2 != Status::Waiting {
            return (std::mem::discriminant(&one.2) != std::mem::discriminant(&other.2))
                .then(|| format!("- {:?}\n+ {:?}", one.2, other.2));
        }
        open[0].extend(one.0.into_iter().filter(|asked| asked.blocks));
        open[1].extend(other.0.into_iter().filter(|asked| asked.blocks));
        if open[0].is_empty() {
            return None;
        }
        for (side, twin) in twins.iter().enumerate() {
            let asked = open[side].remove(0);
            let outcome = twin.outcome(&asked.what);
            runs[side].apply(&asked.op, outcome);
        }
    }
    None
}

/// What somebody at a forbidden place sees of a request. What a person reads, a model is asked and a log says may hold what
/// strangers wrote; but no secret's name, and neither may a request.
fn forbidden(asked: &Asked) -> String {
    let what = &asked.what;
    let name = what.split('(').next().unwrap_or(what);
    let secret = ["alpha", "omega"].iter().any(|name| what.contains(name));
    match name.split('@').next().unwrap_or(name) {
        "effect log.log" | "effect agent.ask" => {
            format!("{:?} {name} {}", asked.op, if secret { what } else { "" })
        }
        // The token is where a secret belongs; the address has what was put in behind its host.
        "effect http.get" => format!("{:?} {name}", asked.op),
        _ => format!("{:?} {what}", asked.op),
    }
}
