//! What is proposed where.

use super::{Completion, MOST, complete, edits, files, names_a_file};
use crate::features::fixture::{Fixture, fixture};

fn at(text: &str) -> (Fixture, Vec<Completion>) {
    let f = fixture(text);
    let found = complete(&f.snapshot, f.file, f.offset);
    (f, found)
}

/// The labels of the best so many.
fn best(text: &str, count: usize) -> Vec<String> {
    at(text).1.into_iter().take(count).map(|c| c.label).collect()
}

fn labels(text: &str) -> Vec<String> {
    best(text, usize::MAX)
}

#[track_caller]
fn has(text: &str, wanted: &[&str], unwanted: &[&str]) {
    let found = labels(text);
    for label in wanted {
        assert!(found.iter().any(|known| known == label), "`{label}` is not among {found:?}");
    }
    for label in unwanted {
        assert!(!found.iter().any(|known| known == label), "`{label}` is among {found:?}");
    }
}

/// The file after the proposal with this label was taken, its places to fill in in braces.
fn taken(text: &str, label: &str) -> String {
    let (f, found) = at(text);
    let c = found.iter().find(|c| c.label == label).unwrap_or_else(|| panic!("no `{label}` among {found:?}"));
    let brought = c.brings.iter().flat_map(|module| edits(&f.snapshot, f.file, module));
    let mut edits: Vec<_> = brought.collect();
    edits.push((c.replace, c.snippet.clone().unwrap_or_else(|| c.insert.clone())));
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = f.snapshot.text(f.file).to_owned();
    for (range, text) in edits {
        out.replace_range(range.start as usize..range.end as usize, &text);
    }
    out
}

fn flow(line: &str) -> String {
    format!(
        "channel c: telegram\nroom r: slack\nflow f on c.message {{\n  let said = message.text\n  {line}\n}}\n"
    )
}

#[test]
fn fields_and_functions_stand_behind_a_dot() {
    has(&flow("let x = message.$0"), &["text", "id", "attachments"], &["said", "reply"]);
    has(&flow("let x = said.$0"), &["length", "split"], &["text", "count"]);
    has(&flow("let x = said.spl$0it(\" \")"), &["split"], &[]);
    has(&flow("reply(\"{said.$0}\")"), &["upper"], &["count"]);
    has("fn f(xs: List<Int>) -> Int = xs.$0", &["count", "first"], &["length"]);
    assert_eq!(best(&flow("let x = sender.$0"), 3), ["bot", "channel", "id"]);
}

#[test]
fn what_may_be_none_is_asked_with_a_question_mark() {
    let text = "type A { n: Text? }\nfn f(a: A) -> Int? = a.n.$0";
    has(text, &["length"], &[]);
    assert!(taken(text, "length").ends_with("= a.n?.length()"), "{}", taken(text, "length"));
}

#[test]
fn channels_have_what_their_kind_tells_of() {
    has("channel c: telegram\nflow f on c.$0", &["message", "reaction", "command"], &["call", "cron"]);
    has("channel c: telegram\nflow f on $0", &["c", "cron", "webhook", "every"], &["message"]);
    has("channel c: telegram\nflow f on c.message { let a = await c.$0 }", &["message", "button"], &[]);
    has("channel c: $0", &["telegram", "any", "slack"], &["Text"]);
    has(
        "agent d { model: \"a/b\" }\nchannel c: any\nflow f on c.message { let a = d.$0 }",
        &["ask", "chat"],
        &["send"],
    );
}

#[test]
fn names_in_scope_are_proposed_the_nearest_first() {
    let text = flow("let other = $0");
    has(&text, &["said", "message", "sender", "reply", "send", "r", "c"], &["other", "f"]);
    assert_eq!(taken(&flow("let other = sa$0"), "said"), flow("let other = said"));
    let found = at(&text).1;
    let rank = |label: &str| found.iter().find(|c| c.label == label).unwrap().rank;
    assert!(rank("said") < rank("c") && rank("c") < rank("reply"));
}

#[test]
fn what_does_not_have_the_letters_that_are_written_is_not_sent() {
    has(&flow("let other = SA$0"), &["said", "message"], &["sender", "reply", "c"]);
}

