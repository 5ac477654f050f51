//! Whether a tree is what the schema says.

use crate::document::{Document, Member, Node, Number, Text, Value};
use crate::environment::substitute;
use crate::migrate::VERSION;
use crate::routes::routes;
use crate::schema::{Form, Key, ROOT, Shape};
use crate::secret::{SECRET, is_like_a_secret, shown};
use carapace_diagnostic::{Code, Diagnostic, Span, TextRange, suggest};

/// What all of it is called in messages.
const WHOLE: &str = "the file";

/// How a tree is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The file alone, as an editor sees it: the environment is not known.
    Alone,
    /// One of several files that are put together.
    Part,
}

/// What is wrong with one file, without its environment and without the files that it includes: what an editor says of it.
pub fn check_text(document: &Document) -> Vec<Diagnostic> {
    let mut found = document.diagnostics.clone();
    let mut root = document.root.clone();
    substitute(&mut root, "", None, &mut found);
    check(&root, View::Alone, &mut found);
    check_version(&root, &mut found);
    // What is included may say the rest.
    if root.get("include").is_none() {
        check_whole(&root, &mut found);
    }
    found
}

/// Keys and shapes of one file.
pub(crate) fn check(root: &Node, view: View, found: &mut Vec<Diagnostic>) {
    Check { view, found }.shape(root, Shape::Object(ROOT), WHOLE);
}

/// The version of a file that is started with.
pub(crate) fn check_version(root: &Node, found: &mut Vec<Diagnostic>) {
    if matches!(root.value, Value::Broken) {
        return;
    }
    let help = "`carapace config migrate` writes it into the file";
    let Some(version) = root.get("version") else {
        let start = Span::new(
            root.span.file,
            TextRange::new(root.span.range.start, root.span.range.start.saturating_add(1)),
        );
        let message = format!("this file does not say that its form is version {VERSION}");
        found.push(Diagnostic::new(Code("W0602"), start, message).help(help));
        return;
    };
    match version_of(version) {
        Some(known) if known == u64::from(VERSION) => {}
        Some(old) if old < u64::from(VERSION) => {
            let message = format!("this file has the form of version {old}; the newest is {VERSION}");
            found.push(
                Diagnostic::new(Code("W0602"), version.span, message)
                    .help("`carapace config migrate` rewrites it"),
            );
        }
        Some(newer) => {
            let message = format!(
                "this file has the form of version {newer}; this carapace knows those up to {VERSION}"
            );
            let help = "a newer carapace wrote it: use that one, or go back to the backup beside the file";
            found.push(Diagnostic::new(Code("E0983"), version.span, message).help(help));
        }
        None => {
            let message = format!("`version` is `{VERSION}`, found {}", version.noun());
            found.push(Diagnostic::new(Code("E0979"), version.span, message));
        }
    }
}

/// The number of a version.
pub(crate) fn version_of(node: &Node) -> Option<u64> {
    match &node.value {
        Value::Number(Number(Some(number))) => number.as_u64(),
        _ => None,
    }
}

/// What only everything together shows: keys that are missing, accounts that are in each other's way.
pub(crate) fn check_whole(root: &Node, found: &mut Vec<Diagnostic>) {
    missing(root, Shape::Object(ROOT), WHOLE, found);
    two_keys(root, found);
    nobody(root, found);
    servers(root, found);
    routes(root, found);
}

/// One file of secrets is opened by one thing.
fn two_keys(root: &Node, found: &mut Vec<Diagnostic>) {
    let of = |key| root.get("vault").and_then(|vault| vault.member(key));
    if let (Some(first), Some(second)) = (of("key_file"), of("passphrase_file")) {
        let message = "`passphrase_file` does nothing beside `key_file`";
        found.push(
            Diagnostic::new(Code("W0601"), second.name.span, message)
                .also(first.name.span, "this opens it")
                .help("take one of them out"),
        );
    }
}

