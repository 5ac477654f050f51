//! Versions: what becomes of values and of runs when another one is deployed, going back, letting go.

use crate::bench::{Bench, HOUR, bindings, module};
use carapace_engine::inspect::{StateChangeKind, WaitingOn, plan, select, versions};
use carapace_engine::{Binding, Deploy, DeploymentId, Input, Key, Reply};
use carapace_module::Module;
use carapace_module::Value;
use std::collections::{BTreeMap, BTreeSet};

fn refused(t: &Bench) -> (&'static str, String) {
    match t.reply.as_ref() {
        Some(Reply::Rejected(rejection)) => (rejection.code, rejection.message.clone()),
        other => panic!("{other:?}"),
    }
}

fn of(module: &Module) -> Deploy {
    Deploy { module: module.to_bytes().into(), settings: BTreeMap::new(), bindings: bindings() }
}

fn keeps(state: &str) -> Module {
    module(&format!("{state}\nflow f on chat.message {{ set score = score + 1 }}"))
}

fn tells(state: &str) -> Module {
    module(&format!("{state}\nflow f on chat.message {{ reply(\"{{score}}\") }}"))
}

fn deployment(t: &Bench) -> u32 {
    t.core.deployment("main").unwrap().0
}

#[test]
fn a_migration_makes_new_values_of_old_ones() {
    let mut t = Bench::of(&keeps("state score: Int = 0 by sender keep 30d"));
    t.message("ana", "1");
    t.message("ana", "2");
    t.message("bo", "1");
    let before = t.core.state().values.of("main.score").map(|(_, cell)| cell.until).collect::<Vec<_>>();
    t.deploy(&tells("state score: Text = \"none\" by sender keep 30d migrate old: Int => \"{old} points\""));
    assert_eq!(t.message("ana", "?")[1], "reply 2 points → ana");
    assert_eq!(t.message("cy", "?")[1], "reply none → cy", "who had none has the first value of now");
    let after = t.core.state().values.of("main.score").map(|(_, cell)| cell.until).collect::<Vec<_>>();
    assert_eq!(before, after, "a migration is no use of the value: it is forgotten when it would have been");
    t.crash();
    assert_eq!(t.message("bo", "?")[1], "reply 1 points → bo");
}

#[test]
fn a_migration_is_chosen_by_what_the_values_are() {
    let old = "type Score { points: Int }\nstate score: Score = Score { points: 0 }";
    let write = format!("{old}\nflow f on chat.message {{ set score = Score {{ points: 7 }} }}");
    let mut t = Bench::of(&module(&write));
    t.message("ana", "go");
    // The type of before has another name by now, as the new one took its own.
    let next = "type Score { points: Int, bonus: Int }\ntype OldScore { points: Int }\n\
        state score: Score = Score { points: 0, bonus: 0 }\n\
        migrate old: Text => Score { points: 0, bonus: 0 }\n\
        migrate old: OldScore => Score { points: old.points, bonus: 1 }\n\
        flow f on chat.message { reply(\"{score.points} {score.bonus}\") }";
    t.deploy(&module(next));
    assert_eq!(t.message("ana", "?")[1], "reply 7 1 → ana");
    let lines = t.lines.len();
    t.deploy(&module(&next.replace("{score.bonus}", "{score.bonus}!")));
    assert_eq!(t.message("ana", "?")[1], "reply 7 1! → ana", "once migrated, nothing is done again");
    assert!(t.lines.len() > lines);
}

#[test]
fn what_cannot_be_migrated_is_refused_and_nothing_changes() {
    let mut t = Bench::of(&keeps("state score: Int = 0"));
    t.message("ana", "1");
    let before = (t.lines.len(), t.state("main.score"));
    for (state, code, said) in [
        ("state score: Text = \"\"", "E0925", "values of another type"),
        ("state score: Text = \"\" migrate old: Bool => \"b\"", "E0925", "none of its migrations is for"),
        ("state score: Text = \"\" migrate old: Int => \"{1 / (old - 1)}\"", "E0928", "breaks for the value"),
        ("state score: Int = 0 by Text", "E0925", "kept by something else"),
    ] {
        let next = module(&format!("{state}\nflow g on chat.message {{ reply(\"x\") }}"));
        t.deploy_with(&next, BTreeMap::new());
        let (told, message) = refused(&t);
        assert_eq!(told, code, "{state}: {message}");
        assert!(message.contains(said), "{state}: {message}");
        let plan = plan(t.core.state(), t.now, &of(&next)).unwrap();
        assert_eq!(plan.refused.unwrap().code, code);
    }
    assert_eq!((t.lines.len(), t.state("main.score")), before);
}

