//! Types, calls and scopes.

use crate::asked::ask;
use carapace_module::Type;

#[test]
fn expressions_and_names_have_types() {
    let asked = ask("fn f(n: Int?) -> Int {\n  let m = n$0 ?? 2\n  return m\n}");
    let item = asked.item();
    let types: Vec<String> = item
        .types
        .iter()
        .map(|(range, ty)| {
            let text = &asked.text[range.start as usize..range.end as usize];
            format!("{text}: {}", if *ty == Type::Int { "Int" } else { "other" })
        })
        .collect();
    assert_eq!(types, ["n: other", "m: Int", "n: other", "n ?? 2: Int", "2: Int", "m: Int"]);
}

#[test]
fn arguments_know_their_parameters() {
    let asked =
        ask("fn f(a: Int, b: Int = 2, c: Text = \"\") -> Int = a + b\nconst x: Int = f(c: \"z\", 1$0)");
    let call = asked.item().call_at(asked.offset()).unwrap();
    let given: Vec<u32> = call.args.iter().map(|arg| arg.param).collect();
    assert_eq!((given, call.method, call.params.len()), (vec![2, 0], false, 3));
}

#[test]
fn what_stands_before_the_dot_is_the_first_argument() {
    let asked = ask("const x: List<Text> = \"a b\".split(\"$0 \")");
    let call = asked.item().call_at(asked.offset()).unwrap();
    assert!(call.method);
    assert_eq!(call.args.iter().map(|arg| arg.param).collect::<Vec<_>>(), [1]);
}

fn names(marked: &str) -> Vec<String> {
    let asked = ask(marked);
    asked.item().locals_at(asked.offset()).iter().map(|local| local.name.to_string()).collect()
}

#[test]
fn names_are_in_scope_from_their_declaration_to_the_end_of_their_block() {
    let text = "fn f(a: Int) -> Int {\n  let b = a\n  for c in 1..3 {\n    let d = c\n    let e = d\n  }\n  return b\n}";
    let at = |from: &str| names(&text.replacen(from, &format!("$0{from}"), 1));
    assert_eq!(at("let b"), ["a"]);
    assert_eq!(at("a\n  for"), ["a"]);
    assert_eq!(at("for c"), ["a", "b"]);
    assert_eq!(at("let d"), ["a", "b", "c"]);
    assert_eq!(at("let e"), ["a", "b", "c", "d"]);
    assert_eq!(at("return"), ["a", "b"]);
}

#[test]
fn patterns_lambdas_and_captures_end_where_they_end() {
    let text = "type P = cash | card(number: Text)\nfn f(p: P, t: Text) -> Text {\n  if t matches re\"(?<n>[0-9])\" as found { return found.n }\n  let all = [t].map(x => x.trim())\n  return match p {\n    cash => all.join(\"\")\n    card(let n) => n.trim()\n  }\n}";
    let at = |from: &str| names(&text.replacen(from, &format!("$0{from}"), 1));
    assert_eq!(at("return found"), ["p", "t", "found"]);
    assert_eq!(at("let all"), ["p", "t"]);
    assert_eq!(at("x.trim"), ["p", "t", "x"]);
    assert_eq!(at("all.join"), ["p", "t", "all"]);
    assert_eq!(at("n.trim"), ["p", "t", "all", "n"]);
}

#[test]
fn an_event_brings_its_fields_and_a_wait_its_own() {
    let text = "channel c: telegram\nflow f on c.message {\n  let a = await c.message where it.message.text == \"x\" else {\n    return\n  }\n  reply(a.message.text)\n} on failure problem {\n  log(problem.message)\n}";
    let at = |from: &str| names(&text.replacen(from, &format!("$0{from}"), 1));
    assert!(at("it.mess").contains(&"it".to_owned()));
    let in_body = at("reply(");
    assert!(in_body.contains(&"sender".to_owned()) && in_body.contains(&"a".to_owned()), "{in_body:?}");
    assert!(!in_body.contains(&"it".to_owned()), "{in_body:?}");
    let later = at("log(");
    assert!(later.contains(&"problem".to_owned()) && !later.contains(&"a".to_owned()), "{later:?}");
}

#[test]
fn what_came_from_outside_and_secrets_are_labelled() {
    let asked = ask(
        "channel c: telegram\nflow f$0 on c.message {\n  let said = message.text\n  let size = said.length()\n  reply(said)\n  send(\"x\", to: sender)\n}",
    );
    let item = asked.item();
    let of = |from: &str, len: usize| {
        let start = u32::try_from(asked.text.find(from).unwrap()).unwrap() - item.offset;
        let range = carapace_diagnostic::TextRange::new(start, start + u32::try_from(len).unwrap());
        item.labels_of(range).unwrap_or_default()
    };
    assert!(of("message.text", 12).untrusted);
    assert!(of("said =", 4).untrusted, "a name has the labels of its uses");
    assert!(!of("said.length()", 13).untrusted, "a number is nobody's text");
    let sender = of("sender)", 6);
    assert!(sender.vouched && !sender.untrusted);
}

#[test]
fn items_have_headers() {
    let text = "channel c: telegram\nfn two() -> Int = 2\nconst t = \"a\"\nflow f on c.message {\n  let a = asks()\n  reply(a)\n}\nflow asks() -> Text {\n  return ask(\"a?\")\n}\nflow says() { log(\"x\") }";
    let header = |from: &str| {
        let asked = ask(&text.replacen(from, &format!("$0{from}"), 1));
        asked.item().header.clone().unwrap()
    };
    assert_eq!(header("fn two").result, Type::Int);
    assert_eq!(header("const t").result, Type::Text);
    assert!(header("flow f").waits && header("flow asks").waits && !header("flow says").waits);
    let capabilities = header("flow f").capabilities;
    assert!(capabilities.iter().any(|line| **line == *"conversation: reply"), "{capabilities:?}");
}

#[test]
fn agents_wait_for_a_yes_and_in_their_tools() {
    let text = "channel c: telegram\ngroup g\n/// Pays.\ntool pay(n: Int) { log(\"x\") }\n/// Asks.\ntool asks() { ask(\"a?\") }\nagent plain { model: \"a/b\", tools: [pay] }\nagent bound { model: \"a/b\", tools: [pay], approve: { pay: if n > 1 { g } else { none } } }\nagent free { model: \"a/b\", tools: [pay], approve: { pay: none } }\nagent asking { model: \"a/b\", tools: [asks] }\nflow f on c.message { reply(plain.chat(\"x\")) }\nflow h on c.message { reply(bound.chat(\"x\")) }";
    let waits = |from: &str| {
        let asked = ask(&text.replacen(from, &format!("$0{from}"), 1));
        asked.item().header.as_ref().unwrap().waits
    };
    assert!(waits("agent bound") && waits("agent asking") && waits("flow h"));
    assert!(!waits("agent plain") && !waits("agent free") && !waits("flow f"));
}