/// A model of a provider that there is not.
fn nobody(root: &Node, found: &mut Vec<Diagnostic>) {
    let Some(models) = root.get("models") else { return };
    let of = |key| models.get(key).map(Node::members).unwrap_or_default();
    let providers: Vec<&str> = of("providers").iter().map(|member| member.name.text.as_str()).collect();
    let listed = of("aliases").iter().flat_map(|alias| alias.value.elements());
    let listed = listed.filter_map(|node| Some((node.text()?, node.span)));
    let priced = of("prices").iter().map(|member| (member.name.text.as_str(), member.name.span));
    for (model, span) in listed.chain(priced) {
        let Some((provider, _)) = model.split_once('/').filter(|(name, _)| !providers.contains(name)) else {
            continue;
        };
        let message = format!("`{model}` is of a provider that there is not: `{provider}`");
        let near = suggest(provider, providers.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("name it: `providers: {{ {provider}: {{ kind: … }} }}`"),
        };
        found.push(Diagnostic::new(Code("E1070"), span, message).help(help));
    }
}

/// A server of tools is a program or an address, and has the keys of what it is.
fn servers(root: &Node, found: &mut Vec<Diagnostic>) {
    let servers = root.get("mcp").and_then(|mcp| mcp.get("servers")).map(Node::members).unwrap_or_default();
    for server in servers.iter().filter(|server| matches!(server.value.value, Value::Object(_))) {
        let of = |key| server.value.member(key);
        let name = &server.name;
        match (of("command"), of("url")) {
            (None, None) => {
                let message =
                    format!("`{}` says neither which program it is nor at which address", name.text);
                found.push(
                    Diagnostic::new(Code("E1080"), name.span, message)
                        .help("write `command: \"…\"` for a program, `url: \"https://…\"` for an address"),
                );
            }
            (Some(program), Some(address)) => {
                let message =
                    format!("`{}` is a program and an address, of which only one counts", name.text);
                found.push(
                    Diagnostic::new(Code("E1080"), address.name.span, message)
                        .also(program.name.span, "a program")
                        .help("take one of them out, or make two servers of it"),
                );
            }
            (program, _) => {
                let (kind, others): (_, &[&str]) = match program {
                    Some(_) => ("program", &["headers", "token"]),
                    None => ("server at an address", &["args", "env", "cwd"]),
                };
                for stray in others.iter().filter_map(|key| of(key)) {
                    let message = format!("`{}` does nothing: this is a {kind}", stray.name.text);
                    found.push(Diagnostic::new(Code("W0601"), stray.name.span, message).help("take it out"));
                }
            }
        }
    }
}

/// Keys that have to be said and are not.
fn missing(node: &Node, shape: Shape, place: &str, found: &mut Vec<Diagnostic>) {
    match shape {
        Shape::Object(_) | Shape::Account | Shape::Vault | Shape::Provider => {
            let Value::Object(members) = &node.value else { return };
            let kind = node.get("kind").and_then(Node::text);
            let (shared, kinds) = shape.kinds();
            let known = kinds.is_empty() || kinds.iter().any(|known| Some(known.name) == kind);
            // What a kind that there is not would need nobody knows.
            let keys = if known { shape.keys(kind) } else { shared.iter().collect() };
            for key in keys {
                match members.iter().find(|member| member.name.text == key.name) {
                    Some(member) => missing(&member.value, key.shape, key.name, found),
                    None if key.is_required() => {
                        let start = node.span.range.start;
                        let span = Span::new(node.span.file, TextRange::new(start, start.saturating_add(1)));
                        let message = format!("`{place}` needs the key `{}`", key.name);
                        found.push(
                            Diagnostic::new(Code("E0982"), span, message)
                                .help(format!("write `{}: {}`", key.name, key.example)),
                        );
                    }
                    None => {}
                }
            }
        }
        Shape::Map(_, inner) => {
            node.members().iter().for_each(|m| missing(&m.value, *inner, &m.name.text, found))
        }
        Shape::List(inner) => node.elements().iter().for_each(|e| missing(e, *inner, place, found)),
        Shape::Texts(_) | Shape::Text(_) | Shape::Flag | Shape::Whole(..) | Shape::Amount | Shape::Any => {}
    }
}

struct Check<'f> {
    view: View,
    found: &'f mut Vec<Diagnostic>,
}