#[test]
fn a_migration_may_use_settings_and_functions() {
    let mut t = Bench::of(&keeps("state score: Int = 0"));
    t.message("ana", "1");
    t.deploy(&tells(
        "setting factor: Int = 10\nfn grown(n: Int, by: Int) -> Int = n * by\n\
         state score: Text = \"\" migrate old: Int => \"{grown(old, factor)}\"",
    ));
    assert_eq!(t.message("ana", "?")[1], "reply 10 → ana");
}

#[test]
fn a_run_that_may_use_the_state_stands_in_the_way_and_no_other() {
    let head = "state score: Int = 0";
    let mut t = Bench::of(&module(&format!(
        "{head}\nflow uses on chat.message where message.text == \"use\" {{\n  wait(1h)\n  set score = score + 1\n}}\n\
         flow plain on chat.message where message.text == \"plain\" {{\n  wait(1h)\n  reply(\"plain\")\n}}"
    )));
    let next = tells("state score: Text = \"none\" migrate old: Int => \"{old}\"");
    t.message("ana", "plain");
    t.message("ana", "use");
    t.deploy_with(&next, BTreeMap::new());
    let (code, message) = refused(&t);
    assert!(code == "E0925" && message.contains("main.uses"), "{code} {message}");
    let told = plan(t.core.state(), t.now, &of(&next)).unwrap();
    let stranded: Vec<_> = told.stranded.iter().map(|s| (&*s.run.flow, s.code.as_str())).collect();
    assert_eq!(stranded, [("main.plain", "E0946"), ("main.uses", "E0925")]);
    assert_eq!(told.states[0].kind, StateChangeKind::Migrated);
    t.pass(HOUR);
    t.message("ana", "plain");
    t.deploy(&next);
    assert_eq!(t.message("ana", "?")[1], "reply 1 → ana");
    assert!(t.pass(HOUR).contains(&"reply plain → ana".to_owned()), "it goes on as it began");
}

#[test]
fn going_back_is_a_deploy_of_what_was() {
    let says = |text: &str| module(&format!("flow f on chat.message {{ reply(\"{text}\") }}"));
    let mut t = Bench::of(&says("one"));
    t.deploy(&says("two"));
    t.deploy(&says("three"));
    let back = |to: Option<u32>| Input::Rollback { package: "main".into(), to: to.map(DeploymentId) };
    t.submit(back(None));
    assert_eq!((t.message("ana", "?")[1].as_str(), deployment(&t)), ("reply two → ana", 4));
    t.submit(back(None));
    assert_eq!(t.message("ana", "?")[1], "reply one → ana", "once more goes further back");
    t.submit(back(None));
    assert_eq!(refused(&t).0, "E0945", "and there it ends");
    t.submit(back(Some(3)));
    assert_eq!(t.message("ana", "?")[1], "reply three → ana");
    t.crash();
    assert_eq!(t.message("ana", "?")[1], "reply three → ana");
    let listed: Vec<_> = versions(t.core.state()).iter().map(|v| (v.number, v.serves, v.back_to)).collect();
    assert_eq!(listed.last(), Some(&(6, true, Some(3))));
    for wrong in [back(Some(99)), Input::Rollback { package: "shop".into(), to: None }] {
        t.submit(wrong);
        assert_eq!(refused(&t).0, "E0945");
    }
}

#[test]
fn going_back_to_another_type_of_a_state_is_refused() {
    let mut t = Bench::of(&keeps("state score: Int = 0"));
    t.message("ana", "1");
    t.deploy(&tells("state score: Text = \"none\" migrate old: Int => \"{old}\""));
    t.submit(Input::Rollback { package: "main".into(), to: None });
    assert_eq!(refused(&t).0, "E0925");
    assert_eq!(t.message("ana", "?")[1], "reply 1 → ana");
}

