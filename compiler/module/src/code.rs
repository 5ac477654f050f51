//! Code: functions of fixed-width instructions over registers, and the tables they refer to.
//!
//! An instruction is an [`Op`] and three 16-bit operands `a b c`. `a` is the register that receives, unless the op says
//! otherwise. `wide(b, c)` is `b | c << 16`. Some ops are followed by an [`Op::Ext`] instruction with further operands.
//! Argument blocks are contiguous registers from a base.

use crate::signature::{
    AgentSignature, Capabilities, Delivery, EffectSignature, FlowSignature, FunctionId, SettingSignature,
    Slot, StateSignature, TriggerSpec,
};
use crate::testing::{TestOp, TestSignature};
use crate::{Type, TypeTable, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An instruction: 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instr {
    /// What to do.
    pub op: Op,
    /// First operand.
    pub a: u16,
    /// Second operand.
    pub b: u16,
    /// Third operand.
    pub c: u16,
}

impl Instr {
    /// With three operands.
    pub const fn new(op: Op, a: u16, b: u16, c: u16) -> Instr {
        Instr { op, a, b, c }
    }

    /// With `a` and a wide operand.
    #[expect(clippy::cast_possible_truncation, reason = "splitting a number into its halves")]
    pub const fn wide(op: Op, a: u16, wide: u32) -> Instr {
        Instr { op, a, b: wide as u16, c: (wide >> 16) as u16 }
    }

    /// The wide operand.
    pub const fn wide_operand(self) -> u32 {
        self.b as u32 | (self.c as u32) << 16
    }
}

macro_rules! ops {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        /// What an instruction does. Numbers are for ever: append only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op {
            $($(#[$doc])* $name = $number,)*
        }

        impl Op {
            /// All, with their names.
            pub const ALL: &'static [(Op, &'static str)] = &[$((Op::$name, stringify!($name)),)*];

            /// The op of a number in a module.
            pub const fn from_number(number: u16) -> Option<Op> {
                match number {
                    $($number => Some(Op::$name),)*
                    _ => None,
                }
            }
        }
    };
}

