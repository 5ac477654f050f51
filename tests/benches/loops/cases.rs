//! The work.

/// One piece of work in three languages.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What the work is given: how often to go round.
    pub(crate) size: i64,
    pub(crate) ours: &'static str,
    pub(crate) rhai: &'static str,
    /// Over a list of 1 to `size`.
    #[cfg_attr(not(feature = "vrl"), expect(dead_code, reason = "VRL is not built"))]
    pub(crate) vrl: Option<&'static str>,
    /// Whether it is one of the loops of which the budget speaks.
    pub(crate) budget: bool,
}

/// All of it.
pub(crate) const CASES: &[Case] = &[
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
