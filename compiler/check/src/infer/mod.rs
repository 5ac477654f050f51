//! Expressions: each is elaborated into the checked tree in one walk, with what is wanted handed down and what is
//! found handed up. One file a family.

mod access;
mod arguments;
mod await_;
mod body;
mod branch;
mod call;
mod condition;
mod convert;
mod effect;
mod expr;
mod intrinsic;
mod lambda;
mod literal;
mod matching;
mod method;
mod name;
mod narrow;
mod operator;
mod parallel;
mod pattern;
mod record;
mod regexes;
mod size;
mod suffix;
mod text;

pub(crate) use body::{Body, Mode, Want};
pub(crate) use effect::EXCHANGE;
pub(crate) use method::snake;
pub(crate) use narrow::Known;
pub(crate) use size::Size;
pub(crate) use text::text_value;
