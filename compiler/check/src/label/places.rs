//! What conditions show about values that are reached from a name by fields: equal to what the author wrote is as good as
//! written by the author.

use super::shape::{Bits, Shape};
use super::solve::{Frame, Solver};
use super::tell::Bad;
use crate::tree::{Compare, Expr, ExprKind, LocalId, Pattern, PatternKind};

/// How much is kept of what a condition shows.
const MOST: usize = 16;

/// A value that is reached from a local by fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    local: LocalId,
    /// Slots, outermost first, with the width of the record that has them.
    slots: Vec<(usize, usize)>,
}

/// What is known of a place: its shape is that of what it is equal to.
pub(super) type Known<'p> = Vec<(Place, Shape<'p>)>;

/// What a condition shows where it holds, and where it does not.
#[derive(Default)]
pub(super) struct Shown<'p> {
    pub(super) yes: Known<'p>,
    pub(super) no: Known<'p>,
}

impl<'p> Solver<'p> {
    /// The place that an expression reads, if it reads one that nothing can change: a `var` may be assigned meanwhile.
    pub(super) fn place(&self, frame: &Frame<'p>, expr: &'p Expr) -> Option<Place> {
        match &expr.kind {
            ExprKind::Local(local) => {
                let fixed = frame.locals.get(local.0 as usize).is_some_and(|l| !l.mutable);
                fixed.then(|| Place { local: *local, slots: Vec::new() })
            }
            ExprKind::Field(base, slot) => {
                let mut place = self.place(frame, base)?;
                place.slots.push((*slot as usize, self.types.width(&base.ty)?));
                Some(place)
            }
            ExprKind::Narrow(inner) => self.place(frame, inner),
            _ => None,
        }
    }

    /// Looks at a condition; says what it shows.
    pub(super) fn condition(&mut self, frame: &mut Frame<'p>, condition: &'p Expr) -> Shown<'p> {
        match &condition.kind {
            ExprKind::Compare { op, left, right, ignoring_case } => {
                let known = self.equal(frame, left, right);
                match op {
                    _ if *ignoring_case => Shown::default(),
                    Compare::Eq => Shown { yes: known, no: Vec::new() },
                    Compare::Ne => Shown { yes: Vec::new(), no: known },
                    Compare::Lt | Compare::Le | Compare::Gt | Compare::Ge => Shown::default(),
                }
            }
            ExprKind::In { item, list, ignoring_case } => {
                let (_, list) = self.compared(frame, item, list);
                let yes = self.place(frame, item).filter(|_| !ignoring_case).map(|place| (place, list));
                Shown { yes: yes.into_iter().collect(), no: Vec::new() }
            }
            ExprKind::HasKey(map, key) => {
                let (_, map) = self.compared(frame, key, map);
                let yes = self.place(frame, key).map(|place| (place, map.part(0)));
                Shown { yes: yes.into_iter().collect(), no: Vec::new() }
            }
            ExprKind::Not(inner) => {
                let Shown { yes, no } = self.condition(frame, inner);
                Shown { yes: no, no: yes }
            }
            ExprKind::And(left, right) => {
                let left = self.condition(frame, left);
                let before = self.learn(frame, left.yes.clone());
                let right = self.condition(frame, right);
                Self::forget(frame, before);
                Shown { yes: both(left.yes, right.yes), no: either(&left.no, &right.no) }
            }
            ExprKind::Or(left, right) => {
                let left = self.condition(frame, left);
                let before = self.learn(frame, left.no.clone());
                let right = self.condition(frame, right);
                Self::forget(frame, before);
                Shown { yes: either(&left.yes, &right.yes), no: both(left.no, right.no) }
            }
            _ => {
                self.expr(frame, condition);
                Shown::default()
            }
        }
    }

    fn equal(&mut self, frame: &mut Frame<'p>, left: &'p Expr, right: &'p Expr) -> Known<'p> {
        let (one, other) = self.compared(frame, left, right);
        let left = self.place(frame, left).map(|place| (place, other));
        let right = self.place(frame, right).map(|place| (place, one));
        left.into_iter().chain(right).collect()
    }

    fn compared(&mut self, frame: &mut Frame<'p>, left: &'p Expr, right: &'p Expr) -> (Shape<'p>, Shape<'p>) {
        let shapes = (self.expr(frame, left), self.expr(frame, right));
        let (secret, span) = match shapes.0.found(Bits::SECRET) {
            Some(_) => (&shapes.0, left.span),
            None => (&shapes.1, right.span),
        };
        self.refuse(secret, Bits::SECRET, span, || Bad::Compared);
        shapes
    }

    /// Lets the known hold from here on; gives what has to be put back.
    pub(super) fn learn(&self, frame: &mut Frame<'p>, known: Known<'p>) -> Vec<(LocalId, Shape<'p>)> {
        let mut before = Vec::new();
        for (place, shape) in known {
            let Some(whole) = frame.known.get(&place.local).cloned() else { continue };
            let found = place.slots.iter().fold(whole.clone(), |value, (slot, _)| value.part(*slot));
            // Equal to something that is no better says nothing.
            if found == shape || found.join(&shape) != found {
                continue;
            }
            frame.known.insert(place.local, replaced(&whole, &place.slots, &shape));
            before.push((place.local, whole));
        }
        before.reverse();
        before
    }

    /// Puts back what held before.
    pub(super) fn forget(frame: &mut Frame<'p>, before: Vec<(LocalId, Shape<'p>)>) {
        frame.known.extend(before);
    }
}

/// Whether a pattern takes only values that the author wrote.
pub(super) fn is_written(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Const(_) | PatternKind::Range(..) | PatternKind::None => true,
        PatternKind::Or(all) => all.iter().all(is_written),
        PatternKind::Rest | PatternKind::Bind(_) | PatternKind::Tag(..) => false,
    }
}

/// The value with another one in that slot.
fn replaced<'p>(whole: &Shape<'p>, slots: &[(usize, usize)], new: &Shape<'p>) -> Shape<'p> {
    let Some(((slot, width), rest)) = slots.split_first() else { return new.clone() };
    Shape::parts(
        (0..*width)
            .map(|at| {
                let part = whole.part(at);
                if at == *slot { replaced(&part, rest, new) } else { part }
            })
            .collect(),
    )
}

/// Known where both hold. A long chain is cut: what is not known is no mistake of soundness.
fn both<'p>(mut a: Known<'p>, b: Known<'p>) -> Known<'p> {
    a.extend(b);
    a.truncate(MOST);
    a
}

/// Known whichever of the two holds.
fn either<'p>(a: &Known<'p>, b: &Known<'p>) -> Known<'p> {
    let joined = |(place, shape): &(Place, Shape<'p>)| {
        let (_, other) = b.iter().find(|(other, _)| other == place)?;
        Some((place.clone(), shape.join(other)))
    };
    a.iter().filter_map(joined).collect()
}