#[test]
fn going_back_goes_back_to_settings_and_bindings_too() {
    let source = module("setting name: Text = \"?\"\nflow f on chat.message { send(name, to: oncall) }");
    let mut t = Bench::empty();
    t.deploy_with(&source, BTreeMap::from([("main.name".into(), "old".into())]));
    let mut next = of(&source);
    next.bindings.insert(
        "main.oncall".into(),
        Binding::Room { account: "net".into(), conversation: "elsewhere".into() },
    );
    t.submit(Input::Deploy(Box::new(next)));
    assert_eq!(t.message("ana", "!")[1], "send ? → elsewhere");
    t.submit(Input::Rollback { package: "main".into(), to: None });
    assert_eq!(t.message("ana", "!")[1], "send old → oncall");
}

#[test]
fn some_former_deployments_are_kept_and_those_that_runs_need() {
    let says = |text: usize| {
        module(&format!(
            "flow f on chat.message where message.text == \"{text}\" {{\n  wait(1h)\n  reply(\"{text}\")\n}}"
        ))
    };
    let mut t = Bench::of(&says(1));
    t.message("ana", "1");
    for n in 2..=9 {
        t.deploy(&says(n));
    }
    let numbers = |t: &Bench| t.core.state().deployments.all().map(|d| d.record.id.0).collect::<Vec<_>>();
    assert_eq!(numbers(&t), [1, 4, 5, 6, 7, 8, 9], "five to go back to, and the one of the run");
    t.submit(Input::Collect { former: 2 });
    assert_eq!(numbers(&t), [1, 7, 8, 9]);
    t.submit(Input::Collect { former: 2 });
    assert!(t.pass(HOUR).contains(&"reply 1 → ana".to_owned()));
    t.submit(Input::Collect { former: 0 });
    assert_eq!(numbers(&t), [9]);
    t.crash();
    assert_eq!(numbers(&t), [9]);
}

#[test]
fn a_deploy_while_ten_thousand_runs_wait() {
    const RUNS: usize = 10_000;
    let says =
        |text: &str| module(&format!("flow f on chat.message {{\n  wait(1h)\n  reply(\"{text}\")\n}}"));
    let mut t = Bench::of(&says("old"));
    for n in 0..RUNS {
        t.message(&format!("p{n}"), "hi");
    }
    assert_eq!(t.core.state().runs.len(), RUNS);
    let next = says("new");
    let told = plan(t.core.state(), t.now, &of(&next)).unwrap();
    assert_eq!((told.keeping.values().sum::<usize>(), told.strandeds), (RUNS, 0));
    let lines = t.lines.len();
    t.deploy(&next);
    assert_eq!(t.lines.len(), lines + 1, "a deploy is one line");
    let said = t.message("ana", "hi");
    assert_eq!(said, ["starts f"], "an event sees one deployment");
    t.crash();
    let said = t.pass(HOUR);
    let count = |part: &str| said.iter().filter(|line| line.starts_with(part)).count();
    assert_eq!((count("reply old"), count("reply new")), (RUNS, 1));
    assert_eq!(t.core.state().runs.len(), 0);
}

#[test]
fn what_goes_to_an_account_that_is_gone_waits_for_it() {
    let mut t = Bench::new(
        "flow f on chat.message {\n  wait(1h)\n  reply(\"late\")\n  send(\"done\", to: oncall)\n}",
    );
    let there = |names: &[&str]| Input::Accounts { there: names.iter().map(|name| (*name).into()).collect() };
    t.submit(there(&["net"]));
    t.message("ana", "go");
    t.submit(there(&["other"]));
    assert_eq!(t.pass(HOUR), Vec::<String>::new(), "nothing is sent, and nothing failed");
    let filter = carapace_engine::inspect::Filter {
        waiting_on: Some(WaitingOn::Person),
        flow: None,
        after: None,
        limit: 10,
    };
    let waits = select(t.core.state(), &filter).runs[0].brief().waits;
    assert!(waits[0].what.contains("`net`") && waits[0].what.contains("E0929"), "{}", waits[0].what);
    assert_eq!(t.crash(), Vec::<String>::new());
    assert_eq!(t.submit(there(&["other"])), Vec::<String>::new());
    assert_eq!(t.submit(there(&["net", "other"])), ["reply late → ana", "send done → oncall", "f succeeded"]);
    assert_eq!(select(t.core.state(), &filter).total, 0);
}