#[test]
fn what_begins_with_the_letters_stands_before_what_only_has_them() {
    let text = "fn aside(n: Int) -> Int = n\nconst desire = 1\nfn f() -> Int = si$0\n//- side.flow\nfn side(n: Int) -> Int = n\n";
    let found = labels(text);
    let place = |label: &str| found.iter().position(|known| known == label);
    assert!(place("side").is_some() && place("side") < place("aside"), "{found:?}");
    assert!(place("side") < place("desire"), "{found:?}");
}

#[test]
fn of_many_the_best_are_sent_and_the_others_are_found_by_their_letters() {
    let many: String = (0..300).map(|n| format!("const number_{n} = {n}\n")).collect();
    let found = labels(&format!("{many}fn f(here: Int) -> Int = $0"));
    assert_eq!(found.len(), MOST);
    assert!(found[..101.min(found.len())].contains(&"here".to_owned()), "{found:?}");
    has(&format!("{many}fn f(here: Int) -> Int = number_29$0"), &["number_299", "number_29"], &["here"]);
    has(&format!("{many}fn f(here: Int) -> Int = ran$0"), &["random"], &["here"]);
}

#[test]
fn what_the_channel_cannot_do_comes_last_and_says_so() {
    let found = at("channel c: wechat\nflow f on c.message { re$0 }").1;
    let react = found.iter().find(|c| c.label == "react").unwrap();
    assert!(react.rank == 8 && react.detail.ends_with("(not on wechat)"), "{react:?}");
}

#[test]
fn calls_come_with_what_they_need() {
    assert!(taken(&flow("sen$0"), "send").contains("  send(${1:content}, to: ${2:to})\n"));
    assert!(
        taken(&flow("sen$0(\"x\")"), "send").contains("  send(\"x\")\n"),
        "parentheses that are there are kept"
    );
    assert!(taken(&flow("let x = said.spl$0"), "split").contains("said.split(${1:separator})"));
    assert!(taken(&flow("let x = [1].ma$0"), "map").contains("].map(${1:it} => $0)"));
}

#[test]
fn arguments_are_proposed_by_name() {
    has(&flow("send(\"x\", $0)"), &["to:", "said"], &["content:"]);
    has(&flow("reply($0)"), &["content:", "quote:"], &[]);
    assert!(taken(&flow("send(\"x\", $0)"), "to:").contains("send(\"x\", to: )"));
}

#[test]
fn tags_and_values_of_the_wanted_type_come_first() {
    let pay = "type Pay = cash | card(number: Text)\n";
    assert_eq!(best(&format!("{pay}fn f(p: Pay) -> Bool = p == $0"), 2), ["card", "cash"]);
    assert_eq!(best(&format!("{pay}fn f(p: Pay) -> Bool = p is $0"), 2), ["card", "cash"]);
    assert_eq!(best(&format!("{pay}const p: Pay = $0"), 2), ["card", "cash"]);
    assert_eq!(best(&format!("{pay}fn f() -> Pay = Pay.$0"), 2), ["card", "cash"]);
    assert_eq!(
        best(&format!("{pay}fn f(p: Pay) -> Int = match p {{\n  cash => 1\n  $0\n}}"), 1),
        ["card"],
        "a case that is there already comes last"
    );
    assert!(
        taken(&format!("{pay}fn f(p: Pay) -> Int = match p {{\n  $0\n}}"), "card")
            .contains("card(number: let ${1:number})")
    );
    assert_eq!(best("setting a: Duration = $0", 4), ["15m", "1d", "1h", "30s"]);
}

#[test]
fn records_are_filled_in() {
    let order = "type Order { id: Text, paid: Bool, note: Text? }\n";
    has(&format!("{order}const o = Order {{ id: \"1\", $0 }}"), &["paid", "note"], &["id"]);
    assert!(
        taken(&format!("{order}const o: Order = $0"), "Order").ends_with("= Order { id: ${1}, paid: ${2} }"),
    );
}

#[test]
fn types_are_proposed_where_one_stands() {
    has("type Order { id: Text }\nfn f(o: $0) -> Int = 1", &["Order", "Text", "List", "User"], &["reply"]);
    has("type Order { id: Text }\nfn f(o: Int) -> $0 = 1", &["Order", "Int"], &[]);
    has("setting a: $0", &["Money", "Duration"], &["f"]);
    has(
        "use shop\nfn f(o: shop.$0) -> Int = 1\n//- shop.flow\ntype Order { id: Text }\nfn g() -> Int = 1",
        &["Order"],
        &["g", "Text"],
    );
}

