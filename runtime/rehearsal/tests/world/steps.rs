//! Statements of tests, against flows that are scripts.

use crate::scripted::{Step, rehearse};
use carapace_diagnostic::SourceMap;
use carapace_effect::{EffectRequest, RequestKind};
use carapace_module::code::{Module, Site};
use carapace_module::signature::{
    Delivery, DeliveryClass, EffectSignature, FlowSignature, FunctionId, Slot, SlotKind, Trigger, TriggerSpec,
};
use carapace_module::testing::{
    Answer, CallPattern, CallTarget, ExpectOp, Place, TestOp, TestSignature, TextMatch,
};
use carapace_module::{Type, TypeDef, TypeId, TypeKind, Value};
use carapace_rehearsal::{FailureClass, Options, SuiteReport, TestFailure, render};
use std::sync::Arc;

/// A test, being written.
#[derive(Default)]
struct Test {
    ops: Vec<TestOp>,
    steps: Vec<Step>,
}

impl Test {
    fn op(mut self, op: TestOp, args: Vec<Value>) -> Test {
        let number = u32::try_from(self.ops.len()).unwrap();
        self.ops.push(op);
        self.steps.push(Step::Ask(RequestKind::Test { op: number, args }));
        self
    }

    fn message(self, text: &str, from: &str) -> Test {
        let args = vec![(Arc::from("text"), Type::Text), (Arc::from("from"), Type::Text)];
        let op = TestOp::Event { place: Some("main.support".into()), verb: "message".into(), args };
        self.op(op, vec![Value::text(text), Value::text(from)])
    }

    fn said(self, text: &str) -> Test {
        let expect = ExpectOp::Output {
            place: Place::Slot("main.support".into()),
            verb: "said".into(),
            text: TextMatch::Equals,
            args: Vec::new(),
        };
        let source = format!("support.said({text:?})").into();
        self.op(TestOp::Expect { negated: false, expect, source }, vec![Value::text(text)])
    }

    fn expect(self, negated: bool, expect: ExpectOp) -> Test {
        self.op(TestOp::Expect { negated, expect, source: "…".into() }, Vec::new())
    }

    fn advance(self, ms: i64) -> Test {
        self.op(TestOp::Advance, vec![Value::Duration(ms)])
    }

    /// Runs it against a flow on `support.message`.
    fn against(self, flow: Vec<Step>, options: &Options) -> SuiteReport {
        let spec = TriggerSpec::Channel { channel: "main.support".into(), event: "message".into() };
        let trigger = Trigger::new(spec, Vec::new());
        let module = Module {
            package: "main".into(),
            types: carapace_module::TypeTable {
                types: vec![TypeDef {
                    name: "std/world.MessageRef".into(),
                    docs: None,
                    params: 0,
                    kind: TypeKind::Record(Vec::new()),
                }],
            },
            flows: vec![flow_signature(trigger)],
            slots: vec![Slot { name: "main.support".into(), kind: SlotKind::Channel, of: "terminal".into() }],
            effects: vec![
                effect("chat.reply", "content", Type::Text, DeliveryClass::OfChannel),
                effect("http.get", "path", Type::Text, DeliveryClass::Read),
            ],
            tests: vec![TestSignature {
                title: "it works".into(),
                module: "main".into(),
                body: FunctionId(0),
            }],
            test_ops: self.ops,
            sites: vec![Site { file: 7, start: 3, end: 9 }],
            ..Module::default()
        };
        rehearse(module, vec![self.steps, flow], options)
    }

    /// Runs it, and gives why it failed.
    fn failure(self, flow: Vec<Step>) -> TestFailure {
        let report = self.against(flow, &Options::default());
        *report.tests[0].failure.clone().expect("the test fails")
    }

    fn passes(self, flow: Vec<Step>) {
        let report = self.against(flow, &Options::default());
        assert_eq!(report.failed(), 0, "{}", render::suite(&report, &SourceMap::new()));
    }
}

fn flow_signature(trigger: Trigger) -> FlowSignature {
    FlowSignature {
        name: "main.desk".into(),
        docs: None,
        tool: false,
        triggers: vec![trigger],
        params: Vec::new(),
        result: Type::Nothing,
        body: FunctionId(1),
        guard: None,
        guard_reads_state: false,
        limits: Vec::new(),
        debounce: None,
        dedupe: None,
        serial: None,
        timeout: None,
        priority: 0,
        exclusive: false,
        observes: false,
        filter: false,
        cancellable: Vec::new(),
        on_failure: None,
        on_cancel: None,
    }
}

fn effect(name: &str, param: &str, ty: Type, class: DeliveryClass) -> EffectSignature {
    let result = if name == "chat.reply" { Type::declared(TypeId(0)) } else { Type::Text };
    EffectSignature { name: name.into(), version: 1, params: vec![(param.into(), ty)], result, class }
}

fn call(signature: &EffectSignature, argument: &str) -> RequestKind {
    RequestKind::Effect(EffectRequest {
        effect: signature.name.clone(),
        version: signature.version,
        args: vec![Value::text(argument)],
        types: vec![Type::Text],
        result: signature.result.clone(),
        type_arg: None,
        class: signature.class,
        delivery: Delivery::Default,
        label: None,
    })
}

fn reply(text: &str) -> Step {
    Step::Ask(call(&effect("chat.reply", "content", Type::Text, DeliveryClass::OfChannel), text))
}

fn get(path: &str) -> Step {
    Step::Need(call(&effect("http.get", "path", Type::Text, DeliveryClass::Read), path))
}

fn wait(ms: i64) -> Step {
    Step::Ask(RequestKind::Deadline { after: Some(ms), at: None, patient: false })
}