impl Check<'_> {
    /// `place` is the key at which the value stands.
    fn shape(&mut self, node: &Node, shape: Shape, place: &str) {
        match (shape, &node.value) {
            // It was told.
            (_, Value::Broken) => {}
            (Shape::Any, _) => {
                if node.json(true).is_none() && !has_broken(node) {
                    let message = format!(
                        "`{place}` holds a number that is none of JSON: too large, `NaN` or `Infinity`"
                    );
                    self.found.push(Diagnostic::new(Code("E0979"), node.span, message));
                }
            }
            (Shape::Object(_) | Shape::Account | Shape::Vault | Shape::Provider, Value::Object(members)) => {
                self.members(node, members, shape)
            }
            (Shape::Map(names, inner), Value::Object(members)) => {
                for member in members {
                    if !names.accepts(&member.name.text) {
                        let message =
                            format!("`{}` is no name here: expected {}", member.name.text, names.expected());
                        self.found.push(Diagnostic::new(Code("E0979"), member.name.span, message));
                    }
                    self.shape(&member.value, *inner, &member.name.text);
                }
            }
            (Shape::List(inner), Value::List(elements)) => {
                elements.iter().for_each(|element| self.shape(element, *inner, place));
            }
            (Shape::Texts(form), Value::List(elements)) => {
                elements.iter().for_each(|element| self.shape(element, Shape::Text(form), place));
            }
            (Shape::Texts(Form::Secret) | Shape::Text(Form::Secret), Value::Text(text))
                if is_like_a_secret(&text.value) && (text.written.is_none() || self.view == View::Part) =>
            {
                self.secret(node, place, text);
            }
            (Shape::Texts(form) | Shape::Text(form), Value::Text(text)) => {
                let unknown = text.written.is_some() && self.view == View::Alone;
                if !unknown && !form.accepts(&text.value) {
                    let shown = text.written.as_ref().unwrap_or(&text.value);
                    self.wrong(node, shape, place, &format!("`{shown}`"), form, &text.value);
                }
            }
            (Shape::Flag, Value::Flag(_)) => {}
            (Shape::Whole(..), Value::Number(_)) if place == "version" => {}
            (Shape::Whole(from, to), Value::Number(Number(Some(number))))
                if number.as_u64().is_some_and(|n| (u64::from(from)..=u64::from(to)).contains(&n)) => {}
            (Shape::Amount, Value::Number(Number(Some(number))))
                if number.as_f64().is_some_and(|amount| amount >= 0.0) => {}
            _ if place == "version" => {}
            (Shape::Whole(..) | Shape::Amount, Value::Number(Number(Some(number)))) => {
                self.wrong(node, shape, place, &format!("`{number}`"), Form::Plain, "");
            }
            _ => self.wrong(node, shape, place, node.noun(), Form::Plain, ""),
        }
    }

    fn wrong(&mut self, node: &Node, shape: Shape, place: &str, what: &str, form: Form, text: &str) {
        let named = if place == WHOLE { WHOLE.to_owned() } else { format!("`{place}`") };
        let message = format!("{named} is {}, found {what}", shape.expected());
        let mut diagnostic = Diagnostic::new(Code("E0979"), node.span, message);
        let usual = form.usual();
        let begun = |(name, _): &&(&str, &str)| text.len() > 1 && name.starts_with(text);
        let begun = usual.iter().find(begun).map(|(name, _)| *name);
        if let Some(meant) = suggest(text, usual.iter().map(|(name, _)| *name)).or(begun) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?")).fix(
                format!("replace with `{meant}`"),
                node.span,
                format!("\"{meant}\""),
            );
        } else if matches!(form, Form::Kind | Form::Vault | Form::Provider) {
            let kinds: Vec<String> = usual.iter().map(|(name, _)| format!("`{name}`")).collect();
            diagnostic = diagnostic.help(format!("there is {}", kinds.join(", ")));
        } else if let (Shape::List(_), Value::Text(_)) = (shape, &node.value) {
            diagnostic = diagnostic.help("put it into brackets: `[\"…\"]`");
        } else if place == WHOLE {
            diagnostic = diagnostic.help(format!("write `{{ version: {VERSION} }}`, with more keys in it"));
        } else if let Some(help) = form.way_out(text) {
            diagnostic = diagnostic.help(help);
        }
        self.found.push(diagnostic);
    }

    /// A secret where its name belongs. The message does not repeat it.
    fn secret(&mut self, node: &Node, place: &str, text: &Text) {
        let what = text.written.as_ref().map_or_else(|| shown(&text.value), Clone::clone);
        let message =
            format!("`{place}` is {}, and `{what}` looks like the secret itself", Form::Secret.expected());
        let help = "keep it in the vault: `carapace secret set NAME`, and write that name here; what stood in a file should be replaced by a new one";
        self.found.push(Diagnostic::new(Code(SECRET), node.span, message).help(help));
    }

    fn members(&mut self, node: &Node, members: &[Member], shape: Shape) {
        let kind = node.get("kind").and_then(Node::text);
        let keys = shape.keys(kind);
        for member in members {
            match keys.iter().find(|key| key.name == member.name.text) {
                Some(key) => self.shape(&member.value, key.shape, key.name),
                // It is being written, and its missing colon was told.
                None if member.colon.is_none() => {}
                None => {
                    // What is there already is not what was meant.
                    let there = |key: &&Key| members.iter().any(|member| member.name.text == key.name);
                    let free: Vec<&Key> = keys.iter().filter(|key| !there(key)).copied().collect();
                    self.unknown(member, (&keys, &free), shape, kind);
                }
            }
        }
    }

    /// A key that there is not; `free` are those that are not said yet.
    fn unknown(
        &mut self,
        member: &Member,
        (keys, free): (&[&Key], &[&Key]),
        shape: Shape,
        kind: Option<&str>,
    ) {
        let Member { name, .. } = member;
        let message = format!("there is no key `{}` here, so it does nothing", name.text);
        let mut diagnostic = Diagnostic::new(Code("W0601"), name.span, message);
        let kinds = shape.kinds().1;
        let elsewhere = kinds.iter().find(|kind| kind.keys.iter().any(|key| key.name == name.text));
        let kind = kind.filter(|kind| kinds.iter().any(|known| known.name == *kind));
        if let (Some(other), Some(kind)) = (elsewhere, kind) {
            let noun = match shape {
                Shape::Vault => "vaults",
                Shape::Provider => "providers",
                _ => "accounts",
            };
            diagnostic = diagnostic
                .help(format!("{noun} of the kind `{}` have it, and this is a `{kind}`", other.name));
        } else if let Some(meant) = suggest(&name.text, free.iter().map(|key| key.name)) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?")).fix(
                format!("replace with `{meant}`"),
                name.span,
                meant,
            );
        } else {
            let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
            diagnostic = diagnostic.help(format!("there is {}", names.join(", ")));
        }
        self.found.push(diagnostic);
    }
}

