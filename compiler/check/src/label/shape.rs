//! What is known of a value: for each of its parts, whether it came from outside or is a secret, and how it got here.

use super::path::Trail;
use crate::tree::{FunctionRef, Lambda, Local, LocalId};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// How deep fields are told apart; below that, one label stands for all.
const DEPTH: u8 = 6;

/// How many functions around each other are told apart.
const NESTING: u8 = 3;

/// The labels that a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Bits(u8);

impl Bits {
    /// None.
    pub(super) const NONE: Bits = Bits(0);
    /// Its characters came from outside.
    pub(super) const FOREIGN: Bits = Bits(1);
    /// Nobody vouches for what it names: neither the author, nor the channel that brought the event.
    pub(super) const UNVOUCHED: Bits = Bits(2);
    /// A secret's handle.
    pub(super) const SECRET: Bits = Bits(4);
    /// Its characters were made of a number that may be anybody's: no foreign text, but perhaps a telephone number.
    pub(super) const MADE: Bits = Bits(8);
    /// What anybody may have written.
    pub(super) const UNTRUSTED: Bits = Bits(3);
    /// What must not say where something goes.
    pub(super) const ASTRAY: Bits = Bits(10);
    /// What `trust` takes away.
    pub(super) const VOUCHED_FOR: Bits = Bits(11);
    /// All.
    pub(super) const ALL: Bits = Bits(15);

    /// Both.
    pub(super) const fn with(self, other: Bits) -> Bits {
        Bits(self.0 | other.0)
    }

    /// Those that are not among the others.
    pub(super) const fn without(self, other: Bits) -> Bits {
        Bits(self.0 & !other.0)
    }

    /// Whether one of the others is among them.
    pub(super) const fn has(self, other: Bits) -> bool {
        self.0 & other.0 != 0
    }

    /// Those of something computed from such a value: the channel vouched for the value, not for what was made of it.
    pub(super) const fn computed(self) -> Bits {
        if self.has(Bits::FOREIGN) { self.with(Bits::UNVOUCHED) } else { self }
    }
}

/// A label, and how it came to be. Two labels are equal where their bits are: otherwise every way would be a shape.
#[derive(Debug, Clone, Default)]
pub(super) struct Label {
    pub(super) bits: Bits,
    pub(super) trail: Option<Trail>,
}

