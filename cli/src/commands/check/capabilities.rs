//! `carapace check --capabilities`: what each flow may touch, and every `trust` with its reason and place.

use crate::package::Package;
use carapace_diagnostic::{SourceMap, render};
use carapace_driver::Checked;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// The listing for people: packages, flows, lines. A `trust` has its place behind it.
pub(super) fn list(package: &Package, checked: &Checked, out: &mut String) {
    let sources = checked.sources.map(&package.prefix);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", package.name());
    for of in checked.program.capabilities.iter().filter(|of| !is_part(&of.flow)) {
        let _ = writeln!(out, "  {}", of.flow);
        for line in of.touches.iter().filter(|line| !line.starts_with("trust: ")) {
            let _ = writeln!(out, "    {line}");
        }
        for trust in checked.program.trusts.iter().filter(|trust| trust.flow == of.flow) {
            let _ = writeln!(out, "    trust: {} ({})", trust.reason, place(trust.span, &sources));
        }
    }
}

/// Whether a flow of the library is only a part of an agent's turn: what it touches stands with the flows that have one. `serve`, by which
/// programs ask agents, is a way in of its own.
fn is_part(flow: &str) -> bool {
    flow.strip_prefix("std/exchange.").is_some_and(|name| name != "serve")
}

fn place(span: carapace_diagnostic::Span, sources: &SourceMap) -> String {
    sources
        .get(span.file)
        .map_or_else(String::new, |file| format!("{}:{}", file.name(), file.position(span.range.start).line))
}

/// One package of the document:
///
/// ```text
/// { "package": "shop/main.flow",
///   "flows": [
///     { "flow": "shop/main.rate",
///       "touches": [ { "line": "host bank.example.com", "kind": "host", "name": "bank.example.com",
///                      "does": null, "outside": true } ],
///       "trusts": [ { "reason": "…", "file": "shop/main.flow", "range": RANGE } ] } ] }
/// ```
///
/// `kind` is the line's first word: `channel`, `room`, `group`, `agent`, `connection`, `conversation`, `anyone`, `effect`,
/// `host`, `secret`, `file`, `state`, `webhook`, `flow`, `tool`. `does` is what is done there (`send`, `on message`, `write`),
/// where that is said. `outside`: whether it leaves the runtime. Members are added, never removed or given another meaning.
pub(super) fn document(package: &Package, checked: &Checked) -> Json {
    let sources = checked.sources.map(&package.prefix);
    let flows = checked.program.capabilities.iter().filter(|of| !is_part(&of.flow)).map(|of| {
        let lines = of.touches.iter().filter(|line| !line.starts_with("trust: "));
        let trusts = checked.program.trusts.iter().filter(|trust| trust.flow == of.flow).map(|trust| {
            let (file, range) = render::place(trust.span, &sources);
            json!({ "reason": &*trust.reason, "file": file, "range": range })
        });
        json!({
            "flow": &*of.flow,
            "touches": lines.map(|line| touch(line)).collect::<Vec<_>>(),
            "trusts": trusts.collect::<Vec<_>>(),
        })
    });
    json!({ "package": package.name(), "flows": flows.collect::<Vec<_>>() })
}

fn touch(line: &str) -> Json {
    let (head, does) = line.split_once(": ").map_or((line, None), |(head, does)| (head, Some(does)));
    let (kind, name) = head.split_once(' ').map_or((head, None), |(kind, name)| (kind, Some(name)));
    let outside = !matches!(kind, "state" | "flow" | "tool" | "file");
    json!({ "line": line, "kind": kind, "name": name, "does": does, "outside": outside })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let parts = |line: &str| {
            let json = touch(line);
            (json["kind"].clone(), json["name"].clone(), json["does"].clone(), json["outside"].clone())
        };
        assert_eq!(
            parts("room main.office: send"),
            (json!("room"), json!("main.office"), json!("send"), json!(true))
        );
        assert_eq!(
            parts("conversation: reply"),
            (json!("conversation"), Json::Null, json!("reply"), json!(true))
        );
        assert_eq!(parts("host *"), (json!("host"), json!("*"), Json::Null, json!(true)));
        assert_eq!(
            parts("state main.count: write"),
            (json!("state"), json!("main.count"), json!("write"), json!(false))
        );
        assert_eq!(parts("effect http.get"), (json!("effect"), json!("http.get"), Json::Null, json!(true)));
    }
}