ops! {
    /// Further operands of the instruction before; never reached by itself.
    Ext = 0,
    /// a = register b.
    Move = 1,
    /// a = constant wide(b, c).
    Const = 2,
    /// a = none.
    None = 3,
    /// a = Bool of b (0 or 1).
    Bool = 4,
    /// a = Int of wide(b, c), sign-extended.
    Int = 5,
    /// a = setting b.
    Setting = 6,

    /// a = b + c of Int; overflow is a fault.
    AddInt = 10,
    /// a = b - c of Int.
    SubInt = 11,
    /// a = b * c of Int.
    MulInt = 12,
    /// a = b / c of Int; by zero is a fault.
    DivInt = 13,
    /// a = b % c of Int.
    RemInt = 14,
    /// a = b + c of Int and the 16-bit constant c.
    AddIntConst = 15,
    /// a = b + c of anything that adds.
    Add = 16,
    /// a = b - c.
    Sub = 17,
    /// a = b * c.
    Mul = 18,
    /// a = b / c.
    Div = 19,
    /// a = b % c.
    Rem = 20,
    /// a = -b.
    Neg = 21,
    /// a = not b.
    Not = 22,
    /// a = Number of the Int b.
    IntToNumber = 23,

    /// a = b == c of Int.
    EqInt = 30,
    /// a = b < c of Int.
    LtInt = 31,
    /// a = b <= c of Int.
    LeInt = 32,
    /// a = b == c of anything.
    Eq = 33,
    /// a = b < c of anything ordered.
    Lt = 34,
    /// a = b <= c.
    Le = 35,
    /// a = b == c of Text, ignoring case.
    EqFold = 36,
    /// a = b < c of Text, ignoring case.
    LtFold = 37,
    /// a = b <= c of Text, ignoring case.
    LeFold = 38,
    /// a = text b contains c.
    Contains = 39,
    /// a = text b starts with c.
    StartsWith = 40,
    /// a = text b ends with c.
    EndsWith = 41,
    /// As `Contains`, ignoring case.
    ContainsFold = 42,
    /// As `StartsWith`, ignoring case.
    StartsWithFold = 43,
    /// As `EndsWith`, ignoring case.
    EndsWithFold = 44,
    /// a = b in the list c.
    In = 45,
    /// a = text b in the list c, ignoring case.
    InFold = 46,
    /// a = map b has key c.
    HasKey = 47,
    /// a = b is empty.
    IsEmpty = 48,
    /// a = b is none.
    IsNone = 49,
    /// a = union b has tag c.
    IsTag = 50,
    /// a = text b matches regex c. Ext: a = 1 when ignoring case.
    Matches = 51,
    /// a = record of captures of regex c in text b, or none. Ext: a = 1 when ignoring case, wide(b, c) = constant: list of names.
    Captures = 52,

    /// To wide(b, c).
    Jump = 60,
    /// To wide(b, c) when a holds.
    JumpIf = 61,
    /// To wide(b, c) when a does not hold.
    JumpIfNot = 62,
    /// To wide(b, c) when a is none.
    JumpIfNone = 63,
    /// To wide(b, c) when a is not none.
    JumpIfSome = 64,
    /// By c (signed, from this instruction) unless a == b of Int.
    JumpUnlessEqInt = 65,
    /// By c unless a < b of Int.
    JumpUnlessLtInt = 66,
    /// By c unless a <= b of Int.
    JumpUnlessLeInt = 67,
    /// By c unless a has tag b.
    JumpUnlessTag = 68,
    /// By c unless a == b of anything.
    JumpUnlessEq = 69,
    /// a = list, a+1 = next index: b = item and on behind the Ext; when done, to Ext's wide(b, c).
    ForNext = 70,
    /// a = list, a+1 = next index: by c with b = item; when done, on behind it.
    NextItem = 71,
    /// a = next Int, a+1 = last: by c with b = that Int; when done, on behind it.
    NextInRange = 72,
    /// By c when the Bool on path b of a holds.
    JumpIfField = 73,
    /// By c unless the Bool on path b of a holds.
    JumpUnlessField = 74,
    /// By c when the text on path b of a passes. Ext: a = the test, wide(b, c) = constant: what it is tested with.
    JumpIfText = 75,
    /// By c unless the text on path b of a passes. Ext: as of `JumpIfText`.
    JumpUnlessText = 76,

    /// a = record of registers b .. b + c.
    Record = 80,
    /// a = tag wide(b, c) without fields.
    Tag = 81,
    /// a = tag with fields of registers b .. b + c. Ext: wide(b, c) = the tag.
    TagWith = 82,
    /// a = list of registers b .. b + c.
    List = 83,
    /// a = map of c pairs from register b.
    Map = 84,
    /// a = list of Int b ..= c.
    Range = 85,
    /// a = slot c of the record or tag b.
    Slot = 86,
    /// a = item c of list b, or none.
    ListIndex = 87,
    /// a = value of key c of map b, or none.
    MapIndex = 88,
    /// a = member c of JSON b, or none.
    JsonIndex = 89,
    /// a = list of the map b's entries as records of key and value.
    Pairs = 90,
    /// a = text of b, of type c of the module's type references.
    Display = 91,
    /// a = the texts b .. b + c, joined.
    Concat = 92,
    /// a = what is on path c of b.
    Field = 93,
    /// a = list b with c behind its items.
    Append = 94,
    /// a = the value b of type c of the module's type references, as JSON.
    ToJson = 95,
    /// a = the JSON b (or none, which is `null`) read as type c of the module's type references, a + 1 = none; where it is no such
    /// value, a = none, a + 1 = why, a text.
    FromJson = 96,

    /// a = function b of registers from c.
    Call = 100,
    /// a = native b of registers from c.
    CallNative = 101,
    /// a = closure b of registers from c; the callee's parameters say how many.
    CallClosure = 102,
    /// a = closure of function b with captures from c. Ext: a = how many.
    Closure = 103,
    /// Gives a to the caller.
    Return = 104,

    /// a = state b, keys from c.
    StateGet = 110,
    /// State a, keys from b, becomes c.
    StateSet = 111,
    /// a = now.
    Now = 112,
    /// a = a random Int, 0 or more.
    Random = 113,
    /// a = this run's handle.
    ThisRun = 114,

    /// a = answer of effect call b, arguments from c. Waits.
    Effect = 120,
    /// Waits before the next attempt: a = error, b = attempt (Int), c = bounds' first register, or 65535.
    Backoff = 121,
    /// Failures inside go to wide(b, c), the error in a, after what was done inside is undone.
    EnterScope = 122,
    /// An unknown outcome inside goes to wide(b, c).
    EnterUnknown = 123,
    /// The innermost scope ends.
    LeaveScope = 124,
    /// The innermost scope's deadline: a = 0: Duration b; a = 1: Time b; a = 2: Duration b, in which the time does not count that
    /// somebody is asked to agree to a tool's call.
    Deadline = 125,
    /// a = whether error b is transient.
    IsTransient = 126,
    /// Fails with the error a; b = 1: the flow's `on failure` has dealt with it.
    Raise = 127,
    /// Fails with the message a.
    Fail = 128,
    /// Cancels the run with the reason a.
    Cancel = 129,
    /// The next request's undo: function a, captures from b, c of them. Called with them and the result, or none.
    UndoNext = 130,
    /// An undo of what just happened: function a, captures from b, c of them (the result is the last).
    UndoNow = 131,
    /// a = event of wait b; operands from c: from, conversation (where the wait has them), captures. Waits.
    Await = 132,
    /// a = buffer of wait b; operands from c. Opens a scope, whose end closes the buffer.
    Listen = 133,
    /// a = next event of buffer b. Waits.
    ListenNext = 134,
    /// a = run of flow b, arguments from c. Waits.
    Start = 136,
    /// a = result of fork b, operands from c. Waits.
    Fork = 137,
    /// Test operation a, arguments b .. b + c. Waits.
    Test = 138,
    /// Gives a to the caller of the flow: from a branch, through the forks above it.
    ReturnFlow = 139,
    /// As `EnterScope`, but nothing is undone: whoever handles it tries again or fails on.
    EnterAttempt = 140,
    /// Failures and cancellation inside go to wide(b, c), after what was done inside is undone: a = error or reason,
    /// a + 1 = whether it is a cancellation.
    EnterFlow = 141,
}

