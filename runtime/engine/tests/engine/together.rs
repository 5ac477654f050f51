//! Several packages deployed at once: all of them in one line, or none.

use crate::bench::{Bench, bindings, module};
use carapace_engine::{Deploy, DeploymentId, Input, Reply};
use std::collections::BTreeMap;

/// A package of this name.
fn of(package: &str, source: &str) -> Deploy {
    let mut module = module(source);
    module.package = package.into();
    Deploy { module: module.to_bytes().into(), settings: BTreeMap::new(), bindings: bindings() }
}

fn numbers(t: &Bench) -> Vec<u32> {
    match t.reply.as_ref() {
        Some(Reply::DeployedAll(ids)) => ids.iter().map(|id| id.0).collect(),
        other => panic!("{other:?}"),
    }
}

fn refused(t: &Bench) -> &'static str {
    match t.reply.as_ref() {
        Some(Reply::Rejected(rejection)) => rejection.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn they_take_effect_in_one_line_with_numbers_of_their_own() {
    let mut t = Bench::empty();
    let says = |text: &str| {
        format!("flow f on chat.message where message.text == \"{text}\" {{ reply(\"{text}\") }}")
    };
    t.submit(Input::DeployAll(vec![of("a", &says("one")), of("b", &says("two"))]));
    assert_eq!(numbers(&t), [1, 2]);
    assert_eq!(t.core.deployment("b"), Some(DeploymentId(2)));
    // What serves already keeps its number, and takes none of the others.
    t.submit(Input::DeployAll(vec![of("a", &says("one")), of("b", &says("three")), of("c", &says("four"))]));
    assert_eq!(numbers(&t), [1, 3, 4]);
    t.crash();
    assert_eq!(t.core.deployment("a"), Some(DeploymentId(1)));
    assert_eq!(t.core.deployment("c"), Some(DeploymentId(4)));
}

#[test]
fn one_that_is_refused_keeps_the_others_from_taking_effect() {
    let mut t = Bench::empty();
    t.submit(Input::DeployAll(vec![of("a", "state s: Int = 0\nflow f on chat.message { set s = s + 1 }")]));
    t.message("ana", "1");
    let sequence = t.core.state().sequence;
    let good = of("b", "flow f on chat.message { reply(\"b\") }");
    let bad = of("a", "state s: Text = \"\"\nflow f on chat.message { reply(s) }");
    t.submit(Input::DeployAll(vec![good.clone(), bad]));
    assert_eq!(refused(&t), "E0925");
    t.submit(Input::DeployAll(vec![good.clone(), good]));
    assert_eq!(refused(&t), "E0935");
    assert_eq!((t.core.deployment("b"), t.core.state().sequence), (None, sequence), "no line was written");
}
