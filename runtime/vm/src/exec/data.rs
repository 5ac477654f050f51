//! Instructions that make a value of their registers and do nothing else.

use super::Machine;
use super::operands::{get, int, list, put, text};
use crate::fault::Fault;
use carapace_module::Value;
use carapace_module::code::{Instr, Op};
use carapace_module::json::{from_json, to_json};
use carapace_module::value::arith::{Operation, calculate, negate};
use carapace_module::value::{
    Decimal, List, compare, contains_ignoring_case, display, ends_ignoring_case, fold, same_ignoring_case,
    starts_ignoring_case,
};
use carapace_natives::{Cost, pattern};
use serde_json::Value as Json;
use std::sync::Arc;

const NO_TYPE: Fault = Fault::unsound("a type is missing");

impl Machine<'_> {
    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register")]
    pub(super) fn plain(&mut self, i: Instr, regs: &[Value]) -> Result<Value, Fault> {
        let (b, c) = (usize::from(i.b), usize::from(i.c));
        Ok(match i.op {
            Op::Neg => negate(&regs[b])?,
            Op::IntToNumber => Value::Number(Decimal::from_int(int(&regs[b])?)),
            Op::IsEmpty => Value::Bool(is_empty(&regs[b])?),
            Op::Pairs => pairs(&regs[b])?,
            Op::Display => {
                let module = self.program.module();
                let ty = module.type_refs.get(c).ok_or(NO_TYPE)?;
                Value::text(display(&regs[b], ty, &module.types))
            }
            Op::ToJson => {
                let module = self.program.module();
                let ty = module.type_refs.get(c).ok_or(NO_TYPE)?;
                self.burn(regs[b].size() / 4)?;
                let json = to_json(&regs[b], ty, &module.types);
                Value::json(json.map_err(|_| Fault::unsound("a value has no JSON"))?)
            }
            Op::Concat => self.concat(&regs[b..b + c])?,
            Op::Map => {
                let entries = regs[b..b + 2 * c].chunks_exact(2);
                Value::map(entries.map(|pair| (pair[0].clone(), pair[1].clone())))
            }
            Op::Record => Value::record(regs[b..b + c].to_vec()),
            Op::List => Value::list(regs[b..b + c].to_vec()),
            Op::CallNative => {
                let native = self.program.native(i.b).ok_or(Fault::unsound("a native is missing"))?;
                let args = regs.get(c..c + usize::from(native.params));
                let args = args.ok_or(Fault::unsound("a call has too few arguments"))?;
                if native.cost == Cost::Linear {
                    self.burn(args.iter().fold(0, |sum, v| v.size().saturating_add(sum)) / 16)?;
                }
                (native.body)(args)?
            }
            Op::Range => self.range(int(&regs[b])?, int(&regs[c])?)?,
            op => self.pair(op, &regs[b], &regs[c])?,
        })
    }

    /// Reads JSON as a value of a type; where it is none, says why.
    pub(super) fn read_json(&mut self, i: Instr, regs: &mut [Value]) -> Result<(), Fault> {
        let module = self.program.module();
        let ty = module.type_refs.get(usize::from(i.c)).ok_or(NO_TYPE)?;
        let given = get(regs, i.b)?;
        self.burn(given.size() / 4)?;
        let read = match given {
            Value::None => from_json(&Json::Null, ty, &module.types),
            Value::Json(json) => from_json(json, ty, &module.types),
            _ => return Err(Fault::unsound("JSON was promised")),
        };
        let (value, why) = match read {
            Ok(value) => (self.made(value)?, Value::None),
            Err(error) => (Value::None, self.made(Value::text(error.to_string()))?),
        };
        put(regs, i.a, value)?;
        put(regs, i.a.checked_add(1).ok_or(NO_TYPE)?, why)
    }

    /// Instructions with further operands.
    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register")]
    pub(super) fn extended(&mut self, i: Instr, ext: Instr, regs: &[Value]) -> Result<Value, Fault> {
        let (b, c) = (usize::from(i.b), usize::from(i.c));
        match i.op {
            Op::TagWith => Ok(Value::tag(ext.wide_operand(), regs[b..b + c].to_vec())),
            Op::Closure => {
                let captured = List::new(regs[c..c + usize::from(ext.a)].to_vec());
                Ok(Value::Closure(u32::from(i.b), Arc::new(captured)))
            }
            _ => self.matched(i, ext, &regs[b], &regs[c]),
        }
    }

    /// Instructions of two operands.
    fn pair(&mut self, op: Op, left: &Value, right: &Value) -> Result<Value, Fault> {
        self.burn(looked_at(op, left, right))?;
        Ok(match op {
            Op::Add => calculate(Operation::Add, left, right)?,
            Op::Sub => calculate(Operation::Sub, left, right)?,
            Op::Mul => calculate(Operation::Mul, left, right)?,
            Op::DivInt | Op::Div => calculate(Operation::Div, left, right)?,
            Op::RemInt | Op::Rem => calculate(Operation::Rem, left, right)?,
            Op::Lt => Value::Bool(order(left, right, false)?.is_lt()),
            Op::Le => Value::Bool(order(left, right, false)?.is_le()),
            Op::LtFold => Value::Bool(order(left, right, true)?.is_lt()),
            Op::LeFold => Value::Bool(order(left, right, true)?.is_le()),
            Op::EqFold => Value::Bool(same_folded(left, right)),
            Op::Contains => Value::Bool(text(left)?.contains(text(right)?)),
            Op::StartsWith => Value::Bool(text(left)?.starts_with(text(right)?)),
            Op::EndsWith => Value::Bool(text(left)?.ends_with(text(right)?)),
            Op::ContainsFold => Value::Bool(contains_ignoring_case(text(left)?, text(right)?)),
            Op::StartsWithFold => Value::Bool(starts_ignoring_case(text(left)?, text(right)?)),
            Op::EndsWithFold => Value::Bool(ends_ignoring_case(text(left)?, text(right)?)),
            Op::In => Value::Bool(list(right)?.contains(left)),
            Op::InFold => Value::Bool(list(right)?.iter().any(|item| same_folded(item, left))),
            Op::HasKey => match left {
                Value::Map(map) => Value::Bool(map.get(right).is_some()),
                _ => return Err(Fault::unsound("a Map was promised")),
            },
            Op::ListIndex => {
                let index = usize::try_from(int(right)?).ok();
                index.and_then(|at| list(left).ok()?.get(at).cloned()).unwrap_or(Value::None)
            }
            Op::MapIndex => match left {
                Value::Map(map) => map.get(right).cloned().unwrap_or(Value::None),
                _ => return Err(Fault::unsound("a Map was promised")),
            },
            Op::JsonIndex => json_member(left, right)?,
            _ => return Err(Fault::unsound("an instruction of another kind")),
        })
    }

    /// `matches`, and its captures.
    fn matched(&mut self, i: Instr, ext: Instr, left: &Value, right: &Value) -> Result<Value, Fault> {
        let haystack = text(left)?;
        // Linear in the text; the text is what the run pays for.
        self.burn(haystack.len() as u64 / 8)?;
        let fold = ext.a == 1;
        if i.op == Op::Matches {
            return Ok(Value::Bool(pattern::matches(left, right, fold)?));
        }
        let names = self.program.module().constants.get(ext.wide_operand() as usize);
        Ok(pattern::captures(left, right, names.ok_or(Fault::unsound("a constant is missing"))?, fold)?)
    }

    fn concat(&mut self, parts: &[Value]) -> Result<Value, Fault> {
        let mut length = 0u64;
        for part in parts {
            length = length.saturating_add(text(part)?.len() as u64);
        }
        if length > self.limits.memory {
            return Err(Fault::Memory);
        }
        let mut out = String::with_capacity(usize::try_from(length).unwrap_or_default());
        for part in parts {
            out.push_str(text(part)?);
        }
        Ok(Value::text(out))
    }

    fn range(&mut self, from: i64, to: i64) -> Result<Value, Fault> {
        if to < from {
            return Ok(Value::list(Vec::new()));
        }
        let count = to.checked_sub(from).and_then(|n| u64::try_from(n).ok()).ok_or(Fault::Memory)?;
        if count.saturating_mul(16) > self.limits.memory {
            return Err(Fault::Memory);
        }
        self.burn(count)?;
        Ok(Value::list((from..=to).map(Value::Int).collect()))
    }
}