#[test]
fn a_plan_tells_what_changes() {
    let mut t = Bench::new(
        "setting greeting: Text = \"hi\"\n\
         flow a on chat.message where message.text == \"a\" {\n  let more = await chat.reaction\n  reply(\"x\")\n}\n\
         flow gone on chat.joined { reply(greeting) }\n\
         flow same on every(1h) { send(\"tick\", to: oncall) }",
    );
    t.message("ana", "a");
    let next = module(
        "setting greeting: Text = \"hello\"\nstate count: Int = 0\n\
         flow a on chat.message where message.text == \"a\" {\n  set count = 1\n  reply(\"y\")\n}\n\
         flow came on chat.joined {\n  set count = count + 1\n  reply(greeting)\n}\n\
         flow same on every(1h) { send(\"tick\", to: oncall) }",
    );
    let mut deploy = of(&next);
    deploy.bindings.remove("main.managers");
    let told = plan(t.core.state(), t.now, &deploy).unwrap();
    let names = |names: &[std::sync::Arc<str>]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&told.flows.added), ["main.came"]);
    assert_eq!(names(&told.flows.removed), ["main.gone"]);
    assert_eq!(names(&told.flows.changed), ["main.a"]);
    let moved = &told.triggers[0];
    assert_eq!(told.triggers.len(), 1);
    assert_eq!(
        (names(&moved.before), names(&moved.after)),
        (vec!["main.gone".into()], vec!["main.came".into()])
    );
    assert_eq!(names(&told.gained), ["state main.count: read", "state main.count: write"]);
    let [of_a] = told.reach.as_slice() else { panic!("one flow reaches further: {:?}", told.reach) };
    assert_eq!((&*of_a.flow, names(&of_a.gained)), ("main.a", vec!["state main.count: write".to_owned()]));
    assert_eq!(told.settings[0].after.as_deref(), Some("\"hello\""));
    assert_eq!((&*told.bindings[0].name, told.bindings[0].after.as_ref()), ("main.managers", None));
    assert_eq!(told.states[0].kind, StateChangeKind::Added);
    assert_eq!((told.stranded[0].code.as_str(), &*told.stranded[0].run.flow), ("E0946", "main.a"));
    assert!(!told.stranded[0].run.waits[0].places.is_empty(), "with its place in the source");
    assert!(!told.same && told.refused.is_none());
    t.submit(Input::Deploy(Box::new(deploy.clone())));
    let again = plan(t.core.state(), t.now, &deploy).unwrap();
    assert!(again.same && again.stranded.is_empty(), "{again:?}");
}

#[test]
fn a_type_under_another_name_is_another_type() {
    let of = |name: &str, more: &str| {
        module(&format!(
            "type {name} {{ n: Int }}\nstate score: {name} = {name} {{ n: 0 }} {more}\n\
             flow f on chat.message {{ set score = {name} {{ n: 3 }} }}"
        ))
    };
    let mut t = Bench::of(&of("A", ""));
    t.message("ana", "go");
    t.deploy_with(&of("B", ""), BTreeMap::new());
    assert_eq!(refused(&t).0, "E0925");
    t.deploy(&of("B", "migrate old: B => B { n: old.n * 2 }"));
    let values: BTreeSet<_> = t.core.state().values.of("main.score").map(|(key, _)| key.clone()).collect();
    assert_eq!(values, BTreeSet::from([Key::of(&[])]));
    let cell = t.core.state().values.get("main.score", &Key::of(&[])).unwrap();
    assert!(format!("{:?}", cell.value.0).contains('6'), "{:?}", cell.value.0);
    assert_ne!(cell.value.0, Value::None);
}

#[test]
fn a_run_is_left_behind_by_a_version_that_does_not_wait_for_the_same() {
    let waits = [
        "let x = ask(\"who?\") within 1h else \"\"",
        "wait(1h) as cooling",
        "let x = await event(\"paid\", Text)",
        "let x = approve(\"sure?\", by: managers)",
    ];
    let flow = |wait: &str, more: &str| {
        module(&format!(
            "flow f on chat.message where message.text == \"go\" {{\n  {wait}\n  reply(\"{more}\")\n}}"
        ))
    };
    for wait in waits {
        let mut t = Bench::of(&flow(wait, "old"));
        t.message("ana", "go");
        for other in waits {
            let told = plan(t.core.state(), t.now, &of(&flow(other, "new"))).unwrap();
            let codes: Vec<_> = told.stranded.iter().map(|stranded| stranded.code.as_str()).collect();
            assert_eq!(codes.is_empty(), wait == other, "{wait} → {other}: {codes:?}");
            assert_eq!(told.keeping.values().sum::<usize>(), 1);
        }
    }
}