#[test]
fn modules_are_brought_in_by_what_is_taken_from_them() {
    has("use $0", &["std/table", "std/http"], &["std/chat"]);
    has("use shop/$0\n//- shop/orders.flow\nconst a = 1", &["shop/orders"], &[]);
    let text = "use std/url\n\nconst a: Text = bul$0";
    assert_eq!(
        taken(text, "bullets"),
        "use std/url\nuse std/table\n\nconst a: Text = table.bullets(${1:lines})"
    );
    assert_eq!(
        taken("// Mine.\n\nconst a: Text = tab$0", "table"),
        "// Mine.\n\nuse std/table\n\nconst a: Text = table"
    );
    has("use std/table\nconst a: Text = table.$0", &["bullets", "columns"], &["reply"]);
    has("use std/table as t\nconst a: Text = t.$0", &["bullets"], &[]);
}

#[test]
fn items_clauses_and_statements_begin_with_their_words() {
    has("$0", &["flow", "channel", "state", "test"], &["let", "reply"]);
    has("channel c: any\n\nfl$0\n", &["flow"], &["let"]);
    has("channel c: any\nflow f on c.message $0 {\n}", &["where", "limit", "serial"], &["let"]);
    has("channel c: any\nflow f on c.message where $0 {\n}", &["message", "sender", "not"], &[]);
    has(&flow("$0"), &["let", "if", "match", "reply"], &["flow", "given"]);
    has("channel c: any\nflow f on c.message {\n} $0", &["on failure", "on cancel"], &["let"]);
    has("agent d {\n  model: \"a/b\"\n  $0\n}", &["instructions", "budget"], &["reply"]);
}

#[test]
fn tests_have_their_own_words() {
    let test = |line: &str| {
        format!(
            "channel c: telegram\ngroup g\nflow f on c.message {{ reply(\"x\") }}\ntest \"a\" {{\n  {line}\n}}\n"
        )
    };
    has(&test("$0"), &["given", "when", "expect", "let"], &["match", "flow"]);
    has(&test("when c.$0"), &["message", "answers"], &["said"]);
    has(&test("when g.$0"), &["approve"], &["message", "answers"]);
    has(&test("expect c.$0"), &["said", "asked"], &["message"]);
    has(&test("expect f.$0"), &["succeeded", "waiting"], &["said"]);
}

#[test]
fn texts_that_mean_something_are_completed() {
    has("flow f on cron(\"$0\") { log(\"x\") }", &["0 9 * * mon"], &["let"]);
    has("flow f on cron(\"0 9 * * *\", zone: \"Europe/B$0\") { log(\"x\") }", &["Europe/Berlin"], &[]);
    assert!(
        taken("flow f on cron(\"0 9 * * *\", zone: \"Europe/B$0\") { log(\"x\") }", "Europe/Berlin")
            .contains("zone: \"Europe/Berlin\")")
    );
    has(&flow("reply(\"hello $0\")"), &[], &["said"]);
    has("// co$0", &[], &["const", "continue"]);
}

#[test]
fn digits_have_units() {
    has("const a: Duration = 15$0", &["15m", "15d", "15 EUR"], &["reply"]);
    assert!(taken("const a: Duration = 90m$0", "90m").ends_with("= 90m"));
}

#[test]
fn nothing_breaks_wherever_the_cursor_is() {
    let text = flow(
        "match said {\n    \"a\" => send(\"{said.upper()}\", to: r)\n    _ => reply(if true { \"b\" } else { \"c\" })\n  }",
    );
    for (at, _) in text.char_indices() {
        let (before, after) = text.split_at(at);
        labels(&format!("{before}$0{after}"));
        labels(&format!("{before}$0"));
    }
}

#[test]
fn what_fits_comes_first() {
    let text = flow("send(\"x\", to: $0)");
    let first = best(&text, 4);
    assert!(first.contains(&"r".to_owned()) && first.contains(&"sender".to_owned()), "{first:?}");
    has(&text, &["r"], &["to_room"]);
    assert_eq!(best(&flow("let n: Text = $0"), 1), ["said"]);
}