/// What looking at the operands costs, where that grows with them and the result does not.
fn looked_at(op: Op, left: &Value, right: &Value) -> u64 {
    match op {
        Op::Contains | Op::EndsWith | Op::StartsWith => left.size() / 16,
        Op::ContainsFold | Op::StartsWithFold | Op::EndsWithFold | Op::EqFold | Op::LtFold | Op::LeFold => {
            left.size().saturating_add(right.size()) / 4
        }
        Op::Lt | Op::Le => left.size().min(right.size()) / 16,
        Op::In => right.size() / 16,
        Op::InFold => right.size() / 4,
        Op::HasKey | Op::MapIndex => right.size() / 16,
        _ => 0,
    }
}

fn same_folded(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => same_ignoring_case(&a.0, &b.0),
        _ => left == right,
    }
}

fn is_empty(value: &Value) -> Result<bool, Fault> {
    Ok(match value {
        Value::Text(t) => t.0.is_empty(),
        Value::Bytes(b) => b.is_empty(),
        Value::List(l) => l.items.is_empty(),
        Value::Map(m) => m.entries.is_empty(),
        _ => return Err(Fault::unsound("a value that is never empty")),
    })
}

/// A map's entries as records; a list as it is (code that is generic in what it goes through).
fn pairs(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Map(map) => {
            let records = map.entries.iter().map(|(k, v)| Value::record(vec![k.clone(), v.clone()]));
            Ok(Value::list(records.collect()))
        }
        Value::List(_) => Ok(value.clone()),
        _ => Err(Fault::unsound("a Map was promised")),
    }
}

fn json_member(left: &Value, right: &Value) -> Result<Value, Fault> {
    let json = match left {
        Value::Json(json) => json,
        Value::None => return Ok(Value::None),
        _ => return Err(Fault::unsound("a Json was promised")),
    };
    let member = match right {
        Value::Text(key) => json.get(&*key.0),
        Value::Int(index) => usize::try_from(*index).ok().and_then(|i| json.get(i)),
        _ => return Err(Fault::unsound("a key was promised")),
    };
    Ok(member.filter(|m| !m.is_null()).map_or(Value::None, |m| Value::json(m.clone())))
}

/// The order of two values, as `<` and `<=` want it.
fn order(left: &Value, right: &Value, folded: bool) -> Result<std::cmp::Ordering, Fault> {
    if folded {
        return Ok(fold(text(left)?).cmp(&fold(text(right)?)));
    }
    match (left, right) {
        (Value::Money(_), Value::Money(_)) => compare(left, right).ok_or(Fault::Currency),
        _ => compare(left, right).ok_or(Fault::unsound("values without an order")),
    }
}
