//! Bytes to module, without trust.

use super::{FORMAT, MAGIC, SEMANTICS, VerifyError};
use crate::code::{Function, Instr, Module, Op, Site, WaitPoint};
use crate::codec::{Error as CodecError, Reader};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Why a file is no module that can be run.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Other first bytes.
    #[error("this is not a compiled flow package")]
    Magic,
    /// Made by a newer compiler.
    #[error("the module has format {0}, this program reads up to {FORMAT}")]
    Format(u16),
    /// Made for another machine.
    #[error("the module is made for machine semantics {0}, this program has {SEMANTICS}")]
    Semantics(u16),
    /// Content and hash do not agree.
    #[error("the module is damaged: its content does not have its hash")]
    Hash,
    /// A section that must be known is not, is missing, twice, or in the wrong place.
    #[error("section {0} of the module is unknown, missing or out of order")]
    Section(u8),
    /// A section's bytes.
    #[error("section {section} of the module is damaged: {error}")]
    Bytes {
        /// Which.
        section: u8,
        /// How.
        error: CodecError,
    },
    /// A section's JSON.
    #[error("section {section} of the module is damaged: {error}")]
    Json {
        /// Which.
        section: u8,
        /// How.
        error: serde_json::Error,
    },
    /// What it says cannot be run.
    #[error("the module's code is not valid: {0}")]
    Verify(VerifyError),
}

pub(super) fn read(bytes: &[u8]) -> Result<Module, ReadError> {
    let mut head = Reader::new(bytes);
    if head.take(8).ok() != Some(MAGIC) {
        return Err(ReadError::Magic);
    }
    let mut version = || match head.take(2) {
        Ok([low, high]) => Ok(u16::from_le_bytes([*low, *high])),
        _ => Err(ReadError::Magic),
    };
    let (format, semantics) = (version()?, version()?);
    if format != FORMAT {
        return Err(ReadError::Format(format));
    }
    if semantics != SEMANTICS {
        return Err(ReadError::Semantics(semantics));
    }
    let hash = head.take(32).map_err(|_| ReadError::Magic)?;
    let sections = Sections::split(bytes.get(44..).unwrap_or_default())?;
    if blake3::hash(sections.content).as_bytes() != hash {
        return Err(ReadError::Hash);
    }
    sections.module()
}

struct Sections<'a> {
    /// Bytes of all sections that the hash covers.
    content: &'a [u8],
    bodies: Vec<(u8, &'a [u8])>,
}

impl<'a> Sections<'a> {
    fn split(bytes: &'a [u8]) -> Result<Sections<'a>, ReadError> {
        let mut reader = Reader::new(bytes);
        let mut bodies: Vec<(u8, &[u8])> = Vec::new();
        let mut content = 0;
        let mut left = bytes.len();
        while !reader.is_done() {
            let tag = reader.byte().map_err(|error| ReadError::Bytes { section: 0, error })?;
            let body = reader.blob().map_err(|error| ReadError::Bytes { section: tag, error })?;
            let known = matches!(tag, 1..=18 | 128..);
            if !known || bodies.last().is_some_and(|(last, _)| *last >= tag) {
                return Err(ReadError::Section(tag));
            }
            bodies.push((tag, body));
            // Where this section ends: its body's end, counted from the start.
            left = left.min(bytes.len() - (body.as_ptr() as usize - bytes.as_ptr() as usize) - body.len());
            if tag < 128 {
                content = bytes.len() - left;
            }
        }
        Ok(Sections { content: bytes.get(..content).unwrap_or_default(), bodies })
    }

    fn body(&self, tag: u8) -> Result<&'a [u8], ReadError> {
        self.bodies.iter().find(|(t, _)| *t == tag).map(|(_, body)| *body).ok_or(ReadError::Section(tag))
    }

    fn json<T: DeserializeOwned>(&self, tag: u8) -> Result<T, ReadError> {
        serde_json::from_slice(self.body(tag)?).map_err(|error| ReadError::Json { section: tag, error })
    }

    fn bytes<T>(
        &self,
        tag: u8,
        parse: impl FnOnce(&mut Reader<'a>) -> Result<T, CodecError>,
    ) -> Result<T, ReadError> {
        let mut reader = Reader::new(self.body(tag)?);
        let bad = |error| ReadError::Bytes { section: tag, error };
        let value = parse(&mut reader).map_err(bad)?;
        if reader.is_done() { Ok(value) } else { Err(bad(CodecError::Form("more bytes than needed"))) }
    }

    fn module(&self) -> Result<Module, ReadError> {
        let mut functions = self.bytes(4, functions)?;
        self.debug(&mut functions)?;
        Ok(Module {
            package: self.bytes(1, |r| r.text().map(Arc::from))?,
            types: self.json(2)?,
            constants: self.bytes(3, |r| r.values())?,
            functions,
            effects: self.json(5)?,
            natives: self.json(6)?,
            flows: self.json(7)?,
            states: self.json(8)?,
            settings: self.json(9)?,
            slots: self.json(10)?,
            agents: self.json(11)?,
            tests: self.json(12)?,
            test_ops: self.json(13)?,
            capabilities: self.json(14)?,
            effect_calls: self.json(15)?,
            waits: self.json(16)?,
            forks: self.json(17)?,
            type_refs: self.json(18)?,
            sites: self.bytes(129, places).or_else(absent)?,
            files: self.json(128).or_else(absent)?,
        })
    }

    /// Debug tables may be missing (stripped); where they are there they must be readable.
    fn debug(&self, functions: &mut [Function]) -> Result<(), ReadError> {
        self.bytes(130, |r| {
            for f in functions.iter_mut() {
                for _ in 0..r.count()? {
                    f.sites.push((r.u32()?, r.u32()?));
                }
            }
            Ok(())
        })
        .or_else(absent)?;
        let locals: Vec<Vec<(u16, Arc<str>)>> = self.json(131).or_else(absent)?;
        for (f, locals) in functions.iter_mut().zip(locals) {
            f.locals = locals;
        }
        let waits: Vec<Vec<WaitPoint>> = self.json(132).or_else(absent)?;
        for (f, waits) in functions.iter_mut().zip(waits) {
            f.wait_points = waits;
        }
        Ok(())
    }
}

fn absent<T: Default>(error: ReadError) -> Result<T, ReadError> {
    if matches!(error, ReadError::Section(_)) { Ok(T::default()) } else { Err(error) }
}

fn functions(r: &mut Reader<'_>) -> Result<Vec<Function>, CodecError> {
    let n = r.count()?;
    let mut functions = Vec::with_capacity(n.min(4096));
    for _ in 0..n {
        let name = Arc::from(r.text()?);
        let (params, registers) = (r.u16()?, r.u16()?);
        let length = r.count()?;
        let mut code = Vec::with_capacity(length.min(4096));
        for _ in 0..length {
            let (number, a, b, c) = (word(r)?, word(r)?, word(r)?, word(r)?);
            let op = Op::from_number(number).ok_or(CodecError::Form("an unknown instruction"))?;
            code.push(Instr::new(op, a, b, c));
        }
        functions.push(Function { name, params, registers, code, ..Function::default() });
    }
    Ok(functions)
}

fn word(r: &mut Reader<'_>) -> Result<u16, CodecError> {
    match r.take(2)? {
        [low, high] => Ok(u16::from_le_bytes([*low, *high])),
        _ => Err(CodecError::End),
    }
}

fn places(r: &mut Reader<'_>) -> Result<Vec<Site>, CodecError> {
    (0..r.count()?).map(|_| Ok(Site { file: r.u32()?, start: r.u32()?, end: r.u32()? })).collect()
}