/// A way into a value, as an operand: no slot, one, or one in the other. The low byte is the first, the high byte the
/// second; 255 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path(pub u16);

impl Path {
    /// The value itself.
    pub const WHOLE: Path = Path(u16::MAX);

    /// Through these slots; none where there are more, or one of them has a number that does not fit.
    pub fn through(slots: &[u16]) -> Option<Path> {
        let byte = |at: usize| match slots.get(at) {
            Some(slot) => u8::try_from(*slot).ok().filter(|slot| *slot != u8::MAX),
            None => Some(u8::MAX),
        };
        (slots.len() <= 2).then_some(Path(u16::from_le_bytes([byte(0)?, byte(1)?])))
    }

    /// The slots, outermost first.
    pub fn slots(self) -> impl Iterator<Item = u16> {
        self.0.to_le_bytes().into_iter().filter(|slot| *slot != u8::MAX).map(u16::from)
    }
}

/// What a jump asks of a text, and of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTest {
    /// They are the same.
    Equals,
    /// The constant is in it.
    Contains,
    /// It begins with the constant.
    StartsWith,
    /// It ends with the constant.
    EndsWith,
}

impl TextTest {
    const ALL: [TextTest; 4] =
        [TextTest::Equals, TextTest::Contains, TextTest::StartsWith, TextTest::EndsWith];

    /// As an operand: its place in the declaration, and 4 more when case is ignored.
    pub const fn operand(self, ignoring_case: bool) -> u16 {
        self as u16 + if ignoring_case { 4 } else { 0 }
    }

    /// The test, and whether case is ignored.
    pub fn of_operand(operand: u16) -> Option<(TextTest, bool)> {
        Some((*TextTest::ALL.get(usize::from(operand % 4))?, operand >= 4)).filter(|_| operand < 8)
    }
}

