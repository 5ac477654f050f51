//! All actions there are.

use super::change::{Change, Styled};
use super::place::Place;
use super::{Action, ActionKind, Here};
use super::{
    allow, branches, cases, clauses, declarations, extract, fields, fixes, generate, inline, literals, logic,
    order, steps, suffixes, unresolved,
};

/// What is known of an action before it is offered anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its stable name.
    pub id: &'static str,
    /// Why it is offered.
    pub kind: ActionKind,
    /// What it does and where it is offered: a line of `docs/code-actions.md`.
    pub about: &'static str,
}

/// An action of the catalogue, and how it is made.
pub(super) struct Offer {
    pub(super) known: Known,
    pub(super) make: Make,
}

/// How an action is made.
pub(super) enum Make {
    /// In an item.
    Inside(fn(&Place<'_>) -> Vec<Change>),
    /// Anywhere in a file.
    Anywhere(fn(Here<'_>) -> Vec<Change>),
}

/// An action that is offered inside of items.
pub(super) const fn inside(
    id: &'static str,
    kind: ActionKind,
    about: &'static str,
    make: fn(&Place<'_>) -> Vec<Change>,
) -> Offer {
    Offer { known: Known { id, kind, about }, make: Make::Inside(make) }
}

/// An action that is offered anywhere.
pub(super) const fn anywhere(
    id: &'static str,
    kind: ActionKind,
    about: &'static str,
    make: fn(Here<'_>) -> Vec<Change>,
) -> Offer {
    Offer { known: Known { id, kind, about }, make: Make::Anywhere(make) }
}

/// The families, in the order in which their actions are shown.
const FAMILIES: &[&[Offer]] = &[
    fixes::OFFERS,
    unresolved::OFFERS,
    cases::OFFERS,
    fields::OFFERS,
    suffixes::OFFERS,
    branches::OFFERS,
    logic::OFFERS,
    literals::OFFERS,
    declarations::OFFERS,
    steps::OFFERS,
    clauses::OFFERS,
    extract::OFFERS,
    inline::OFFERS,
    generate::OFFERS,
    allow::OFFERS,
    order::OFFERS,
];

/// Every action there is.
pub fn catalog() -> impl Iterator<Item = Known> {
    FAMILIES.iter().flat_map(|family| family.iter()).map(|offer| offer.known)
}

/// Everything that can be done here, fixes first.
pub fn actions(here: Here<'_>) -> Vec<Action> {
    let place = Place::of(here);
    let (mut found, mut styled) = (Vec::new(), Styled::default());
    for offer in FAMILIES.iter().flat_map(|family| family.iter()) {
        let changes = match (&offer.make, &place) {
            (Make::Inside(make), Some(place)) => make(place),
            (Make::Inside(_), None) => Vec::new(),
            (Make::Anywhere(make), _) => make(here),
        };
        let finished =
            changes.into_iter().filter_map(|change| change.finish(here.snapshot, offer.known, &mut styled));
        found.extend(finished);
    }
    found.sort_by_key(|action: &Action| action.kind != ActionKind::Fix);
    found
}
