//! One change of a module.

use carapace_module::code::{Instr, Module, Op};
use carapace_module::signature::FunctionId;
use carapace_module::{Type, Value};

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    fn small(&mut self) -> u16 {
        let most = if self.below(8) == 0 { 70_000 } else { 12 };
        u16::try_from(self.below(most)).unwrap_or(u16::MAX)
    }

    /// Some value: of a kind that is expected nowhere as likely as not.
    pub(crate) fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 9 } else { 14 }) {
            0 => Value::None,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Int(i64::try_from(self.below(10)).unwrap() - 3),
            3 => Value::Int(i64::MAX),
            4 => Value::text(["", "a", "0.1:5", "main.chat", "ß\u{1F980}"][self.below(5)]),
            5 => Value::Duration(i64::try_from(self.below(5)).unwrap() - 1),
            6 => Value::Time(i64::MIN),
            7 => Value::Tag(u32::try_from(self.below(5)).unwrap()),
            8 => Value::json(serde_json::json!({ "a": [1, null] })),
            9 => Value::record((0..self.below(5)).map(|_| self.value(depth - 1)).collect()),
            10 => Value::list((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
            11 => Value::tag(u32::try_from(self.below(3)).unwrap(), vec![self.value(depth - 1)]),
            12 => {
                let entries: Vec<_> =
                    (0..self.below(3)).map(|_| (self.value(0), self.value(depth - 1))).collect();
                Value::map(entries)
            }
            _ => Value::Regex(std::sync::Arc::new(carapace_module::value::Text("a+".into()))),
        }
    }
}

/// Changes one thing in the module.
pub(crate) fn change(module: &mut Module, dice: &mut Dice) {
    match dice.below(12) {
        0 if !module.constants.is_empty() => {
            let at = dice.below(module.constants.len());
            module.constants[at] = dice.value(3);
        }
        1 if !module.type_refs.is_empty() => {
            let at = dice.below(module.type_refs.len());
            module.type_refs[at] =
                [Type::Int, Type::Text, Type::Bool.optional(), Type::list(Type::Int)][dice.below(4)].clone();
        }
        2 => tables(module, dice),
        _ => code(module, dice),
    }
}

fn tables(module: &mut Module, dice: &mut Dice) {
    let function = FunctionId(u32::try_from(dice.below(module.functions.len() + 1)).unwrap());
    match dice.below(5) {
        0 if !module.flows.is_empty() => {
            let at = dice.below(module.flows.len());
            module.flows[at].body = function;
        }
        1 if !module.states.is_empty() => {
            let at = dice.below(module.states.len());
            module.states[at].init = function;
        }
        2 if !module.settings.is_empty() => {
            let at = dice.below(module.settings.len());
            module.settings[at].default = Some(function);
        }
        3 if !module.waits.is_empty() => {
            let at = dice.below(module.waits.len());
            module.waits[at].condition = Some((function, dice.small()));
        }
        _ => {
            let at = dice.below(module.functions.len());
            module.functions[at].registers = dice.small();
        }
    }
}

fn code(module: &mut Module, dice: &mut Dice) {
    let at = dice.below(module.functions.len());
    let code = &mut module.functions[at].code;
    let pc = dice.below(code.len());
    let other = code[dice.below(code.len())];
    match dice.below(7) {
        0 => code[pc].a = dice.small(),
        1 => code[pc].b = dice.small(),
        2 => code[pc].c = dice.small(),
        3 => code[pc].op = Op::ALL[dice.below(Op::ALL.len())].0,
        4 => {
            code[pc] =
                Instr::new(Op::ALL[dice.below(Op::ALL.len())].0, dice.small(), dice.small(), dice.small())
        }
        5 => code[pc] = other,
        // A jump over what opens or closes a scope.
        _ => code[pc] = Instr::wide(Op::Jump, 0, u32::try_from(dice.below(code.len())).unwrap()),
    }
}