#[test]
fn behind_something_whole_is_what_becomes_of_it() {
    has(&flow("let a = ask(\"a?\") $0"), &["within", "else", "retry"], &["reply"]);
    has(&flow("if said $0 {\n  }"), &["is empty", "contains", "and"], &["flow"]);
    has(&flow("log(\"x\")\n  $0"), &["reply"], &["within"]);
}

#[test]
fn states_and_budgets_are_kept_by_people_and_places() {
    has("state a: Int = 0 by $0", &["sender", "conversation", "Text"], &["reply"]);
    has("agent d {\n  model: \"a/b\"\n  budget: 1 USD per 1d by $0\n}", &["sender"], &["Text", "reply"]);
}

#[test]
fn lanes_of_other_flows_are_proposed() {
    let text = "channel c: any\nflow a on c.message serial work by sender timeout 1h { log(\"a\") }\nflow b on c.message serial $0 by sender timeout 1h { log(\"b\") }";
    has(text, &["work"], &["reply"]);
    has("type P = cash | card\nfn f() -> P { return $0 }", &["cash", "card"], &[]);
}

#[test]
fn in_the_first_column_an_item_may_begin_whatever_is_above() {
    has("channel c: any\nflow f on c.message {\n$0\n}\n", &["reply", "let", "flow"], &[]);
    has("channel c: any\nflow f on c.message {\n  reply(\"x\")\n\nf$0", &["flow", "fn"], &["channel"]);
    has("channel c: any\nflow f on c.message\n  $0\n", &["where", "limit"], &["channel"]);
}

#[test]
fn secrets_and_events_are_those_of_the_package() {
    let text = "const key = secret(\"shop_key\")\nflow a on event(\"paid\", Text) { log(payload) }\n";
    has(&format!("{text}const other = secret(\"$0\")"), &["shop_key"], &["paid", "let"]);
    has(&format!("{text}flow b on started {{ emit(\"$0\", \"x\") }}"), &["paid"], &["shop_key"]);
}

#[test]
fn set_writes_states_and_start_starts_flows() {
    let text = |line: &str| {
        format!(
            "channel c: any\nstate score: Int = 0 by sender\nflow g(n: Int) {{ log(\"x\") }}\nflow f on c.message {{\n  {line}\n}}\n"
        )
    };
    has(&text("set $0"), &["score"], &["message", "reply", "g"]);
    has(&text("set sc$0 = 1"), &["score"], &["message"]);
    has(&text("set score = $0"), &["score", "message"], &[]);
    has(&text("let run = start $0"), &["g"], &["message", "reply", "score", "f"]);
}

fn agent(line: &str) -> String {
    format!(
        "channel c: any\nconnection files: mcp\nconnection shop: http\ngroup bosses\n\n/// Gives back.\ntool refund(order: Text, amount: Money) -> Text {{\n  return order\n}}\n\n/// Looks up.\ntool lookup(order: Text, sender: User, note: Text? = none) -> Text {{\n  return order\n}}\n\n/// Is not the agent's.\ntool other() {{\n  log(\"x\")\n}}\n\nagent desk {{\n  model: \"a/b\"\n  tools: [refund, lookup, files]\n  {line}\n}}\n"
    )
}

#[test]
fn an_agents_tools_are_tools_by_their_names() {
    let text = agent("").replace("[refund, lookup, files]", "[$0]");
    has(
        &text,
        &["refund", "lookup", "other", "files"],
        &["c", "shop", "bosses", "reply", "desk", "if", "url"],
    );
    assert_eq!(best(&text, 3), ["lookup", "other", "refund"]);
    let text = agent("").replace("[refund, lookup, files]", "[lookup, re$0]");
    assert!(taken(&text, "refund").contains("tools: [lookup, refund]"), "{}", taken(&text, "refund"));
    let text = agent("").replace("[refund, lookup, files]", "[\n    refund,\n    $0\n  ]");
    has(&text, &["lookup"], &["model", "budget"]);
    let other = "use shop\n\nagent desk {\n  model: \"a/b\"\n  tools: [$1]\n}\n//- shop.flow\n/// Back.\ntool refund(order: Text) {\n  log(order)\n}\nfn f() -> Int = 1\n";
    assert_eq!(best(&other.replace("$1", "$0"), 1), ["shop"]);
    let text = other.replace("$1", "shop.$0");
    has(&text, &["refund"], &["f"]);
    assert!(taken(&text, "refund").contains("tools: [shop.refund]"));
    let text = other.replace("use shop\n\n", "").replace("$1", "ref$0");
    assert!(
        taken(&text, "refund").starts_with("use shop\n\n")
            && taken(&text, "refund").contains("[shop.refund]")
    );
}

