//! The container: what is written is read again, what is damaged is refused, and nothing makes the reader panic.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use carapace_module::code::{Function, Instr, Module, Op, Site, WaitPoint};
use carapace_module::signature::{FunctionId, SettingSignature};
use carapace_module::{ReadError, Type, Value, print};
use proptest::prelude::*;

/// `double(x) = if x < 10 { x + x } else { "big" }`, and a setting.
fn sample() -> Module {
    let code = vec![
        Instr::wide(Op::Int, 1, 10),
        Instr::new(Op::JumpUnlessLtInt, 0, 1, 3),
        Instr::new(Op::AddInt, 1, 0, 0),
        Instr::new(Op::Return, 1, 0, 0),
        Instr::wide(Op::Const, 1, 0),
        Instr::new(Op::Return, 1, 0, 0),
    ];
    // The jump goes by three: over the addition and its return.
    let mut code = code;
    code[1].c = 3;
    Module {
        package: "main".into(),
        constants: vec![Value::text("big"), Value::list(vec![Value::Int(-1), Value::None])],
        functions: vec![
            Function {
                name: "main.double".into(),
                params: 1,
                registers: 2,
                code,
                sites: vec![(0, 0), (3, 1)],
                locals: vec![(0, "x".into())],
                wait_points: vec![WaitPoint {
                    label: "later".into(),
                    pc: 0,
                    event: Vec::new(),
                    locals: vec![(0, "x".into(), Type::Int)],
                }],
            },
            Function {
                name: "main.limit".into(),
                params: 0,
                registers: 1,
                code: vec![Instr::wide(Op::Int, 0, 1), Instr::new(Op::Return, 0, 0, 0)],
                ..Function::default()
            },
        ],
        settings: vec![SettingSignature {
            name: "main.limit".into(),
            ty: Type::Int,
            default: Some(FunctionId(1)),
        }],
        files: vec!["main.flow".into()],
        sites: vec![Site { file: 0, start: 3, end: 9 }, Site { file: 0, start: 10, end: 300 }],
        ..Module::default()
    }
}

#[test]
fn what_is_written_is_read_again() {
    let module = sample();
    let bytes = module.to_bytes();
    let again = Module::from_bytes(&bytes).unwrap();
    assert_eq!(again, module);
    assert_eq!(again.to_bytes(), bytes);
}

#[test]
fn debug_tables_are_not_part_of_the_hash() {
    let mut module = sample();
    let hash = module.hash();
    module.sites[0].start = 0;
    module.files.clear();
    module.functions[0].locals.clear();
    assert_eq!(module.hash(), hash);
    module.constants[0] = Value::text("huge");
    assert_ne!(module.hash(), hash);
}

#[test]
fn every_truncation_is_refused() {
    let bytes = sample().to_bytes();
    for cut in 0..bytes.len() {
        // Debug tables may be missing whole; then the rest is a module without them.
        if let Ok(module) = Module::from_bytes(&bytes[..cut]) {
            assert_eq!(module.hash(), sample().hash(), "cut at {cut}");
        }
    }
}

#[test]
fn every_changed_byte_is_refused_or_only_debug() {
    let bytes = sample().to_bytes();
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Ok(module) = Module::from_bytes(&damaged) {
                assert_eq!(module.hash(), sample().hash(), "byte {at}");
            }
        }
    }
}

#[test]
fn foreign_files_are_named() {
    assert!(matches!(Module::from_bytes(b""), Err(ReadError::Magic)));
    assert!(matches!(Module::from_bytes(b"#!/bin/sh and so on"), Err(ReadError::Magic)));
    let mut newer = sample().to_bytes();
    newer[8] = 9;
    assert!(matches!(Module::from_bytes(&newer), Err(ReadError::Format(9))));
}

fn refused(change: impl FnOnce(&mut Vec<Instr>)) -> String {
    let mut module = sample();
    change(&mut module.functions[0].code);
    module.verify().unwrap_err().to_string()
}

#[test]
fn the_verifier_says_what_and_where() {
    let text = refused(|code| code[2] = Instr::new(Op::AddInt, 7, 0, 0));
    assert_eq!(text, "function 0 (`main.double`), instruction 2: a register is outside of the frame");
    // Also a row of no registers stands inside.
    assert!(refused(|code| code[2] = Instr::new(Op::List, 1, 7, 0)).ends_with("outside of the frame"));
    assert!(refused(|code| code[1].c = 40).ends_with("an index is outside of its table"));
    assert!(
        refused(|code| code[4] = Instr::wide(Op::Jump, 0, 77)).ends_with("a target is outside of the code")
    );
    assert!(refused(|code| code[4] = Instr::wide(Op::Const, 1, 2)).ends_with("outside of its table"));
    assert!(refused(|code| code[0] = Instr::new(Op::Move, 0, 0, 0)).ends_with("read before it is written"));
    assert!(
        refused(|code| {
            code.pop();
        })
        .ends_with("runs off its end")
    );
    assert!(refused(|code| code[0] = Instr::new(Op::Ext, 0, 0, 0)).ends_with("without an instruction"));
    assert!(refused(|code| code[4] = Instr::new(Op::Matches, 1, 0, 0)).ends_with("are missing"));
}

#[test]
fn the_disassembly_reads() {
    let expected = "\
package main
setting 0 main.limit: Int = f1

f0 main.double: 1 params, 2 registers
     0  Int            r1  10
     1  JumpUnlessLtInt r0 r1 -> 4
     2  AddInt         r1 <- r0 r0
     3  Return         r1
     4  Const          r1  \"big\"
     5  Return         r1

f1 main.limit: 0 params, 1 registers
     0  Int            r0  1
     1  Return         r0
";
    assert_eq!(print(&sample()), expected);
}

fn instr() -> impl Strategy<Value = Instr> {
    let small = || prop_oneof![4 => 0..6u16, 1 => any::<u16>()];
    (0..Op::ALL.len(), small(), small(), small()).prop_map(|(op, a, b, c)| Instr::new(Op::ALL[op].0, a, b, c))
}

proptest! {
    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Module::from_bytes(&bytes).is_err());
        let mut dressed = sample().to_bytes()[..44].to_vec();
        dressed.extend(bytes);
        prop_assert!(Module::from_bytes(&dressed).is_err());
    }

    #[test]
    fn random_code_is_judged(code in prop::collection::vec(instr(), 1..40), registers in 0..8u16) {
        let mut module = sample();
        module.functions[0].code = code;
        module.functions[0].registers = registers;
        let good = module.verify().is_ok();
        prop_assert_eq!(Module::from_bytes(&module.to_bytes()).is_ok(), good);
        // Whatever it is, it can be shown.
        print(&module);
    }

    #[test]
    fn damage_under_a_right_hash_is_judged(at in 0..600usize, byte in any::<u8>()) {
        let module = sample();
        let mut bytes = module.to_bytes();
        let at = 44 + at % (bytes.len() - 44);
        bytes[at] = byte;
        // A stranger can compute the hash, too. Where the debug sections begin, the content ends.
        for end in 45..=bytes.len() {
            if bytes.get(end) == Some(&128) || end == bytes.len() {
                let hash = blake3::hash(&bytes[44..end]);
                bytes[12..44].copy_from_slice(hash.as_bytes());
                let _ = Module::from_bytes(&bytes);
            }
        }
    }
}
