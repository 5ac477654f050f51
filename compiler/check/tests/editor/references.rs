//! What names mean, in short packages with the name that is asked about marked.

use crate::asked::ask;

#[test]
fn a_local_is_declared_used_and_written() {
    let asked = ask("fn f(n: Int) -> Int {\n  var sum = n\n  sum = s$0um + n\n  return sum\n}");
    assert_eq!(asked.meaning(), "Var var [sum] = n");
    assert_eq!(asked.same(), ["2:sum!", "3:sum=", "3:sum", "4:sum"]);
}

#[test]
fn two_locals_of_one_name_are_two() {
    let asked = ask(
        "fn f(xs: List<Int>) -> Int {\n  let x = 1\n  let ys = xs.map(x => x$0 + 1)\n  return x + ys.count()\n}",
    );
    assert_eq!(asked.same(), ["3:x!", "3:x"]);
}

#[test]
fn a_parameter_is_the_same_where_it_is_given_by_name() {
    let asked = ask("fn f(amount: Int) -> Int = amount\nconst a: Int = f(a$0mount: 2)");
    assert_eq!(asked.meaning(), "Param fn f([amount]: Int) -> Int = amount");
    assert_eq!(asked.same(), ["1:amount!", "1:amount", "2:amount"]);
}

#[test]
fn the_librarys_effects_and_their_parameters_are_found() {
    let text = "channel c: telegram\nroom r: telegram\nflow f on c.message {\n  send(\"x\", t$0o: r)\n}";
    let asked = ask(text);
    let line = "effect send@1(content: Content, [to]: trusted Target) -> MessageRef delivery of channel";
    assert_eq!(asked.meaning(), format!("Param std/chat: {line}"));
    let asked = ask(&text.replace("$0", "").replace("send(", "sen$0d("));
    assert!(asked.meaning().starts_with("Effect std/chat: effect [send]@1("), "{}", asked.meaning());
}

#[test]
fn fields_of_the_event_are_those_of_the_trigger() {
    let text = "channel c: telegram\nflow f on c.message\n  where mess$0age.text is not empty\n{\n  reply(message.text)\n}";
    let asked = ask(text);
    assert!(asked.meaning().starts_with("EventField std/chat: "), "{}", asked.meaning());
    assert_eq!(asked.same(), ["3:message", "5:message"]);
    let asked = ask(&text.replace("$0", "").replace("message.text)", "message.te$0xt)"));
    assert!(asked.meaning().starts_with("Field std/world: [text]: Text"), "{}", asked.meaning());
    let asked = ask(&text.replace("$0", "").replace("c.message", "c.mess$0age"));
    assert!(
        asked.meaning().starts_with("Trigger std/chat: trigger [message] on channel"),
        "{}",
        asked.meaning()
    );
}

#[test]
fn what_is_waited_for_has_the_fields_of_its_trigger_too() {
    let asked = ask(
        "channel c: telegram\nflow f on c.message {\n  let next = await c.message where it.message.text == \"a\"\n  reply(next.mess$0age.text)\n}",
    );
    assert!(asked.meaning().starts_with("Field std/chat: "), "{}", asked.meaning());
    assert_eq!(asked.same(), ["3:message", "4:message"]);
}

#[test]
fn fields_are_the_same_in_type_literal_access_and_pattern() {
    let asked = ask(
        "type Card { number: Text }\ntype Pay = cash | card(card: Card)\nfn f(pay: Pay) -> Text = match pay {\n  cash => \"\"\n  card(ca$0rd: let it) => it.number\n}\nconst a: Pay = card(card: Card { number: \"1\" })",
    );
    assert_eq!(asked.same(), ["2:card!", "5:card", "7:card"]);
    let asked = ask(&asked.text.replace("it.number", "it.num$0ber"));
    assert_eq!(asked.same(), ["1:number!", "5:number", "7:number"]);
    let asked = ask(&asked.text.replace("= card(card: C", "= ca$0rd(card: C"));
    assert_eq!(asked.same(), ["2:card!", "5:card", "7:card"]);
}