/// What is known of a value.
#[derive(Debug, Clone)]
pub(super) enum Shape<'p> {
    /// The same of all its parts. Lists and optionals are what they hold.
    Flat(Label),
    /// A record's slots; a union's tags, each the parts of its fields; a map's keys and values.
    Parts(Rc<Parts<'p>>),
    /// One of these functions.
    Functions(Rc<[Callee<'p>]>),
    /// A function of which nothing is known any more.
    Anything,
}

/// The parts of a value.
#[derive(Debug)]
pub(super) struct Parts<'p> {
    depth: u8,
    of: Vec<Shape<'p>>,
}

/// A function as a value.
#[derive(Debug, Clone)]
pub(super) enum Callee<'p> {
    /// A declared one.
    Function(FunctionRef),
    /// `x => …`.
    Lambda(Rc<Closure<'p>>),
}

/// A lambda with what it captured.
#[derive(Debug)]
pub(super) struct Closure<'p> {
    pub(super) lambda: &'p Lambda,
    pub(super) locals: &'p [Local],
    pub(super) captured: Vec<(LocalId, Shape<'p>)>,
    nesting: u8,
}

impl<'p> Closure<'p> {
    /// None where functions are around functions so deeply that nothing ends.
    pub(super) fn new(
        lambda: &'p Lambda,
        locals: &'p [Local],
        captured: Vec<(LocalId, Shape<'p>)>,
    ) -> Option<Closure<'p>> {
        let nesting = captured.iter().map(|(_, shape)| shape.nesting()).max().unwrap_or(0) + 1;
        (nesting <= NESTING).then_some(Closure { lambda, locals, captured, nesting })
    }
}

impl<'p> Shape<'p> {
    /// Of what the author wrote.
    pub(super) const CLEAN: Shape<'static> = Shape::Flat(Label { bits: Bits::NONE, trail: None });

    /// The same label everywhere.
    pub(super) fn flat(bits: Bits, trail: Option<Trail>) -> Shape<'p> {
        Shape::Flat(Label { bits, trail })
    }

    /// Made of parts; one label where it would be too deep.
    pub(super) fn parts(of: Vec<Shape<'p>>) -> Shape<'p> {
        if of.iter().all(Shape::is_clean) {
            return Shape::CLEAN;
        }
        let depth = of.iter().map(Shape::depth).max().unwrap_or(0) + 1;
        if depth <= DEPTH {
            return Shape::Parts(Rc::new(Parts { depth, of }));
        }
        let of = of.iter().map(|part| part.cut(DEPTH - 1)).collect();
        Shape::Parts(Rc::new(Parts { depth: DEPTH, of }))
    }

    /// The same with everything below so many levels as one label.
    fn cut(&self, levels: u8) -> Shape<'p> {
        match self {
            Shape::Parts(parts) if parts.depth > levels => match levels.checked_sub(1) {
                None | Some(0) => Shape::Flat(self.label()),
                Some(below) => Shape::parts(parts.of.iter().map(|part| part.cut(below)).collect()),
            },
            _ => self.clone(),
        }
    }

    fn depth(&self) -> u8 {
        match self {
            Shape::Parts(parts) => parts.depth,
            _ => 0,
        }
    }

    fn nesting(&self) -> u8 {
        match self {
            Shape::Functions(all) => all.iter().map(Callee::nesting).max().unwrap_or(0),
            Shape::Parts(parts) => parts.of.iter().map(Shape::nesting).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether it has no label at all.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self, Shape::Flat(label) if label.bits == Bits::NONE)
    }

    /// One of its parts.
    pub(super) fn part(&self, at: usize) -> Shape<'p> {
        match self {
            Shape::Flat(_) => self.clone(),
            Shape::Parts(parts) => parts.of.get(at).cloned().unwrap_or(Shape::CLEAN),
            Shape::Functions(_) | Shape::Anything => Shape::CLEAN,
        }
    }

    /// The label of everything in it, with the first way.
    pub(super) fn label(&self) -> Label {
        let mut label = Label::default();
        self.each(&mut |other| label.add(other));
        label
    }

    /// The way of the first part that has one of these labels.
    pub(super) fn found(&self, wanted: Bits) -> Option<Label> {
        let mut found = None;
        self.each(&mut |label| {
            if found.is_none() && label.bits.has(wanted) {
                found = Some(label.clone());
            }
        });
        found
    }

    /// Looks at every label, from left to right.
    fn each(&self, look: &mut impl FnMut(&Label)) {
        match self {
            Shape::Flat(label) => look(label),
            Shape::Parts(parts) => parts.of.iter().for_each(|part| part.each(look)),
            Shape::Functions(_) | Shape::Anything => {}
        }
    }

    /// The same with another label in each place; `change` is told the number of the place.
    pub(super) fn relabelled(&self, change: &mut impl FnMut(u32, &Label) -> Label) -> Shape<'p> {
        self.numbered(&mut 0, change)
    }

    fn numbered(&self, next: &mut u32, change: &mut impl FnMut(u32, &Label) -> Label) -> Shape<'p> {
        match self {
            Shape::Flat(label) => {
                let number = *next;
                *next += 1;
                if label.bits == Bits::NONE { Shape::CLEAN } else { Shape::Flat(change(number, label)) }
            }
            Shape::Parts(parts) => {
                Shape::parts(parts.of.iter().map(|part| part.numbered(next, change)).collect())
            }
            Shape::Functions(_) | Shape::Anything => self.clone(),
        }
    }

    /// The label at a place that [`Shape::relabelled`] numbered.
    pub(super) fn place(&self, number: u32) -> Option<Label> {
        let (mut next, mut found) = (0, None);
        self.each(&mut |label| {
            if next == number {
                found = Some(label.clone());
            }
            next += 1;
        });
        found
    }

    /// Without these labels.
    pub(super) fn without(&self, bits: Bits) -> Shape<'p> {
        self.relabelled(&mut |_, label| label.with_bits(label.bits.without(bits)))
    }

    /// What is one or the other.
    pub(super) fn join(&self, other: &Shape<'p>) -> Shape<'p> {
        match (self, other) {
            (_, other) if other.is_clean() => self.clone(),
            (one, _) if one.is_clean() => other.clone(),
            (Shape::Flat(a), Shape::Flat(b)) => {
                let mut label = a.clone();
                label.add(b);
                Shape::Flat(label)
            }
            (Shape::Parts(a), Shape::Parts(b)) if Rc::ptr_eq(a, b) => self.clone(),
            (Shape::Parts(a), Shape::Parts(b)) => {
                let width = a.of.len().max(b.of.len());
                Shape::parts((0..width).map(|at| self.part(at).join(&other.part(at))).collect())
            }
            (Shape::Parts(a), Shape::Flat(_)) => Shape::parts(a.of.iter().map(|p| p.join(other)).collect()),
            (Shape::Flat(_), Shape::Parts(b)) => Shape::parts(b.of.iter().map(|p| self.join(p)).collect()),
            (Shape::Functions(a), Shape::Functions(b)) => {
                let new = b.iter().filter(|callee| !a.contains(callee));
                let all: Vec<Callee<'p>> = a.iter().chain(new).cloned().collect();
                if all.len() == a.len() { self.clone() } else { Shape::Functions(all.into()) }
            }
            (Shape::Functions(_) | Shape::Anything, _) | (_, Shape::Functions(_) | Shape::Anything) => {
                Shape::Anything
            }
        }
    }
}

