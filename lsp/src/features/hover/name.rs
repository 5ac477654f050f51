//! What a name stands for.

use super::callable;
use super::question::Hover;
use crate::workspace::Snapshot;
use carapace_check::{ItemFacts, Labels, LocalName, NameKind, Outline, Reference};
use carapace_diagnostic::{FileId, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::{Expr, ExprKind};
use carapace_syntax::walk::{Node, path_at};

/// What is said about the name at a place, if one is there that means something.
pub(super) fn at(snapshot: &Snapshot, file: FileId, offset: u32) -> Option<Hover> {
    let facts = snapshot.checked.facts.item_at(file, offset)?;
    let inner = offset.saturating_sub(facts.offset);
    let found: Vec<&Reference> = facts.references_at(inner).collect();
    let last = found.iter().map(|reference| reference.range).max_by_key(|range| range.start)?;
    let parts: Vec<String> = found
        .iter()
        .filter(|reference| reference.range == last)
        .map(|reference| said(snapshot, file, facts, reference))
        .collect();
    Some(Hover { range: last.shift(facts.offset), text: parts.join("\n\n---\n\n") })
}

fn said(snapshot: &Snapshot, file: FileId, facts: &ItemFacts, reference: &Reference) -> String {
    let outline = &snapshot.checked.outline;
    let ty = type_at(snapshot, file, facts, reference.range);
    let mut blocks = Vec::new();
    let place = reference.range.shift(facts.offset);
    let name = snapshot.text(file).get(place.start as usize..place.end as usize).unwrap_or_default();
    blocks.push(format!("```flow\n{}\n```", head(outline, facts, reference, name, ty)));
    if let Some(item) = outline.item(reference.site) {
        blocks.extend(callable::lines(snapshot, item));
    }
    blocks.extend(about(outline, reference.kind, name));
    blocks.extend(labels(facts, snapshot, file, reference.range));
    if let Some(docs) = outline.docs(reference.site) {
        blocks.push(docs.trim().to_owned());
    }
    blocks.join("\n\n")
}

/// The line of code that stands for it.
fn head(
    outline: &Outline,
    facts: &ItemFacts,
    reference: &Reference,
    name: &str,
    ty: Option<&Type>,
) -> String {
    if let Some(item) = outline.item(reference.site) {
        if item.kind != NameKind::Const || item.signature.contains(':') {
            return item.signature.to_string();
        }
        let typed = format!("{}: {}", item.name, outline.show(&item.ty));
        return item.signature.replacen(&*item.name, &typed, 1);
    }
    if let Some(module) = outline.module_at(reference.site) {
        return format!("use {}", module.path);
    }
    let local: Option<&LocalName> = facts.locals.iter().rfind(|local| local.site == reference.site);
    let part = outline.part(reference.site);
    let typed = match ty.or(local.map(|local| &local.ty)).or(part.map(|part| &part.ty)) {
        Some(ty) if *ty != Type::Error => format!("{name}: {}", outline.show(ty)),
        _ => name.to_owned(),
    };
    let owner = part.and_then(|part| outline.item(part.owner)).map_or("", |item| &item.name);
    match (reference.kind, part) {
        (NameKind::Field, Some(_)) => format!("{owner}.{typed}"),
        (NameKind::Tag, Some(part)) => format!("{owner}.{}", part.text),
        (NameKind::Param, Some(part)) => part.text.to_string(),
        (NameKind::Local, _) => format!("let {typed}"),
        (NameKind::Var, _) => format!("var {typed}"),
        (NameKind::Lane, _) => format!("serial {name}"),
        (NameKind::WaitLabel, _) => format!("as {name}"),
        (NameKind::Capability, _) => format!("can {name}"),
        _ => typed,
    }
}

/// A sentence about what has no documentation of its own.
fn about(outline: &Outline, kind: NameKind, name: &str) -> Option<String> {
    Some(match kind {
        NameKind::Lane => "A lane: of all flows that name it, one run at a time for each key.".to_owned(),
        NameKind::WaitLabel => {
            "The name of a wait: a run that stands here is found again in another version of the flow."
                .to_owned()
        }
        NameKind::Capability => {
            format!("These kinds of channels can: {}.", callable::kinds(outline, |can| can.contains(&name)))
        }
        NameKind::EventField => "Comes with the event.".to_owned(),
        NameKind::It if name == "trigger" => "Which of the flow's triggers it was.".to_owned(),
        NameKind::It => "The event that is waited for.".to_owned(),
        NameKind::TypeParam => "A type parameter: each call says what it stands for.".to_owned(),
        _ => return None,
    })
}

/// Where the value comes from, where that matters.
fn labels(facts: &ItemFacts, snapshot: &Snapshot, file: FileId, name: TextRange) -> Option<String> {
    let around = around(snapshot, file, facts, name);
    let of = |range| facts.labels_of(range);
    let Labels { secret, untrusted, vouched } = of(around.unwrap_or(name)).or_else(|| of(name))?;
    let mut said = Vec::new();
    if secret {
        said.push("**Secret.** It goes into parameters that are declared `secret`, and nowhere else.");
    }
    if untrusted {
        said.push("**Untrusted.** Anybody may have written it, so it goes into no parameter that is declared `trusted`.");
    }
    if vouched {
        said.push("It came from outside; the channel vouches for who or what it names.");
    }
    (!said.is_empty()).then(|| said.join("\n\n"))
}

/// The type at a name: of the name where it declares something, else of the expression that ends with it.
fn type_at<'s>(
    snapshot: &'s Snapshot,
    file: FileId,
    facts: &'s ItemFacts,
    name: TextRange,
) -> Option<&'s Type> {
    let around = around(snapshot, file, facts, name);
    around.and_then(|range| facts.type_of(range)).or_else(|| facts.type_of(name))
}

