//! Who may import whom, read from the Cargo.toml files. docs/ARCHITECTURE.md draws the same picture.

use crate::tree;
use std::collections::BTreeMap;

/// A crate and those of ours it may depend on. A crate that is not here is a wall that nobody drew.
const LAYERS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("syntax", &["diagnostic"]),
    ("graph", &["diagnostic", "syntax"]),
    ("import", &["syntax"]),
    ("module", &["diagnostic"]),
    ("natives", &["diagnostic", "module"]),
    ("check", &["diagnostic", "syntax", "module", "natives"]),
    ("emit", &["diagnostic", "syntax", "check", "module"]),
    ("driver", &["diagnostic", "syntax", "check", "emit", "module", "stdlib"]),
    ("stdlib", &[]),
    ("lsp", &["diagnostic", "config", "syntax", "graph", "module", "check", "driver"]),
    ("editors", &[]),
    ("effect", &["diagnostic", "module"]),
    ("vm", &["diagnostic", "module", "natives", "effect"]),
    ("store", &["effect"]),
    ("engine", &["diagnostic", "module", "natives", "effect", "vm", "store"]),
    ("config", &["diagnostic"]),
    ("delivery", &["diagnostic", "module", "effect", "channel-api"]),
    ("rehearsal", &["diagnostic", "module", "natives", "effect", "vm", "store", "engine"]),
    ("vault", &["channel-api"]),
    ("net", &["module", "effect", "channel-api"]),
    ("agent", &["module", "effect", "channel-api"]),
    ("mcp", &["effect", "channel-api"]),
    ("telemetry", &["effect", "engine", "store"]),
    ("gateway", &["diagnostic", "module", "effect", "engine", "channel-api"]),
    ("channel-api", &[]),
    ("channel-terminal", &["channel-api"]),
    ("channel-webchat", &["channel-api"]),
    ("channel-telegram", &["channel-api"]),
    ("channel-registry", &["channel-api", "channel-telegram", "channel-terminal", "channel-webchat"]),
];

/// The crates that may know everything.
const ABOVE: &[&str] = &["cli", "tests"];

/// What is not as drawn yet: (crate, what it imports, why). This list only shrinks.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Below this many, so that nobody adds one without noticing this line.
const MOST_EXCEPTIONS: usize = 0;

/// What only tests of a crate import: (crate, what).
const IN_TESTS: &[(&str, &str)] = &[
    // Natives are declared in the library; a test compares the two lists.
    ("natives", "stdlib"),
    ("natives", "syntax"),
    // The checker is tested with the declarations it will meet.
    ("check", "stdlib"),
    // The library's own files are parsed by its tests.
    ("stdlib", "syntax"),
    ("stdlib", "diagnostic"),
    // The grammar for editors is held beside the compiler's own parser.
    ("editors", "diagnostic"),
    ("editors", "syntax"),
    // What is only reached through code that was compiled.
    ("vm", "emit"),
    ("vm", "check"),
    ("vm", "driver"),
    ("engine", "driver"),
    ("rehearsal", "driver"),
    // What a performer is asked is made by hand.
    ("mcp", "module"),
    ("telemetry", "module"),
    // What is asked over the network is asked of a whole engine.
    ("gateway", "driver"),
    ("gateway", "store"),
];

#[test]
fn crates_import_only_what_is_below_them() {
    let mut breaches = Vec::new();
    for (name, manifest) in manifests() {
        if ABOVE.contains(&name.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else {
            breaches.push(format!("`{name}` has no line in LAYERS: say what it may import"));
            continue;
        };
        for (section, in_tests) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            for import in imports(&manifest, section) {
                let excepted = EXCEPTIONS.iter().any(|(who, what, _)| *who == name && *what == import)
                    || (in_tests && IN_TESTS.contains(&(name.as_str(), import.as_str())));
                if import != name && !allowed.contains(&import.as_str()) && !excepted {
                    breaches.push(format!("`{name}` may not import `{import}` ({section})"));
                }
            }
        }
    }
    tree::none("the crate graph differs from the one drawn in tests/tidy/layers.rs", &breaches);
}