impl Label {
    /// The same way with other bits.
    pub(super) fn with_bits(&self, bits: Bits) -> Label {
        Label { bits, trail: if bits == Bits::NONE { None } else { self.trail.clone() } }
    }

    fn add(&mut self, other: &Label) {
        // The way of what weighs more is the one to tell.
        let more = other.bits.without(self.bits);
        if self.trail.is_none() || (more.has(Bits::UNVOUCHED) && !self.bits.has(Bits::UNVOUCHED)) {
            self.trail.clone_from(&other.trail);
        }
        self.bits = self.bits.with(other.bits);
    }
}

impl Callee<'_> {
    fn nesting(&self) -> u8 {
        match self {
            Callee::Function(_) => 0,
            Callee::Lambda(closure) => closure.nesting,
        }
    }
}

impl PartialEq for Shape<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Shape::Flat(a), Shape::Flat(b)) => a.bits == b.bits,
            (Shape::Parts(a), Shape::Parts(b)) => Rc::ptr_eq(a, b) || a.of == b.of,
            (Shape::Functions(a), Shape::Functions(b)) => a == b,
            (Shape::Anything, Shape::Anything) => true,
            _ => false,
        }
    }
}

impl Eq for Shape<'_> {}

impl Hash for Shape<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Shape::Flat(label) => label.bits.hash(state),
            Shape::Parts(parts) => parts.of.hash(state),
            Shape::Functions(all) => all.hash(state),
            Shape::Anything => 8_u8.hash(state),
        }
    }
}

impl PartialEq for Callee<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Callee::Function(a), Callee::Function(b)) => a == b,
            (Callee::Lambda(a), Callee::Lambda(b)) => {
                // A lambda is where it stands: the tree is not moved while it is looked at.
                std::ptr::eq(a.lambda, b.lambda) && a.captured == b.captured
            }
            _ => false,
        }
    }
}

impl Eq for Callee<'_> {}

impl Hash for Callee<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Callee::Function(function) => function.hash(state),
            Callee::Lambda(closure) => {
                std::ptr::hash(closure.lambda, state);
                closure.captured.hash(state);
            }
        }
    }
}
