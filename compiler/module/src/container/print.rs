//! A module as text: what `carapace disasm` shows, and what golden tests compare.

use super::describe::{effect_text, header, type_text};
use super::operands::{has_ext, operands};
use crate::Value;
use crate::code::{Function, Instr, Module, Op, Path, TextTest};
use std::fmt::{Result, Write};

/// The disassembly.
pub fn print(module: &Module) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = header(&mut out, module);
    for (number, function) in module.functions.iter().enumerate() {
        let _ = print_function(&mut out, module, number, function);
    }
    out
}

fn print_function(out: &mut String, module: &Module, number: usize, f: &Function) -> Result {
    writeln!(out, "\nf{number} {}: {} params, {} registers", f.name, f.params, f.registers)?;
    let mut pc = 0;
    while let Some(instr) = f.code.get(pc) {
        let ext = f.code.get(pc + 1).filter(|_| has_ext(instr.op));
        let text = print_instr(module, f, pc, *instr, ext.copied());
        writeln!(out, "  {pc:>4}  {}", text.trim_end())?;
        pc += if ext.is_some() { 2 } else { 1 };
    }
    Ok(())
}

/// Name, what is written, what is read, what it refers to, where it goes.
fn print_instr(module: &Module, f: &Function, pc: usize, i: Instr, ext: Option<Instr>) -> String {
    let mut text = format!("{:<14}", format!("{:?}", i.op));
    let Ok(used) = operands(module, f, pc) else {
        let _ = write!(text, " {} {} {} (not valid)", i.a, i.b, i.c);
        return text;
    };
    for r in &used.writes {
        let _ = write!(text, " r{r}");
    }
    if !used.writes.is_empty() && !used.reads.is_empty() {
        text.push_str(" <-");
    }
    for (first, n) in &used.reads {
        match n {
            0 => {}
            1 => drop(write!(text, " r{first}")),
            n => drop(write!(text, " r{first}..{}", usize::from(*first) + n)),
        }
    }
    let more = refers(module, i, ext);
    if !more.is_empty() {
        let _ = write!(text, "  {more}");
    }
    for target in &used.targets {
        let _ = write!(text, " -> {target}");
    }
    for r in &used.at_target {
        let _ = write!(text, " r{r}");
    }
    text
}

/// Operands that are no registers, by name.
fn refers(module: &Module, i: Instr, ext: Option<Instr>) -> String {
    let function = |id: u16| {
        let name = module.functions.get(usize::from(id)).map_or("?", |f| &*f.name);
        format!("f{id} {name}")
    };
    let name = |name: Option<&str>| name.unwrap_or("?").to_owned();
    match i.op {
        Op::Const => module.constants.get(i.wide_operand() as usize).map_or_else(|| "?".into(), constant),
        Op::Bool => {
            if i.b == 0 {
                "false".into()
            } else {
                "true".into()
            }
        }
        Op::Int => i.wide_operand().cast_signed().to_string(),
        Op::AddIntConst => i.c.cast_signed().to_string(),
        Op::Tag => format!("#{}", i.wide_operand()),
        Op::TagWith => format!("#{}", ext.map_or(0, Instr::wide_operand)),
        Op::IsTag => format!("#{}", i.c),
        Op::JumpUnlessTag => format!("#{}", i.b),
        Op::Slot => format!(".{}", i.c),
        Op::Field => path(i.c),
        Op::JumpIfField | Op::JumpUnlessField => path(i.b),
        Op::JumpIfText | Op::JumpUnlessText => {
            let ext = ext.unwrap_or(Instr::new(Op::Ext, 0, 0, 0));
            let tested =
                module.constants.get(ext.wide_operand() as usize).map_or_else(|| "?".into(), constant);
            format!("{} {} {tested}", path(i.b), text_test(ext.a)).trim_start().to_owned()
        }
        Op::Setting => name(module.settings.get(usize::from(i.b)).map(|s| &*s.name)),
        Op::Call | Op::Closure => function(i.b),
        Op::UndoNext | Op::UndoNow => function(i.a),
        Op::CallNative => {
            name(module.natives.get(usize::from(i.b)).map(|n| &*n.0)) + &format!(" from r{}", i.c)
        }
        Op::CallClosure => format!("from r{}", i.c),
        Op::StateGet => name(module.states.get(usize::from(i.b)).map(|s| &*s.name)),
        Op::StateSet => name(module.states.get(usize::from(i.a)).map(|s| &*s.name)),
        Op::Effect => effect_text(module, i.b),
        Op::Display | Op::ToJson | Op::FromJson => module
            .type_refs
            .get(usize::from(i.c))
            .map_or_else(|| "?".into(), |ty| type_text(ty, &module.types)),
        Op::Deadline => match i.a {
            0 => "from now".into(),
            2 => "from now, without approvals".into(),
            _ => "at".into(),
        },
        Op::Raise if i.b == 1 => "dealt with".into(),
        Op::Await | Op::Listen => format!("wait {}", i.b),
        Op::Fork => format!("fork {}", i.b),
        Op::Start => name(module.flows.get(usize::from(i.b)).map(|f| &*f.name)),
        Op::Test => format!("operation {}", i.a),
        Op::Matches | Op::Captures if ext.is_some_and(|e| e.a == 1) => "ignoring case".into(),
        _ => String::new(),
    }
}

fn path(operand: u16) -> String {
    Path(operand).slots().map(|slot| format!(".{slot}")).collect()
}

fn text_test(operand: u16) -> String {
    let Some((test, ignoring_case)) = TextTest::of_operand(operand) else { return "?".to_owned() };
    format!("{test:?}{}", if ignoring_case { "Fold" } else { "" })
}

fn constant(value: &Value) -> String {
    match value {
        Value::Text(t) => format!("{:?}", t.0),
        value => crate::wire::encode(value).to_string(),
    }
}