#[test]
fn what_needs_a_yes_is_one_of_the_agents_tools() {
    assert_eq!(labels(&agent("approve: { $0 }")), ["files", "lookup", "refund"]);
    assert_eq!(labels(&agent("approve: { ref$0 }")), ["refund"]);
    assert_eq!(labels(&agent("approve: { refund: bosses, $0 }")), ["files", "lookup"]);
    assert_eq!(labels(&agent("approve: {\n    refund: bosses\n    $0\n  }")), ["files", "lookup"]);
    assert!(taken(&agent("approve: { ref$0 }"), "refund").contains("{ refund: ${1:group} }"));
    assert!(taken(&agent("approve: { ref$0: bosses }"), "refund").contains("{ refund: bosses }"));
    assert_eq!(best(&agent("approve: { refund: $0 }"), 1), ["bosses"]);
}

#[test]
fn budgets_are_written_from_left_to_right() {
    assert_eq!(labels(&agent("budget: $0")), ["1 USD per 1d", "20_000 tokens per 1h by sender"]);
    assert_eq!(labels(&agent("budget: 10$0")), ["10 USD", "10 tokens"]);
    assert_eq!(labels(&agent("budget: 10 $0")), ["USD", "per", "tokens"]);
    assert_eq!(labels(&agent("budget: 10 tok$0")), ["tokens"]);
    assert_eq!(labels(&agent("budget: 10 tokens $0")), ["per"]);
    assert_eq!(labels(&agent("budget: 1 USD $0")), ["per"]);
    assert_eq!(labels(&agent("budget: 10 tokens per $0")), ["1d", "1h", "31d", "7d"]);
    assert!(labels(&agent("budget: 10 tokens per 2$0")).contains(&"2h".to_owned()));
    assert_eq!(labels(&agent("budget: 10 tokens per 1h $0")), ["by"]);
    assert_eq!(labels(&agent("budget: 10 tokens per 1h by $0")), ["conversation", "sender"]);
    assert_eq!(labels(&agent("budget: 10 tokens per 1h by sender $0")), [""; 0]);
    assert_eq!(labels(&agent("budget: 10 tokens per 1h by sender, 1 $0")), ["USD", "per", "tokens"]);
    has(&agent("budget: 10 tokens per 1h by sender, $0"), &["conversation", "1 USD per 1d"], &[]);
    assert_eq!(labels(&agent("max_tokens: 10$0")), [""; 0], "no time, and no money");
    assert_eq!(best(&agent("patience: $0"), 4), ["15m", "1d", "1h", "30s"]);
}

#[test]
fn an_agents_texts_are_those_that_mean_something() {
    assert_eq!(labels(&agent("memory: \"$0\"")), ["conversation", "person"]);
    assert_eq!(labels(&agent("effort: \"m$0\"")), ["max", "medium"]);
    assert!(taken(&agent("effort: \"m$0\""), "medium").contains("effort: \"medium\""));
    assert_eq!(labels(&agent("provider: \"$0\"")), [""; 0]);
    assert_eq!(labels("const a = f(x: \"$0\")"), [""; 0]);
}

#[test]
fn paths_of_files_are_proposed_where_one_is_named() {
    let paths = ["prompts/desk.md", "prompts/shop.md", "skills/refund/SKILL.md"].map(str::to_owned);
    let proposed = |text: &str| {
        let f = fixture(text);
        assert!(names_a_file(&f.snapshot, f.file, f.offset));
        files(&f.snapshot, f.file, f.offset, &paths)
    };
    assert_eq!(proposed(&agent("instructions: file(\"$0\")")).len(), 3);
    let found = proposed(&agent("skills: [file(\"a.md\"), file(\"prompts/sh$0\")]"));
    assert_eq!(found.iter().map(|c| &*c.label).collect::<Vec<_>>(), ["prompts/shop.md"]);
    assert_eq!(found[0].replace.len(), 10, "all that is written of it");
    for elsewhere in ["instructions: \"$0\"", "skills: [$0]", "skills: [file($0)]", "skills: [file(\"a\")$0]"]
    {
        let f = fixture(&agent(elsewhere));
        assert!(!names_a_file(&f.snapshot, f.file, f.offset), "{elsewhere}");
    }
}

