//! Loops, calls, texts, lists, maps and records: our machine beside Rhai and VRL, each with the same work said its way.
//!
//! VRL has neither functions nor `while`: it takes part where it can say the same. All are compiled beforehand.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark stops at the first surprise")]

use carapace_module::Value;
use carapace_tests::measure::{Budget, Contender, Nothing, program, pure_function, side_by_side, tell};
use carapace_vm::{Limits, Program, call_pure};
use std::hint::black_box;
use std::sync::Arc;
use vrl::compiler::state::{ExternalEnv, LocalEnv, RuntimeState, TypeState};
use vrl::compiler::{CompileConfig, Context, TargetValue, TimeZone, compile_with_state};
use vrl::value::kind::Collection;
use vrl::value::{Kind, ObjectMap, Secrets, Value as VrlValue};

/// One piece of work in three languages.
struct Case {
    name: &'static str,
    /// What the work is given: how often to go round.
    size: i64,
    ours: &'static str,
    rhai: &'static str,
    /// Over a list of 1 to `size`.
    vrl: Option<&'static str>,
    /// Whether it is one of the loops of which the budget speaks.
    budget: bool,
}

const CASES: &[Case] = &[
    Case {
        name: "sum, counting up",
        size: 10_000,
        ours: "fn work(n: Int) -> Int {
            var sum = 0
            var i = 0
            while i < n {
                sum = sum + i * 2
                i = i + 1
            }
            return sum
        }",
        rhai: "fn work(n) { let sum = 0; let i = 0; while i < n { sum += i * 2; i += 1; } sum }",
        vrl: None,
        budget: true,
    },
    Case {
        name: "sum over a range",
        size: 10_000,
        ours: "fn work(n: Int) -> Int {
            var sum = 0
            for i in 1..n { sum = sum + i * 2 }
            return sum
        }",
        rhai: "fn work(n) { let sum = 0; for i in 1..=n { sum += i * 2; } sum }",
        vrl: Some("sum = 0\nfor_each(.) -> |_index, i| { sum = sum + i * 2 }\nsum"),
        budget: true,
    },
    Case {
        name: "loop in a loop with a condition",
        size: 100,
        ours: "fn work(n: Int) -> Int {
            var sum = 0
            for i in 1..n {
                for j in 1..n {
                    if (i + j) % 3 == 0 { sum = sum + j }
                }
            }
            return sum
        }",
        rhai: "fn work(n) {
            let sum = 0;
            for i in 1..=n { for j in 1..=n { if (i + j) % 3 == 0 { sum += j; } } }
            sum
        }",
        vrl: Some(
            "sum = 0
            numbers = .
            for_each(numbers) -> |_index, i| {
                for_each(numbers) -> |_index, j| { if mod(i + j, 3) == 0 { sum = sum + j } }
            }
            sum",
        ),
        budget: true,
    },
    Case {
        name: "calls (the 18th Fibonacci number)",
        size: 18,
        ours: "fn work(n: Int) -> Int = if n < 2 { n } else { work(n - 1) + work(n - 2) }",
        rhai: "fn work(n) { if n < 2 { n } else { work(n - 1) + work(n - 2) } }",
        vrl: None,
        budget: false,
    },
    Case {
        name: "a text, built piece by piece",
        size: 500,
        ours: "fn work(n: Int) -> Text {
            var out = \"\"
            for i in 1..n { out = \"{out}{i},\" }
            return out
        }",
        rhai: "fn work(n) { let out = \"\"; for i in 1..=n { out = `${out}${i},`; } out }",
        vrl: Some("out = \"\"\nfor_each(.) -> |_index, i| { out = out + to_string(i) + \",\" }\nout"),
        budget: false,
    },
    Case {
        name: "a list, built and looked into",
        size: 1_000,
        ours: "fn work(n: Int) -> Int {
            var items: List<Int> = []
            for i in 1..n { items = items + [i] }
            var sum = 0
            for i in 1..n { sum = sum + (items[i - 1] ?? 0) }
            return sum
        }",
        rhai: "fn work(n) {
            let items = [];
            for i in 1..=n { items += i; }
            let sum = 0;
            for i in 1..=n { sum += items[i - 1]; }
            sum
        }",
        vrl: Some(
            "items = []
            for_each(.) -> |_index, i| { items = push(items, i) }
            sum = 0
            for_each(items) -> |_index, i| { sum = sum + int!(i) }
            sum",
        ),
        budget: false,
    },
    Case {
        name: "a map, looked into",
        size: 1_000,
        ours: "fn work(n: Int) -> Int {
            let ages = [\"ana\": 31, \"bo\": 27, \"cy\": 45]
            var sum = 0
            for i in 1..n { sum = sum + (ages[\"bo\"] ?? 0) }
            return sum
        }",
        rhai: "fn work(n) {
            let ages = #{ ana: 31, bo: 27, cy: 45 };
            let sum = 0;
            for i in 1..=n { sum += ages[\"bo\"]; }
            sum
        }",
        vrl: Some(
            "ages = { \"ana\": 31, \"bo\": 27, \"cy\": 45 }
            sum = 0
            for_each(.) -> |_index, _i| { sum = sum + ages.bo }
            sum",
        ),
        budget: false,
    },
    Case {
        name: "fields of a record",
        size: 1_000,
        ours: "type Point { x: Int, y: Int }
        fn work(n: Int) -> Int {
            let point = Point { x: 3, y: 4 }
            var sum = 0
            for i in 1..n { sum = sum + point.x * point.y }
            return sum
        }",
        rhai: "fn work(n) {
            let point = #{ x: 3, y: 4 };
            let sum = 0;
            for i in 1..=n { sum += point.x * point.y; }
            sum
        }",
        vrl: Some(
            "point = { \"x\": 3, \"y\": 4 }
            sum = 0
            for_each(.) -> |_index, _i| { sum = sum + point.x * point.y }
            sum",
        ),
        budget: false,
    },
];

fn main() {
    for case in CASES {
        measure(case);
    }
}

fn measure(case: &Case) {
    let (mut ours, mut rhai, mut vrl) = (Ours::new(case), Rhai::new(case), Vrl::new(case));
    // Three languages say the same only where they come to the same.
    let result = ours.run();
    assert_eq!(result, rhai.run(), "{}: Rhai", case.name);
    if let Some(vrl) = &mut vrl {
        assert_eq!(result, vrl.run(), "{}: VRL", case.name);
    }
    let mut contenders = vec![
        Contender::new("ours", || drop(black_box(ours.run()))),
        Contender::new("Rhai", || drop(black_box(rhai.run()))),
    ];
    if let Some(vrl) = &mut vrl {
        contenders.push(Contender::new("VRL", || drop(black_box(vrl.run()))));
    }
    let times = side_by_side(40, contenders);
    let ours = times.first().unwrap().1.best;
    for (name, time) in times.get(1..).unwrap() {
        let bounded = case.budget && *name == "Rhai";
        let budget = if bounded { Budget::AtLeast(3.0) } else { Budget::None };
        tell(
            &format!("{}, ours {:.1} µs, {name}", case.name, ours / 1e3),
            time.best / ours,
            "× as long",
            budget,
        );
    }
}

/// Our machine.
struct Ours {
    program: Arc<Program>,
    function: carapace_module::signature::FunctionId,
    size: i64,
}

impl Ours {
    fn new(case: &Case) -> Ours {
        let program = program(case.ours);
        let function = pure_function(program.module(), "work");
        Ours { program, function, size: case.size }
    }

    fn run(&mut self) -> String {
        let value = call_pure(
            &self.program,
            self.function,
            vec![Value::Int(self.size)],
            &mut Nothing,
            Limits::STRETCH,
        );
        match value.unwrap() {
            Value::Int(number) => number.to_string(),
            other => other.as_text().unwrap().to_owned(),
        }
    }
}

/// Rhai as its book says to embed it: a syntax tree, optimised as far as it goes by itself.
struct Rhai {
    engine: rhai::Engine,
    tree: rhai::AST,
    size: i64,
}

impl Rhai {
    fn new(case: &Case) -> Rhai {
        let engine = rhai::Engine::new();
        let tree = engine.compile(case.rhai).unwrap();
        Rhai { engine, tree, size: case.size }
    }

    fn run(&mut self) -> String {
        let value: rhai::Dynamic =
            self.engine.call_fn(&mut rhai::Scope::new(), &self.tree, "work", (self.size,)).unwrap();
        value.to_string()
    }
}

/// VRL, told that it is given a list of numbers.
struct Vrl {
    program: vrl::compiler::Program,
    items: VrlValue,
}

impl Vrl {
    fn new(case: &Case) -> Option<Vrl> {
        let state = TypeState {
            local: LocalEnv::default(),
            external: ExternalEnv::new_with_kind(
                Kind::array(Collection::from_unknown(Kind::integer())),
                Kind::object(Collection::any()),
            ),
        };
        let compiled = compile_with_state(case.vrl?, &vrl::stdlib::all(), &state, CompileConfig::default());
        let items = (1..=case.size).map(VrlValue::from).collect::<Vec<_>>().into();
        let program = compiled.unwrap_or_else(|e| panic!("{}: {:?}", case.name, e.errors())).program;
        Some(Vrl { program, items })
    }

    fn run(&mut self) -> String {
        let mut target = TargetValue {
            value: self.items.clone(),
            metadata: VrlValue::Object(ObjectMap::new()),
            secrets: Secrets::new(),
        };
        let (mut state, zone) = (RuntimeState::default(), TimeZone::default());
        let value = self.program.resolve(&mut Context::new(&mut target, &mut state, &zone)).unwrap();
        value.to_str_lossy().map_or_else(|| value.to_string(), |text| text.into_owned())
    }
}