fn has_broken(node: &Node) -> bool {
    match &node.value {
        Value::Broken => true,
        Value::List(elements) => elements.iter().any(has_broken),
        Value::Object(members) => members.iter().any(|member| has_broken(&member.value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_diagnostic::{FileId, SourceFile};

    /// Each finding: its code, what it is about, what it says, and the way out.
    fn said(text: &str) -> Vec<String> {
        let source = SourceFile::new("carapace.json5", text);
        let line = |d: &Diagnostic| {
            let help = d.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{} `{}` {}{help}", d.code, source.slice(d.primary.span.range), d.message)
        };
        check_text(&Document::parse(text, FileId(0))).iter().map(line).collect()
    }

    fn one(text: &str) -> String {
        let said = said(&format!("{{ version: 1, {text} }}"));
        assert_eq!(said.len(), 1, "{said:?}");
        said.concat()
    }

    #[test]
    fn what_is_no_key_gets_a_suggestion() {
        assert_eq!(
            one("lisen: '127.0.0.1:1'"),
            "W0601 `lisen` there is no key `lisen` here, so it does nothing (did you mean `listen`?)"
        );
        let help = one("accounts: { a: { kind: 'terminal', title: 'x' } }");
        assert!(help.contains("accounts of the kind `webchat` have it, and this is a `terminal`"), "{help}");
        let list = one("accounts: { a: { kind: 'terminal', colour: 'red' } }");
        assert!(list.contains("there is `kind`, `stale`, `person`"), "{list}");
    }

    #[test]
    fn what_is_of_another_shape_is_told_with_what_was_expected() {
        for (text, expected) in [
            (
                "history: 30",
                "E0979 `30` `history` is a time such as `30d`, `12h`, `90m` or `0`, found a number",
            ),
            ("loop_check: 'no'", "E0979 `'no'` `loop_check` is `true` or `false`, found a text"),
            (
                "listen: 'here'",
                "E0979 `'here'` `listen` is an address and port such as `127.0.0.1:7171`, found `here`",
            ),
            (
                "packages: 'a'",
                "E0979 `'a'` `packages` is a list of texts, each a path, found a text (put it into brackets: `[\"…\"]`)",
            ),
            ("accounts: []", "E0979 `[]` `accounts` is an object, found a list"),
            (
                "accounts: { 'a b': { kind: 'terminal' } }",
                "E0979 `'a b'` `a b` is no name here: expected a name of letters, digits, `-` and `_`",
            ),
            (
                "accounts: { a: { kind: 'webchta' } }",
                "E0979 `'webchta'` `kind` is the kind of an account, found `webchta` (did you mean `webchat`?)",
            ),
            (
                "accounts: { a: { kind: 'x' } }",
                "E0979 `'x'` `kind` is the kind of an account, found `x` (there is `terminal`, `webchat`, `telegram`)",
            ),
            ("accounts: { a: {} }", "E0982 `{` `a` needs the key `kind` (write `kind: \"webchat\"`)"),
            (
                "accounts: { a: { kind: 'webchat', rooms: [{ title: 'x' }] } }",
                "E0982 `{` `rooms` needs the key `name` (write `name: \"news\"`)",
            ),
            (
                "settings: { a: NaN }",
                "E0979 `NaN` `a` holds a number that is none of JSON: too large, `NaN` or `Infinity`",
            ),
        ] {
            assert_eq!(one(text), expected);
        }
    }

    #[test]
    fn a_vault_has_the_keys_of_its_kind() {
        let twice = one("vault: { kind: 'file', key_file: 'a', passphrase_file: 'b' }");
        assert!(twice.starts_with("W0601 `passphrase_file`"), "{twice}");
        let other = one("vault: { kind: 'keychain', path: 'a' }");
        assert!(other.contains("vaults of the kind `file` have it, and this is a `keychain`"), "{other}");
        let unknown = one("vault: { kind: 'safe' }");
        assert!(unknown.contains("there is `keychain`, `file`, `folder`"), "{unknown}");
        assert!(one("vault: { kind: 'folder' }").starts_with("E0982"), "a folder has a path");
    }

    #[test]
    fn a_server_of_tools_is_a_program_or_an_address() {
        let server = |keys: &str| format!("mcp: {{ servers: {{ a: {{ {keys} }} }} }}");
        let neither = one(&server("tools: ['x']"));
        assert!(neither.starts_with("E1080 `a` `a` says neither"), "{neither}");
        let both = one(&server("command: 'a', url: 'https://a/b'"));
        assert!(both.starts_with("E1080 `url`"), "{both}");
        let stray = one(&server("command: 'a', token: 'b'"));
        assert!(stray.starts_with("W0601 `token` `token` does nothing: this is a program"), "{stray}");
        let stray = one(&server("url: 'https://a/b', cwd: '/'"));
        assert!(stray.starts_with("W0601 `cwd`"), "{stray}");
        assert!(one("mcp: { offer: ['shop'] }").starts_with("E0979"));
        let fine = server("url: 'https://a/b', secrets: { A: 'b' }, timeout: '5m'");
        assert_eq!(said(&format!("{{ version: 1, {fine} }}")), [""; 0]);
    }

    #[test]
    fn a_secret_where_its_name_belongs_is_told_and_not_repeated() {
        let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
        let document = Document::parse(&format!("'{token}'"), FileId(0));
        let mut found = Vec::new();
        Check { view: View::Alone, found: &mut found }.shape(
            &document.root,
            Shape::Text(Form::Secret),
            "token",
        );
        let [told] = &found[..] else { panic!("{found:?}") };
        assert_eq!(told.code.0, "E1002");
        assert!(told.message.contains("`1234…`") && !format!("{told:?}").contains("AAH"), "{told:?}");
        assert!(told.help.as_ref().unwrap().contains("carapace secret set"));
    }

    #[test]
    fn a_message_says_what_was_found_and_proposes_what_is_not_there_yet() {
        let number = one("media: { file: 5000 }");
        assert!(number.contains("from 1 to 2048, found `5000`"), "{number}");
        let begun = one("accounts: { a: { kind: 'telegram', token: 'a', direct: 'pair' } }");
        assert!(begun.contains("did you mean `pairing`?"), "{begun}");
        let there = one("accounts: {}, acounts: {}");
        assert!(there.contains("there is `version`") && !there.contains("did you mean"), "{there}");
        let none = said("");
        assert!(none[0].contains("(write `{ version: 1 }`"), "{none:?}");
        let list = said("[]");
        assert!(list[0].contains("the file is an object, found a list (write"), "{list:?}");
    }

    #[test]
    fn no_account_is_where_the_runtime_serves_or_below_another_one() {
        let at = |path: &str| one(&format!("accounts: {{ a: {{ kind: 'webchat', path: '{path}' }} }}"));
        for path in ["/v1", "/hooks/mine", "/mcp"] {
            let told = at(path);
            assert!(told.starts_with("E0934") && told.contains("`/healthz`"), "{told}");
        }
        assert!(at("/a.b").starts_with("E0934"), "the gateway serves none of this kind");
        let webhook = "kind: 'telegram', token: 'a', webhook: 'https://bot.example/v1/telegram'";
        assert!(one(&format!("accounts: {{ a: {{ {webhook} }} }}")).starts_with("E0934"));
        let below = "accounts: { a: { kind: 'webchat', path: '/a' }, b: { kind: 'webchat', path: '/a/b' } }";
        assert!(one(below).contains("one below the other"));
        let webhook = "kind: 'telegram', token: 'a', webhook: 'https://bot.example/a'";
        let same = format!("accounts: {{ a: {{ kind: 'webchat', path: '/a' }}, b: {{ {webhook} }} }}");
        assert!(one(&same).starts_with("E0984"));
    }

    #[test]
    fn the_version_is_looked_at() {
        assert!(said("{}")[0].starts_with("W0602 `{` this file does not say that its form is version 1"));
        assert!(said("{ version: 0 }")[0].starts_with("W0602 `0` this file has the form of version 0"));
        assert!(said("{ version: 2 }")[0].starts_with("E0983 `2` this file has the form of version 2"));
        assert_eq!(said("{ version: '1' }"), ["E0979 `'1'` `version` is `1`, found a text"]);
    }

    #[test]
    fn two_accounts_at_one_place_are_told() {
        let twice = one("accounts: { a: { kind: 'webchat' }, b: { kind: 'webchat' } }");
        assert_eq!(twice, "E0984 `b` `a` and `b` are both at `/webchat` (give one of them another `path`)");
        assert_eq!(
            said("{ version: 1, accounts: { a: { kind: 'webchat' }, b: { kind: 'webchat', path: '/b' } } }"),
            [""; 0]
        );
        let terminals = one("accounts: { a: { kind: 'terminal' }, b: { kind: 'terminal' } }");
        assert!(terminals.contains("both at the terminal"), "{terminals}");
    }

    #[test]
    fn what_the_environment_or_another_file_says_is_not_guessed() {
        assert_eq!(said("{ version: 1, listen: '${env:ADDRESS}' }"), [""; 0]);
        assert_eq!(said("{ version: 1, include: ['a.json5'], accounts: { a: { title: 'x' } } }"), [""; 0]);
    }
}