#[test]
fn properties_begin_where_none_is_being_written() {
    has(&agent("$0"), &["approve", "memory"], &["refund"]);
    has("agent d { $0 }", &["model"], &["reply"]);
    has("agent d { model: \"a/b\", $0 }", &["tools"], &["reply"]);
    has(&agent("budget: 1 USD per 1d,\n    $0"), &["1 USD per 1d"], &["model"]);
}

fn script(line: &str) -> String {
    let test = format!(
        "flow front on c.message {{\n  reply(desk.chat(message.text))\n}}\nsetting most: Int = 1\n\ntest \"a\" {{\n  {line}\n}}\n"
    );
    format!("{}\n{test}", agent(""))
}

#[test]
fn what_is_given_is_an_answer_a_failure_or_a_script() {
    let whole = ["=", "calls", "costs", "fails", "says", "takes", "unknown"];
    assert_eq!(labels(&script("given desk.chat(_) $0")), whole);
    assert_eq!(best(&script("given desk.chat(_) s$0"), 1), ["says"]);
    has(&script("given refund(_) $0"), &["=", "fails", "takes"], &["calls", "says", "within", "else"]);
    assert_eq!(labels(&script("given most $0")), ["="]);
    assert_eq!(labels(&script("given refund(_) = \"x\" $0")), ["costs", "takes", "then"]);
    has(&script("given refund(_) = \"x\" then $0"), &["fails", "unknown"], &[]);
    has(&script("given refund(_) fails \"x\" $0"), &["transient", "takes", "then"], &["reply"]);
    has(&script("given refund(_) fails \"x\" tr$0"), &["transient"], &["timeout"]);
    assert_eq!(labels(&script("given desk.chat(_) calls refund(_) $0")), ["then calls", "then says"]);
    assert_eq!(labels(&script("given desk.chat(_) calls refund(_) then $0")), ["calls", "says"]);
    has(&script("given $0"), &["desk", "refund", "most", "time"], &[]);
    has(&script("given most = 1\n  $0"), &["given", "when"], &["takes"]);
    has(&script("let x = 1 $0"), &["and"], &["takes"]);
}

#[test]
fn an_agent_in_a_test_calls_its_own_tools() {
    assert_eq!(labels(&script("given desk.chat(_) calls $0")), ["lookup", "refund"]);
    assert_eq!(labels(&script("given desk.chat(_) calls lookup(_), re$0")), ["refund"]);
    let text = script("given desk.chat(_) calls re$0");
    let out = taken(&text, "refund");
    assert!(out.contains("calls refund(order: \"${1:order}\", amount: ${2:10 EUR})\n"), "{out}");
    let out = taken(&script("given desk.chat(_) calls l$0"), "lookup");
    assert!(out.contains("calls lookup(order: \"${1:order}\")\n"), "{out}");
    assert!(taken(&script("given desk.$0"), "chat").contains("given desk.chat(${1:_})\n"));
}

#[test]
fn calls_are_expected() {
    has(&script("expect refund(_).$0"), &["called", "called … times"], &["waiting", "upper"]);
    has(&script("expect refund.$0"), &["called", "waiting"], &[]);
    has(&script("expect front.$0"), &["succeeded", "waiting"], &["called"]);
    has(&script("expect desk.chat(_).$0"), &["called"], &["length"]);
    assert!(taken(&script("expect refund(_).c$0"), "called").contains("expect refund(_).called\n"));
}

#[test]
fn arguments_of_triggers_have_their_types() {
    let text = "const orders = 1\nflow f on cron(\"0 9 * * *\", missed: $0) { log(\"x\") }";
    assert_eq!(best(text, 3), ["all", "once", "skip"]);
    assert_eq!(best(&text.replace("$0", "o$0"), 1), ["once"]);
}