/// The expression that a name is, or is the last part of.
fn around(snapshot: &Snapshot, file: FileId, facts: &ItemFacts, name: TextRange) -> Option<TextRange> {
    let placed = snapshot.item_at(file, facts.offset.saturating_add(name.start))?;
    path_at(&placed.item, name.start).iter().rev().find_map(|node| match node {
        Node::Expr(Expr { kind: ExprKind::Field { name: last, .. }, range, .. }) if last.range == name => {
            Some(*range)
        }
        Node::Expr(Expr { kind: ExprKind::Name(only), range, .. }) if only.range == name => Some(*range),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::features::fixture::fixture;
    use crate::features::hover::hover;

    /// Monday, 2 March 2026, 12:00 in UTC.
    const NOW: i64 = 1_772_452_800_000;

    fn said(text: &str) -> String {
        let f = fixture(text);
        hover(&f.snapshot, f.file, f.offset, NOW).map(|h| h.text).unwrap_or_default()
    }

    fn about(text: &str) -> String {
        let f = fixture(text);
        hover(&f.snapshot, f.file, f.offset, NOW).map(|h| f.slice(h.range).to_owned()).unwrap_or_default()
    }

    const SHOP: &str = "channel support: telegram
/// What it costs.
type Order {
  /// In euros.
  price: Money
  paid: Bool
}
/// Twice.
fn twice(n: Int) -> Int = n * 2
const four = twice(2)
flow front on support.message {
  let said = message.text
  let other = ask(\"{said}?\")
  reply(other, quote: false)
}
";

    fn shop(from: &str, to: &str) -> String {
        assert!(SHOP.contains(from), "{from}");
        said(&SHOP.replacen(from, to, 1))
    }

    #[test]
    fn names_have_their_declaration_type_and_docs() {
        assert_eq!(shop("= twice", "= tw$0ice"), "```flow\nfn twice(n: Int) -> Int\n```\n\nTwice.");
        assert!(shop("const four", "const fo$0ur").starts_with("```flow\nconst four: Int = twice(2)\n```"));
        assert!(shop("type Order", "type Or$0der").contains("What it costs."));
        assert_eq!(shop("  price", "  pri$0ce"), "```flow\nOrder.price: Money\n```\n\nIn euros.",);
    }

    #[test]
    fn locals_have_their_type_and_say_where_they_come_from() {
        let text = shop("let said", "let sa$0id");
        assert!(text.starts_with("```flow\nlet said: Text\n```"), "{text}");
        assert!(text.contains("**Untrusted.**"), "{text}");
        assert!(shop("message.text", "mess$0age.text").starts_with("```flow\nmessage: Message\n```"));
        assert!(shop("message.text", "message.te$0xt").starts_with("```flow\nMessage.text: Text\n```"));
    }

    #[test]
    fn effects_say_how_they_are_delivered_and_whether_they_wait() {
        let text = shop("reply(", "re$0ply(");
        assert!(
            text.starts_with(
                "```flow\neffect reply(content: Content, quote: Bool = true) -> MessageRef\n```"
            )
        );
        assert!(text.contains("Effect `chat.reply@1`. How it is repeated"), "{text}");
        assert!(text.contains("Needs a run with a `conversation`."), "{text}");
        assert!(shop("ask(", "as$0k(").contains("It waits, and survives"));
        assert_eq!(shop("quote:", "qu$0ote:"), "```flow\nquote: Bool = true\n```");
    }

    #[test]
    fn flows_say_what_they_may_touch() {
        let text = shop("flow front", "flow fr$0ont");
        assert!(text.starts_with("```flow\nflow front on support.message\n```\n\nIt may wait"), "{text}");
        assert!(text.contains("It may touch:\n\n- `channel main.support: on message`"), "{text}");
    }

    #[test]
    fn channels_and_triggers_say_what_there_is() {
        let text = shop("channel support", "channel sup$0port");
        assert!(text.contains("telegram can: "), "{text}");
        assert!(shop(": telegram", ": tele$0gram").contains("Telegram bots."));
        assert!(shop("support.message", "support.mess$0age").contains("In scope: `message: Message`"));
    }

    #[test]
    fn literals_are_said_in_words() {
        assert!(said("const a: Duration = 9$00m").starts_with("**1 hour 30 minutes**"));
        assert!(said("const a: Money = 50 E$0UR").starts_with("**50 euros**"));
        let cron = said("flow a on cron(\"0 9 * $0* mon\", zone: \"Europe/Berlin\") { log(\"x\") }");
        assert!(cron.contains("Next (Europe/Berlin):\n\n- Monday, 9 March 2026, 09:00"), "{cron}");
        assert_eq!(said("flow a on webhook(\"/0$0\") { log(\"x\") }"), "");
        let regex = said("fn f(t: Text) -> Bool = t matches re\"^a$0+\"");
        assert!(regex.contains("- the beginning\n- `a`, once or more"), "{regex}");
    }

    #[test]
    fn keywords_and_builtin_types_have_a_sentence() {
        assert!(shop("flow front", "fl$0ow front").contains("survives whatever happens"));
        assert!(shop("n: Int)", "n: In$0t)").contains("whole number"));
        assert_eq!(about(&SHOP.replacen("flow front", "fl$0ow front", 1)), "flow");
        assert_eq!(said("// no$0t here\nconst a = 1"), "");
        assert!(said("agent d {\n  mo$0del: \"a/b\"\n}").contains("Which model"));
        assert!(said("agent d {\n  mem$0ory: \"conversation\"\n}").contains("Whose turns"));
        let test = "channel c: any\nflow f on c.message { reply(\"x\") }\ntest \"a\" {\n  expect c.sa$0id(\"x\")\n  expect f.succ|eeded\n}";
        assert!(said(&test.replace('|', "")).contains("It was said there."));
        assert!(said(&test.replace("$0", "").replace('|', "$0")).contains("came to its end"));
    }

    #[test]
    fn a_short_field_is_said_as_both() {
        let text = said("type P { left: Int }\nfn f(left: Int) -> P = P { le$0ft }");
        assert!(
            text.contains("P.left: Int") && text.contains("---") && text.contains("\nleft: Int\n"),
            "{text}"
        );
    }
}
