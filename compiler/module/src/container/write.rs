//! Module to bytes.

use super::{FORMAT, MAGIC, SEMANTICS};
use crate::code::Module;
use crate::codec::Writer;
use serde::Serialize;

pub(super) fn write(module: &Module) -> Vec<u8> {
    let content = content(module);
    let mut out = Vec::with_capacity(content.len() * 2);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&SEMANTICS.to_le_bytes());
    out.extend_from_slice(blake3::hash(&content).as_bytes());
    out.extend_from_slice(&content);
    out.extend_from_slice(&debug(module));
    out
}

pub(super) fn hash(module: &Module) -> [u8; 32] {
    *blake3::hash(&content(module)).as_bytes()
}

fn content(module: &Module) -> Vec<u8> {
    let mut out = Writer::default();
    let mut package = Writer::default();
    package.text(&module.package);
    section(&mut out, 1, &package.bytes);
    json(&mut out, 2, &module.types);
    let mut constants = Writer::default();
    constants.values(&module.constants);
    section(&mut out, 3, &constants.bytes);
    section(&mut out, 4, &functions(module));
    json(&mut out, 5, &module.effects);
    json(&mut out, 6, &module.natives);
    json(&mut out, 7, &module.flows);
    json(&mut out, 8, &module.states);
    json(&mut out, 9, &module.settings);
    json(&mut out, 10, &module.slots);
    json(&mut out, 11, &module.agents);
    json(&mut out, 12, &module.tests);
    json(&mut out, 13, &module.test_ops);
    json(&mut out, 14, &module.capabilities);
    json(&mut out, 15, &module.effect_calls);
    json(&mut out, 16, &module.waits);
    json(&mut out, 17, &module.forks);
    json(&mut out, 18, &module.type_refs);
    out.bytes
}

fn functions(module: &Module) -> Vec<u8> {
    let mut out = Writer::default();
    out.len(module.functions.len());
    for f in &module.functions {
        out.text(&f.name);
        out.uint(u64::from(f.params));
        out.uint(u64::from(f.registers));
        out.len(f.code.len());
        for instr in &f.code {
            for operand in [instr.op as u16, instr.a, instr.b, instr.c] {
                out.bytes.extend_from_slice(&operand.to_le_bytes());
            }
        }
    }
    out.bytes
}

fn debug(module: &Module) -> Vec<u8> {
    let mut out = Writer::default();
    json(&mut out, 128, &module.files);
    let mut places = Writer::default();
    places.len(module.sites.len());
    for site in &module.sites {
        places.uint(u64::from(site.file));
        places.uint(u64::from(site.start));
        places.uint(u64::from(site.end));
    }
    section(&mut out, 129, &places.bytes);
    let mut runs = Writer::default();
    for f in &module.functions {
        runs.len(f.sites.len());
        for (pc, site) in &f.sites {
            runs.uint(u64::from(*pc));
            runs.uint(u64::from(*site));
        }
    }
    section(&mut out, 130, &runs.bytes);
    let locals: Vec<_> = module.functions.iter().map(|f| &f.locals).collect();
    json(&mut out, 131, &locals);
    let waits: Vec<_> = module.functions.iter().map(|f| &f.wait_points).collect();
    if waits.iter().any(|waits| !waits.is_empty()) {
        json(&mut out, 132, &waits);
    }
    out.bytes
}

fn section(out: &mut Writer, tag: u8, body: &[u8]) {
    out.byte(tag);
    out.blob(body);
}

fn json<T: Serialize>(out: &mut Writer, tag: u8, table: &T) {
    // Tables are structs, lists and texts: nothing in them that JSON cannot say.
    section(out, tag, &serde_json::to_vec(table).unwrap_or_default());
}