fn pattern(given: bool) -> CallPattern {
    let target = CallTarget::Effect { effect: "http.get".into(), version: 1, receiver: None };
    CallPattern { target, params: vec![("path".into(), given)] }
}

fn given(answers: Vec<Answer>) -> TestOp {
    TestOp::Given { pattern: pattern(false), answers, result: Type::Text }
}

#[test]
fn what_was_said_is_seen_once() {
    Test::default().message("hi", "ana").said("hello").passes(vec![reply("hello")]);
    let twice =
        Test::default().message("hi", "ana").said("hello").said("hello").failure(vec![reply("hello")]);
    assert_eq!(twice.kind, FailureClass::Expectation);
    assert!(twice.help.unwrap().contains("an earlier `expect` has taken that"));
}

#[test]
fn another_text_is_shown_beside_the_expected_one() {
    let failure = Test::default().message("hi", "ana").said("hello Bo").failure(vec![reply("hello Ana")]);
    let difference = failure.difference.clone().unwrap();
    assert_eq!((difference.expected.as_str(), difference.found.as_str()), ("\"hello Bo\"", "\"hello Ana\""));
    assert_eq!(failure.span.unwrap().range.start, 3);
    let words = render::failure(&failure, &SourceMap::new(), render::Paint::default());
    for part in [
        "nothing like this was said in `support`",
        "^^",
        "ana → support: \"hi\"",
        "support said \"hello Ana\"",
    ] {
        assert!(words.contains(part), "`{part}` is not in:\n{words}");
    }
}

#[test]
fn nothing_leaves_the_machine() {
    let failure = Test::default().message("hi", "ana").failure(vec![get("/x")]);
    assert_eq!(failure.kind, FailureClass::MissingGiven);
    assert!(failure.message.contains("`desk` called `http.get(\"/x\")`"), "{}", failure.message);
    assert!(failure.help.unwrap().contains("given http.get(_) = \"…\""));
}

#[test]
fn answers_are_given_in_turn_and_the_last_repeats() {
    let value = Answer { value: true, ..Answer::default() };
    let fails = Answer { fails: true, ..Answer::default() };
    let test = Test::default()
        .op(given(vec![value, fails]), vec![Value::text("one"), Value::text("down")])
        .message("a", "ana")
        .message("b", "ana")
        .said("one")
        .op(
            TestOp::Expect {
                negated: false,
                expect: ExpectOp::Called { pattern: pattern(false), times: true },
                source: "http.get(_).called 2 times".into(),
            },
            vec![Value::Int(2)],
        )
        .expect(false, ExpectOp::Run { flow: "main.desk".into(), status: "failed".into() })
        .expect(false, ExpectOp::NothingElse);
    test.passes(vec![get("/x"), reply("one")]);
}

#[test]
fn time_passes_only_when_it_is_told_to() {
    let flow = || vec![wait(300_000), reply("later")];
    let early = Test::default().message("hi", "ana").advance(299_999).said("later").failure(flow());
    assert_eq!(early.kind, FailureClass::Expectation);
    Test::default()
        .message("hi", "ana")
        .expect(false, ExpectOp::Run { flow: "main.desk".into(), status: "waiting".into() })
        .advance(300_000)
        .said("later")
        .expect(false, ExpectOp::Run { flow: "main.desk".into(), status: "succeeded".into() })
        .passes(flow());
}

#[test]
fn a_slow_answer_comes_when_it_is_due() {
    let slow = Answer { value: true, takes: true, ..Answer::default() };
    let begin = || {
        let args = vec![Value::text("one"), Value::Duration(5_000)];
        Test::default().op(given(vec![slow.clone()]), args).message("a", "ana")
    };
    begin().advance(4_999).said("one").failure(vec![get("/x"), reply("one")]);
    begin().advance(5_000).said("one").passes(vec![get("/x"), reply("one")]);
}

#[test]
fn a_crash_at_every_await_changes_nothing() {
    let options = Options { crash_after_each_await: true, ..Options::default() };
    let test = Test::default().message("hi", "ana").said("at once").advance(60_000).said("later");
    let report = test.against(vec![reply("at once"), wait(60_000), reply("later")], &options);
    assert_eq!(report.failed(), 0, "{}", render::suite(&report, &SourceMap::new()));
    assert!(report.tests[0].rounds > 3, "it was run {} times", report.tests[0].rounds);
}

#[test]
fn a_channel_that_is_down_is_quiet_until_it_is_up() {
    let channel = |up| TestOp::Channel { channel: "main.support".into(), up };
    let flow = || vec![wait(60_000), reply("later")];
    let down = || Test::default().message("hi", "ana").op(channel(false), Vec::new()).advance(3_600_000);
    down().said("later").failure(flow());
    down().op(channel(true), Vec::new()).said("later").passes(flow());
}

#[test]
fn reports_are_text_junit_and_json() {
    let report = Test::default()
        .message("<hi>", "ana")
        .said("hello")
        .against(vec![reply("no & yes")], &Options::default());
    let junit = render::junit(&[render::Part::Ran(&report, &SourceMap::new())]);
    assert!(junit.contains("<testsuites tests=\"1\" failures=\"1\" errors=\"0\">"), "{junit}");
    assert!(junit.contains("no &amp; yes") && !junit.contains("<hi>"), "{junit}");
    let json = render::json(&report, &SourceMap::new());
    assert_eq!(json["failed"], 1);
    assert_eq!(json["tests"][0]["failure"]["kind"], "expectation");
    assert!(render::suite(&report, &SourceMap::new()).contains("0 passed, 1 failed"));
}

#[test]
fn a_thousand_tests_take_no_time_worth_speaking_of() {
    // Not a measurement (those are benches): a guard against a world that is costly to make.
    for _ in 0..1_000 {
        Test::default().message("hi", "ana").said("hello").passes(vec![reply("hello")]);
    }
}
