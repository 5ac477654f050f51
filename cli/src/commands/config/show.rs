//! `carapace config show`.

use crate::args::{ConfigShow, Format, Results, Run};
use crate::commands::run::Assignment;
use crate::commands::table::{table, width};
use crate::config::{file, load};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_config::schema::ROOT;
use carapace_config::{Loaded, Node, Value};
use clap::ValueEnum;
use serde_json::{Value as Json, json};

/// What counts for a key, and what says so.
struct Line {
    key: String,
    value: Json,
    from: String,
    /// Whether it is no value, but words about one.
    words: bool,
}

pub(crate) fn run(options: &ConfigShow) -> Result<Exit, Problem> {
    let loaded = file(options.run.config.as_deref()).map(|path| load(&path)).transpose()?;
    let mut exit = Exit::Fine;
    let mut lines = Vec::new();
    if let Some(loaded) = &loaded {
        output::diagnostics(&loaded.diagnostics, &loaded.sources, Format::Human);
        exit = output::exit(&loaded.diagnostics);
        for member in loaded.root.members() {
            leaves(loaded, &member.name.text, &member.value, &mut lines);
        }
    }
    flags(&options.run, &mut lines)?;
    defaults(&mut lines);
    match options.format {
        Results::Human => {
            let row = |line: &Line| {
                let value = if line.words {
                    line.value.as_str().unwrap_or_default().to_owned()
                } else {
                    line.value.to_string()
                };
                ([line.key.clone(), value, line.from.clone()], false)
            };
            let rows: Vec<_> = lines.iter().map(row).collect();
            output::print(&table(["KEY", "VALUE", "FROM"], 1, &rows, width()));
        }
        Results::Json => {
            let line = |line: &Line| json!({ "key": line.key, "value": (!line.words).then_some(&line.value), "from": line.from });
            let values: Vec<Json> = lines.iter().map(line).collect();
            output::print(&format!("{:#}\n", json!({ "version": 1, "values": values })));
        }
    }
    Ok(exit)
}

/// The values below a key, each with its place. What is of the environment is shown as it is written.
fn leaves(loaded: &Loaded, key: &str, node: &Node, lines: &mut Vec<Line>) {
    match &node.value {
        Value::Object(members) if !members.is_empty() => {
            for member in members {
                let name = &member.name.text;
                let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
                let name = if plain { name.clone() } else { Json::from(name.as_str()).to_string() };
                leaves(loaded, &format!("{key}.{name}"), &member.value, lines);
            }
        }
        _ => {
            let value = node.json(true).unwrap_or(Json::Null);
            lines.push(Line { key: key.to_owned(), value, from: loaded.place(node.span), words: false });
        }
    }
}

/// What flags say goes before what files say.
fn flags(run: &Run, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let mut say = |key: String, value: Json, flag: &str| {
        lines.retain(|line| line.key != key);
        lines.push(Line { key, value, from: flag.to_owned(), words: false });
    };
    if !run.paths.is_empty() {
        let paths: Vec<String> = run.paths.iter().map(|path| path.display().to_string()).collect();
        say("packages".to_owned(), json!(paths), "the paths");
    }
    if let Some(data) = &run.data {
        say("data".to_owned(), json!(data.display().to_string()), "--data");
    }
    if let Some(listen) = &run.listen {
        say("listen".to_owned(), json!(listen.to_string()), "--listen");
    }
    if let Some(history) = &run.history {
        say("history".to_owned(), json!(history), "--history");
    }
    for (flag, key, name) in
        [(run.no_loop_check, "loop_check", "--no-loop-check"), (run.no_watch, "watch", "--no-watch")]
    {
        if flag {
            say(key.to_owned(), json!(false), name);
        }
    }
    for (texts, key, flag) in [(&run.bind, "bindings", "--bind"), (&run.set, "settings", "--set")] {
        for text in texts {
            let Assignment { name, value, .. } = Assignment::read(text)?;
            say(format!("{key}.{name}"), json!(value), flag);
        }
    }
    for text in &run.stale {
        let Assignment { name, value, .. } = Assignment::read(text)?;
        say(format!("accounts.{name}.stale"), json!(value), "--stale");
    }
    if let Some(format) = run.log_format.as_ref().and_then(ValueEnum::to_possible_value) {
        say("log.format".to_owned(), json!(format.get_name()), "--log-format");
    }
    if let Some(level) = run.log_level.as_ref().and_then(ValueEnum::to_possible_value) {
        say("log.level".to_owned(), json!(level.get_name()), "--log-level");
    }
    if !run.embed.is_empty() {
        say("accounts.*.frames".to_owned(), json!(run.embed), "--embed, besides");
    }
    if run.no_terminal {
        say("terminal".to_owned(), json!(false), "--no-terminal");
    }
    Ok(())
}

/// Keys of which nobody says anything.
fn defaults(lines: &mut Vec<Line>) {
    let order = |line: &Line| {
        let root = line.key.split('.').next().unwrap_or_default();
        ROOT.iter().position(|key| key.name == root).unwrap_or(ROOT.len())
    };
    for key in ROOT.iter().filter(|key| !matches!(key.name, "version" | "include")) {
        let below = format!("{}.", key.name);
        if lines.iter().any(|line| line.key == key.name || line.key.starts_with(&below)) {
            continue;
        }
        let value = serde_json::from_str::<Json>(key.default).ok();
        let words = value.is_none();
        let value = value.unwrap_or_else(|| Json::from(key.default));
        lines.push(Line { key: key.name.to_owned(), value, from: "default".to_owned(), words });
    }
    lines.sort_by_key(order);
}