#[test]
fn a_short_field_is_a_field_and_a_value() {
    let asked = ask("type P { left: Int }\nfn f(left: Int) -> P = P { le$0ft }");
    assert_eq!(asked.meaning(), "Field type P { [left]: Int } & Param fn f([left]: Int) -> P = P { left }");
}

#[test]
fn branches_name_what_they_come_to() {
    let asked = ask(
        "channel c: telegram\nflow f on c.message {\n  let both = parallel {\n    first: ask(\"a?\")\n    second: ask(\"b?\")\n  }\n  reply(both.fir$0st)\n}",
    );
    assert_eq!(asked.meaning(), "Field [first]: ask(\"a?\")");
    assert_eq!(asked.same(), ["4:first!", "7:first"]);
}

#[test]
fn groups_of_a_regular_expression_are_declared_in_it() {
    let asked = ask(
        "fn f(t: Text) -> Text {\n  if t matches re\"(?<num>[0-9]+)\" as found { return found.nu$0m }\n  return t\n}",
    );
    assert_eq!(asked.same(), ["2:num!", "2:num"]);
    let asked = ask(&asked.text.replace("return found.", "return fo$0und."));
    assert_eq!(asked.same(), ["2:found!", "2:found"]);
}

#[test]
fn lanes_are_shared_by_the_flows_of_a_module() {
    let asked = ask(
        "channel c: telegram\nflow a on c.message serial work by sender timeout 1h { reply(\"a\") }\nflow b on c.joined serial wo$0rk by sender timeout 1h { log(\"b\") }",
    );
    assert_eq!(asked.same(), ["2:work!", "3:work"]);
}

#[test]
fn states_are_written_with_set_and_kept_by_what_an_event_has() {
    let asked = ask(
        "channel c: telegram\nstate score: Int = 0 by sen$0der\nflow f on c.message {\n  set score = score + 1\n}",
    );
    assert!(asked.meaning().starts_with("EventField std/chat: "), "{}", asked.meaning());
    let asked = ask(&asked.text.replace("= score +", "= sc$0ore +"));
    assert_eq!(asked.same(), ["2:score!", "4:score=", "4:score"]);
}

#[test]
fn modules_are_their_files() {
    let asked = ask("use std/ta$0ble\nconst a: Text = table.bullets([])");
    assert_eq!(asked.meaning(), "Module std/table: file");
}

#[test]
fn builtin_types_mean_nothing_and_declared_ones_their_declaration() {
    let asked = ask("type A { a: In$0t }\nfn first<T>(xs: List<T>) -> T? = xs[0]");
    assert_eq!(asked.meaning(), "");
    let asked = ask(&asked.text.replace("-> T?", "-> $0T?"));
    assert_eq!(asked.same(), ["2:T!", "2:T", "2:T"]);
}

#[test]
fn a_test_names_triggers_effects_and_flows() {
    let text = "channel c: telegram\nflow f on c.message {\n  reply(ask(\"a?\"))\n}\ntest \"a\" {\n  given ask(_) = \"b\"\n  when c.message(\"x\", from: \"ana\")\n  expect f.succeeded\n  expect ask(\"a?\").called\n}";
    let at = |from: &str, to: &str| ask(&text.replace(from, to)).meaning();
    assert!(at("given ask", "given a$0sk").starts_with("Effect std/chat: effect [ask]@1"));
    assert!(at("when c.mess", "when c.me$0ss").starts_with("Trigger std/chat: trigger [message]"));
    assert_eq!(at("expect f.", "expect $0f."), "Flow flow [f] on c.message {");
    assert!(at("expect ask", "expect as$0k").starts_with("Effect std/chat: effect [ask]@1"));
}

#[test]
fn nothing_is_noted_where_nobody_asks() {
    let modules = crate::asked::LIBRARY.clone();
    let sources = carapace_check::Sources {
        package: std::sync::Arc::from(""),
        root: std::sync::Arc::from(""),
        modules: &modules,
        files: &|_| None,
        whole: true,
        intact: true,
        facts: false,
    };
    assert_eq!(carapace_check::check(&sources).facts.items, []);
}
