//! What may be named.

use crate::asked::{Asked, LIBRARY, ask};
use carapace_check::{ItemOutline, NameKind, Outline, OutlinePart, library_outline};
use carapace_module::Type;
use std::sync::{Arc, LazyLock};

static PART: LazyLock<Arc<OutlinePart>> = LazyLock::new(|| Arc::new(library_outline(&LIBRARY)));

fn outline(asked: &Asked) -> Outline {
    Outline {
        library: Arc::clone(&PART),
        package: asked.checked.outline.clone(),
        types: asked.checked.program.types.clone(),
    }
}

fn item<'o>(outline: &'o Outline, name: &str) -> &'o ItemOutline {
    outline.package.modules.iter().flat_map(|m| &m.items).find(|item| &*item.name == name).unwrap()
}

/// The type of the expression that ends at the mark.
fn type_before(asked: &Asked) -> Type {
    let item = asked.item();
    let ends = item.types.iter().filter(|(range, _)| range.end == asked.offset());
    ends.max_by_key(|(range, _)| range.len()).unwrap().1.clone()
}

#[test]
fn items_are_shown_as_a_person_would_write_them() {
    let asked = ask(
        "/// Twice.\nfn twice(\n  n: Int,\n  by: Int = 2,\n) -> Int = n * by\nconst a = 2\nsetting limit: Money = 50 EUR\ntype Pay =\n  | cash\n  | card(number: Text)\nchannel c: telegram\nflow f on c.message { log(\"x\") }\nflow g(a: Text) -> Text { return a }\ntype Box<T> { it: T }",
    );
    let outline = outline(&asked);
    let shown: Vec<&str> = outline.package.modules[0].items.iter().map(|item| &*item.signature).collect();
    assert_eq!(
        shown,
        [
            "fn twice(n: Int, by: Int = 2) -> Int",
            "const a = 2",
            "setting limit: Money = 50 EUR",
            "type Pay = cash | card(number: Text)",
            "channel c: telegram",
            "flow f on c.message",
            "flow g(a: Text) -> Text",
            "type Box<T> { it: T }",
        ]
    );
    let twice = item(&outline, "twice");
    assert_eq!(twice.docs.as_deref(), Some("Twice."));
    assert_eq!(outline.docs(twice.site).map(|d| &**d), Some("Twice."));
    let by = &twice.callable.as_ref().unwrap().params[1];
    assert_eq!((&*by.text, by.default.as_deref()), ("by: Int = 2", Some("2")));
    assert_eq!(
        outline.part(by.site).map(|part| (part.kind, &*part.text)),
        Some((NameKind::Param, "by: Int = 2"))
    );
}

#[test]
fn values_have_fields_and_the_functions_of_their_module() {
    let asked = ask("channel c: telegram\nflow f on c.message {\n  reply(message$0.text)\n}");
    let outline = outline(&asked);
    let members = outline.members(&type_before(&asked));
    let text = members.iter().find(|m| &*m.name == "text").unwrap();
    assert_eq!((text.kind, outline.show(&text.ty)), (NameKind::Field, "Text".to_owned()));
    assert!(text.site.is_some() && text.docs.is_some());
    let asked = ask("const a: List<Int> = [1, 2]\nconst b: Int = a$0.count()");
    let members = outline.members(&type_before(&asked));
    let first = members.iter().find(|m| &*m.name == "first").unwrap();
    assert_eq!((first.kind, outline.show(&first.ty)), (NameKind::Fn, "Int?".to_owned()));
    let names: Vec<&str> = members.iter().map(|m| &*m.name).collect();
    assert!(names.contains(&"count") && names.contains(&"map"), "{names:?}");
    assert!(!names.contains(&"lower"), "{names:?}");
}

#[test]
fn a_function_of_the_module_that_does_not_take_it_is_no_member() {
    let asked = ask(
        "type A { n: Int }\nfn good(a: A) -> Int = a.n\nfn bad(n: Int) -> Int = n\nfn f(a: A) -> Int = a$0.n",
    );
    let outline = outline(&asked);
    let members = outline.members(&type_before(&asked));
    assert_eq!(members.iter().map(|m| &*m.name).collect::<Vec<_>>(), ["n", "good", "f"]);
}

#[test]
fn tags_have_their_fields() {
    let asked = ask("type Pay = cash | card(number: Text)\nfn f(p: Pay) -> Pay = p$0");
    let outline = outline(&asked);
    let tags = outline.tags(&type_before(&asked).optional());
    assert_eq!(tags.iter().map(|m| &*m.signature).collect::<Vec<_>>(), ["cash", "card(number: Text)"]);
    assert!(tags.iter().all(|tag| tag.site.is_some()));
}

#[test]
fn channels_have_what_their_kind_can_do() {
    let asked = ask("channel t: telegram\nchannel s: terminal\nagent d { model: \"x/y\" }\nroom r: slack");
    let outline = outline(&asked);
    let names = |found: Vec<&ItemOutline>| found.iter().map(|i| i.name.to_string()).collect::<Vec<_>>();
    let telegram = names(outline.triggers_of(item(&outline, "t")));
    let terminal = names(outline.triggers_of(item(&outline, "s")));
    assert!(telegram.contains(&"reaction".to_owned()) && telegram.contains(&"message".to_owned()));
    assert!(!terminal.contains(&"reaction".to_owned()), "{terminal:?}");
    assert_eq!(
        names(outline.effects_of(item(&outline, "d"))),
        ["ask", "chat", "answer", "pin", "unpin", "extract", "choose"]
    );
    assert!(names(outline.free_triggers()).contains(&"cron".to_owned()));
    assert!(outline.kind("any").is_some_and(|kind| kind.site.is_none()));
    let react = outline.of_kind(NameKind::Effect).find(|item| &*item.name == "react").unwrap();
    assert!(outline.kind_can(Some("telegram"), react) && !outline.kind_can(Some("wechat"), react));
    assert_eq!(react.effect.as_ref().map(|e| (&*e.identity, e.waits)), Some(("chat.react", false)));
}

#[test]
fn what_is_in_scope_is_the_modules_own_and_the_preludes() {
    let asked = ask("use std/table as t\nfn reply(n: Int) -> Int = n\nconst b: Text = t.bullets([])");
    let outline = outline(&asked);
    let scope = outline.in_scope("main");
    let reply: Vec<_> = scope.iter().filter(|item| &*item.name == "reply").collect();
    assert_eq!(reply.len(), 1);
    assert_eq!(reply[0].kind, NameKind::Fn);
    assert!(scope.iter().any(|item| &*item.name == "send"));
    assert!(!scope.iter().any(|item| &*item.name == "columns"), "not without its module");
    let modules: Vec<String> = outline
        .modules_in_scope("main")
        .iter()
        .map(|(name, module)| format!("{name}={}", module.path))
        .collect();
    assert!(modules.contains(&"t=std/table".to_owned()) && modules.contains(&"list=std/list".to_owned()));
}

#[test]
fn the_librarys_part_is_what_every_check_finds() {
    // Types are shown by number: were the library's other ones in a package, other names would come out.
    let asked = ask("type First { a: Int }\ntype Second { b: Int }");
    let outline = outline(&asked);
    let send = outline.of_kind(NameKind::Effect).find(|item| &*item.name == "send").unwrap();
    let shown: Vec<String> =
        send.callable.as_ref().unwrap().params.iter().map(|p| outline.show(&p.ty)).collect();
    assert_eq!(shown, ["Content", "Target"]);
}