#[test]
fn exceptions_are_needed_and_only_shrink() {
    assert_eq!(EXCEPTIONS.len(), MOST_EXCEPTIONS, "the list of exceptions only shrinks");
    let manifests = manifests();
    for (name, import, _) in EXCEPTIONS {
        let used = imports(&manifests[*name], "dependencies").iter().any(|i| i == import);
        assert!(used, "`{name}` does not import `{import}` any more: remove the exception");
    }
}

#[test]
fn the_picture_has_no_circle() {
    for (at, (name, allowed)) in LAYERS.iter().enumerate() {
        for import in *allowed {
            let reached = reach(import, LAYERS.len());
            assert!(
                !reached.contains(&(*name).to_owned()),
                "line {at}: `{name}` reaches itself through `{import}`"
            );
        }
    }
}

#[test]
fn only_the_parser_sees_pest_and_only_the_registry_has_channel_features() {
    let mut breaches = Vec::new();
    for (name, manifest) in manifests() {
        let text = manifest.to_string();
        if name != "syntax" && (text.contains("pest.") || text.contains("[dependencies.pest")) {
            breaches.push(format!("`{name}` imports pest"));
        }
    }
    for file in tree::rust() {
        let about_channels = file.path.starts_with("runtime/") || file.path.starts_with("cli/");
        if about_channels
            && file.text.contains("cfg(feature")
            && !file.path.starts_with("runtime/channels/registry/")
        {
            let own = file.path.split('/').take(3).collect::<Vec<_>>().join("/");
            // A crate may have features of its own (a test-kit); those that name a channel belong to the registry.
            if file.text.contains("feature = \"channel") {
                breaches.push(format!("{} asks for a channel's feature ({own})", file.path));
            }
        }
    }
    tree::none("a wall of docs/ARCHITECTURE.md is broken", &breaches);
}

#[test]
fn only_the_server_and_its_requests_speak_the_protocol() {
    let mut breaches = Vec::new();
    for file in tree::rust().iter().filter(|f| f.path.starts_with("lsp/src/")) {
        let outside =
            !file.path.starts_with("lsp/src/server/") && !file.path.starts_with("lsp/src/requests/");
        if outside && file.text.contains("tower_lsp") {
            breaches.push(format!("{} mentions the protocol's types", file.path));
        }
    }
    tree::none("features know offsets and data, `server` and `requests` know the protocol", &breaches);
}

fn reach(name: &str, depth: usize) -> Vec<String> {
    let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else { return Vec::new() };
    let mut found: Vec<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
    if depth > 0 {
        found.extend(allowed.iter().flat_map(|a| reach(a, depth - 1)));
    }
    found
}

/// Every member's manifest, by its name without `carapace-`.
fn manifests() -> BTreeMap<String, toml::Table> {
    let root: toml::Table = toml::from_str(&tree::read("Cargo.toml").unwrap()).unwrap();
    let members = root["workspace"]["members"].as_array().unwrap();
    let mut manifests = BTreeMap::new();
    for member in members {
        let path = format!("{}/Cargo.toml", member.as_str().unwrap());
        let manifest: toml::Table = toml::from_str(&tree::read(&path).unwrap()).unwrap();
        let name = manifest["package"]["name"].as_str().unwrap();
        manifests.insert(name.strip_prefix("carapace-").unwrap_or(name).to_owned(), manifest);
    }
    assert!(manifests.len() > 15, "the members are found");
    manifests
}

fn imports(manifest: &toml::Table, section: &str) -> Vec<String> {
    let mut tables: Vec<&toml::Table> =
        manifest.get(section).and_then(|s| s.as_table()).into_iter().collect();
    if let Some(targets) = manifest.get("target").and_then(|t| t.as_table()) {
        tables.extend(targets.values().filter_map(|t| t.get(section)?.as_table()));
    }
    let names = tables.iter().flat_map(|table| table.keys());
    names.filter_map(|name| name.strip_prefix("carapace-")).map(str::to_owned).collect()
}
