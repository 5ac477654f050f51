//! `docs/module-format.md` says what the container and the machine know.

use crate::tables::Table;
use carapace_driver::{Checked, MemoryFiles};
use carapace_module::code::Op;
use carapace_module::codec::{Reader, Writer};
use carapace_module::container::{FORMAT, MAGIC, SEMANTICS};
use carapace_module::{Decimal, MoneyValue, Text, Value};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The instructions' documentation.
const CODE: &str = include_str!("../../compiler/module/src/code.rs");

type Check = fn(&PathBuf) -> Result<(), Failed>;

/// One trial for each table.
pub(crate) fn trials(root: &Path) -> Vec<Trial> {
    let path = root.join("docs/module-format.md");
    let checks: [(&str, Check); 3] =
        [("container", container), ("values", values), ("instructions", instructions)];
    let trial = |(name, check): (&str, Check)| {
        let path = path.clone();
        Trial::test(format!("docs/module-format.md: {name}"), move || check(&path))
    };
    checks.into_iter().map(trial).collect()
}

/// Every section of a real module stands in the table, and no other; the head is as it says.
fn container(path: &PathBuf) -> Result<(), Failed> {
    let table = Table::below(&std::fs::read_to_string(path)?, "The container");
    let bytes = module_bytes()?;
    let head: Vec<u8> = [&MAGIC[..], &FORMAT.to_le_bytes(), &SEMANTICS.to_le_bytes()].concat();
    if !bytes.starts_with(&head) {
        return Err("the file does not begin as it says".into());
    }
    let shown: Vec<String> = table.rows.iter().filter_map(|row| row.get(1)?.first().cloned()).collect();
    if shown != [String::from_utf8_lossy(MAGIC).into_owned(), FORMAT.to_string(), SEMANTICS.to_string()] {
        return Err(format!("the head is shown as {shown:?}").into());
    }
    let mut reader = Reader::new(&bytes[head.len() + 32..]);
    let mut found = BTreeSet::new();
    while !reader.is_done() {
        found.insert(reader.byte()?.to_string());
        reader.blob()?;
    }
    same(&found, &first_cells(&table))
}

/// Every kind of value has the tag that the table gives it.
fn values(path: &PathBuf) -> Result<(), Failed> {
    let table = Table::below(&std::fs::read_to_string(path)?, "Integers, texts, values");
    let found = examples()
        .iter()
        .map(|value| {
            let mut writer = Writer::default();
            writer.value(value);
            format!("{} {}", writer.bytes[0], name(value))
        })
        .collect();
    let shown =
        table.rows.iter().filter_map(|row| Some(format!("{} {}", row.first()?.first()?, words(row)?)));
    same(&found, &shown.collect())
}

/// Each instruction with its number and what the code says about it. `BLESS=1` writes them.
fn instructions(path: &PathBuf) -> Result<(), Failed> {
    const RULE: &str = "| number | name | what it does |\n|---|---|---|\n";
    let text = std::fs::read_to_string(path)?;
    let (before, shown) = text.split_once(RULE).ok_or("the table of instructions is missing")?;
    let made: String = Op::ALL
        .iter()
        .map(|(op, name)| format!("| `{}` | `{name}` | {} |\n", *op as u16, documentation(name)))
        .collect();
    if shown == made {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, format!("{before}{RULE}{made}"))?;
        return Ok(());
    }
    Err("the instructions differ from those of the code (BLESS=1 writes them)".into())
}

/// The doc comment of an instruction, on one line.
fn documentation(name: &str) -> String {
    let before = CODE.split(&format!("\n    {name} = ")).next().unwrap_or_default();
    let lines: Vec<&str> =
        before.lines().rev().map(str::trim).take_while(|line| line.starts_with("///")).collect();
    lines.iter().rev().map(|line| line.trim_start_matches("///").trim()).collect::<Vec<_>>().join(" ")
}

fn module_bytes() -> Result<Vec<u8>, Failed> {
    let files = MemoryFiles::new([(
        "main.flow",
        "channel chat: any\n\nflow a on chat.message {\n  wait(1h) as later\n  reply(\"b\")\n}\n",
    )]);
    let compiled = Checked::of(&files, "main.flow").compile().map_err(|_| "the example does not compile")?;
    Ok(compiled.module.to_bytes())
}

fn first_cells(table: &Table) -> BTreeSet<String> {
    table.rows.iter().filter_map(|row| row.first()?.first().cloned()).collect()
}

fn words(row: &[Vec<String>]) -> Option<String> {
    Some(row.get(1)?.first().cloned().unwrap_or_default())
}

fn same(found: &BTreeSet<String>, shown: &BTreeSet<String>) -> Result<(), Failed> {
    if found == shown {
        return Ok(());
    }
    let missing: Vec<_> = found.difference(shown).collect();
    let strange: Vec<_> = shown.difference(found).collect();
    Err(format!("missing: {missing:?}, shown and not there: {strange:?}").into())
}

/// One of each kind.
fn examples() -> Vec<Value> {
    vec![
        Value::None,
        Value::Bool(false),
        Value::Bool(true),
        Value::Int(1),
        Value::Number(Decimal { mantissa: 1, scale: 0 }),
        Value::Time(1),
        Value::Date(1),
        Value::Duration(1),
        Value::Money(MoneyValue::new(Decimal { mantissa: 1, scale: 0 }, *b"EUR")),
        Value::text("a"),
        Value::bytes(vec![1]),
        Value::list(vec![]),
        Value::map([]),
        Value::record(vec![]),
        Value::Tag(1),
        Value::tag(1, vec![Value::None]),
        Value::json(serde_json::Value::Null),
        Value::Regex(Arc::new(Text("a".into()))),
        Value::Secret(Arc::new(Text("a".into()))),
        closure(),
    ]
}

fn closure() -> Value {
    let Value::List(none) = Value::list(vec![]) else { return Value::None };
    Value::Closure(0, none)
}

/// A name for each kind of value, as the table writes it: a new kind has to get one here.
fn name(value: &Value) -> &'static str {
    match value {
        Value::None => "none",
        Value::Bool(false) => "false",
        Value::Bool(true) => "true",
        Value::Int(_) => "Int",
        Value::Number(_) => "Number",
        Value::Time(_) => "Time",
        Value::Date(_) => "Date",
        Value::Duration(_) => "Duration",
        Value::Money(_) => "Money",
        Value::Text(_) => "Text",
        Value::Bytes(_) => "Bytes",
        Value::List(_) => "List",
        Value::Map(_) => "Map",
        Value::Record(_) => "record",
        Value::Tag(_) => "tag",
        Value::TagWith(..) => "tag(…)",
        Value::Json(_) => "Json",
        Value::Regex(_) => "Regex",
        Value::Secret(_) => "Secret",
        Value::Closure(..) => "closure",
    }
}
