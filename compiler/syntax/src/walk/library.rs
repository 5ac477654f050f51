//! Children of what only libraries declare.

use super::Node;
use crate::ast::{ChannelKindLine, DeliveryLine, EffectClause};

pub(super) fn clause<'a>(clause: &'a EffectClause, each: &mut dyn FnMut(Node<'a>)) {
    match clause {
        EffectClause::Needs(names) | EffectClause::Requires(names) => {
            names.iter().for_each(|name| each(Node::Name(name)));
        }
        EffectClause::RequiresFor(parameter, capability) => {
            each(Node::Name(parameter));
            each(Node::Name(capability));
        }
        EffectClause::Delivery(line) => each(Node::Delivery(line)),
        EffectClause::Engine => {}
    }
}

pub(super) fn kind_line<'a>(line: &'a ChannelKindLine, each: &mut dyn FnMut(Node<'a>)) {
    match line {
        ChannelKindLine::Can(names) | ChannelKindLine::Cannot(names) => {
            names.iter().for_each(|name| each(Node::Name(name)));
        }
        ChannelKindLine::Delivery(lines) => lines.iter().for_each(|line| each(Node::Delivery(line))),
        ChannelKindLine::Max(what, most) => {
            each(Node::Name(what));
            each(Node::Expr(most));
        }
        ChannelKindLine::Limit { most, per, by } => {
            each(Node::Expr(most));
            each(Node::Expr(per));
            each(Node::Name(by));
        }
        ChannelKindLine::Redelivers(within) => each(Node::Expr(within)),
    }
}

pub(super) fn delivery<'a>(line: &'a DeliveryLine, each: &mut dyn FnMut(Node<'a>)) {
    each(Node::Name(&line.class));
    line.window.iter().for_each(|window| each(Node::Expr(window)));
    line.effect.iter().chain(&line.of).for_each(|name| each(Node::Name(name)));
}