/// A function.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Function {
    /// `main.front_desk`, `std/list.map`; lambda-lifted ones have their owner's name and a number.
    pub name: Arc<str>,
    /// How many of the first registers are parameters.
    pub params: u16,
    /// How many registers there are.
    pub registers: u16,
    /// Instructions.
    pub code: Vec<Instr>,
    /// For each run of instructions from `.0` on, the site it comes from; sorted. A debug table.
    pub sites: Vec<(u32, u32)>,
    /// Registers of named locals. A debug table.
    pub locals: Vec<(u16, Arc<str>)>,
    /// Waits with a name. A debug table: nothing that a run does by itself depends on it.
    pub wait_points: Vec<WaitPoint>,
}

/// A wait with a name, `wait(2d) as cooling`, and what is in scope there: a run that stands at it can be moved to a
/// version of the program that has it too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitPoint {
    /// Its name.
    pub label: Arc<str>,
    /// The instruction that asks for it.
    pub pc: u32,
    /// What the record in register 0 has by slot, in a function of an event.
    pub event: Vec<(Arc<str>, Type)>,
    /// Names in scope: register, name, type; outer ones first.
    pub locals: Vec<(u16, Arc<str>, Type)>,
}

/// Where something stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    /// Index into the module's files.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

/// A call of an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectCall {
    /// Index into the module's effects.
    pub effect: u32,
    /// The type that `ask<T>` and `extract<T>` want.
    pub type_arg: Option<Type>,
    /// The author's choice.
    pub delivery: Delivery,
    /// `as cooling`.
    pub label: Option<Arc<str>>,
}

/// From whom a wait takes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum From {
    /// The run's sender.
    Sender,
    /// Anyone.
    Anyone,
    /// The user in the first operand.
    Operand,
}

/// What an `await` or `listen` waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Which events.
    pub trigger: TriggerSpec,
    /// The event record's slots.
    pub fields: Vec<(Arc<str>, Type)>,
    /// From whom.
    pub from: From,
    /// Whether an operand names the conversation.
    pub conversation: bool,
    /// `where`: (captures…, event) -> Bool, and how many captures.
    pub condition: Option<(FunctionId, u16)>,
}

/// A branch of a fork: a function, and how many captures it takes from the operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Branch {
    /// Its code: captures -> result (of `Each`: captures and the item -> result).
    pub function: FunctionId,
    /// How many captures.
    pub captures: u16,
}

/// Several tasks at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fork {
    /// `parallel`: the branches, and whether each one's result is kept in the record.
    All(Vec<(Branch, bool)>),
    /// `race`: the first that finishes decides; its number is the tag, its result the tag's only field.
    Race(Vec<Branch>),
    /// `for … parallel`: operands are the list, the limit (or none), the captures.
    Each(Branch),
}

/// A compiled package. Equal programs are equal modules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Module {
    /// The root module's path.
    pub package: Arc<str>,
    /// Declared types.
    pub types: TypeTable,
    /// Types that instructions refer to.
    pub type_refs: Vec<Type>,
    /// Constants.
    pub constants: Vec<Value>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Effects.
    pub effects: Vec<EffectSignature>,
    /// Calls of effects.
    pub effect_calls: Vec<EffectCall>,
    /// Natives: name and version.
    pub natives: Vec<(Arc<str>, u32)>,
    /// Waits.
    pub waits: Vec<Wait>,
    /// Forks.
    pub forks: Vec<Fork>,
    /// Flows, sub-flows and tools.
    pub flows: Vec<FlowSignature>,
    /// State.
    pub states: Vec<StateSignature>,
    /// Settings.
    pub settings: Vec<SettingSignature>,
    /// Slots.
    pub slots: Vec<Slot>,
    /// Agents.
    pub agents: Vec<AgentSignature>,
    /// Tests. They are part of the module, and of its hash; the engine never looks at them.
    pub tests: Vec<TestSignature>,
    /// Test operations.
    pub test_ops: Vec<TestOp>,
    /// What each flow may touch.
    pub capabilities: Vec<Capabilities>,
    /// Names of source files. A debug table.
    pub files: Vec<Arc<str>>,
    /// Places in the source. A debug table.
    pub sites: Vec<Site>,
}
