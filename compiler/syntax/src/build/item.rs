//! Items other than flows and library declarations.

use super::{Builder, Pair, Pairs};
use crate::ast::{
    Agent, Channel, Connection, Const, Expr, Fn, FnBody, Group, ItemKind, Keep, Migration, Name, Path,
    Property, Room, Setting, State, Test, TypeBody, TypeDecl, TypeExpr, Use,
};
use crate::grammar::Rule;

/// An item's name and what it is; none where the pairs are not those of an item.
pub(crate) fn build_item(
    builder: &mut Builder<'_>,
    mut pairs: Pairs<'_>,
) -> Option<(Option<Name>, ItemKind)> {
    let pair = pairs.next()?;
    let start = keyword_start(builder, &pair);
    builder.docs_before(start);
    builder.item(pair)
}

fn keyword_start(builder: &Builder<'_>, pair: &Pair<'_>) -> u32 {
    builder.range(pair).start
}

impl Builder<'_> {
    fn item(&mut self, pair: Pair<'_>) -> Option<(Option<Name>, ItemKind)> {
        let rule = pair.as_rule();
        let name = pair
            .clone()
            .into_inner()
            .find(|p| matches!(p.as_rule(), Rule::name | Rule::word))
            .map(|p| self.name(&p));
        let kind = match rule {
            Rule::i_use => return Some((None, ItemKind::Use(self.use_item(pair)))),
            Rule::i_test => return Some((None, ItemKind::Test(self.test(pair)?))),
            Rule::i_channel => ItemKind::Channel(Channel { kind: self.last_word(pair)? }),
            Rule::i_room => ItemKind::Room(Room { kind: self.last_word(pair)? }),
            Rule::i_connection => ItemKind::Connection(Connection { kind: self.last_word(pair)? }),
            Rule::i_group => ItemKind::Group(Group {}),
            Rule::i_setting => {
                let (ty, default) = self.type_and_value(pair);
                ItemKind::Setting(Setting { ty: ty?, default })
            }
            Rule::i_const => {
                let (ty, value) = self.type_and_value(pair);
                ItemKind::Const(Const { ty, value: value? })
            }
            Rule::i_type => ItemKind::Type(self.type_decl(pair)),
            Rule::i_fn => ItemKind::Fn(self.function(pair)?),
            Rule::i_state => ItemKind::State(self.state(pair)?),
            Rule::i_agent => ItemKind::Agent(self.agent(pair)),
            Rule::i_tool => ItemKind::Tool(self.tool(pair)?),
            Rule::i_flow => ItemKind::Flow(Box::new(self.flow(pair)?)),
            Rule::i_effect => ItemKind::Effect(self.effect(pair)),
            Rule::i_trigger => ItemKind::Trigger(self.trigger_decl(pair)),
            Rule::i_channel_kind => ItemKind::ChannelKind(self.channel_kind(pair)),
            Rule::i_tag => ItemKind::Tag(self.tag_decl(pair)?),
            Rule::i_extern_fn => ItemKind::ExternFn(self.extern_fn(pair)?),
            _ => return None,
        };
        Some((name, kind))
    }

    fn use_item(&mut self, pair: Pair<'_>) -> Use {
        let mut out = Use { path: Path { names: Vec::new() }, alias: None };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::use_path => out.path = self.path(part),
                Rule::name => out.alias = Some(self.name(&part)),
                _ => {}
            }
        }
        out
    }

    fn last_word(&self, pair: Pair<'_>) -> Option<Name> {
        pair.into_inner().last().map(|p| self.name(&p))
    }

    fn type_and_value(&mut self, pair: Pair<'_>) -> (Option<TypeExpr>, Option<Expr>) {
        let (mut ty, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::expr | Rule::expr_plain => value = Some(self.expr(part)),
                _ => {}
            }
        }
        (ty, value)
    }

    fn type_decl(&mut self, pair: Pair<'_>) -> TypeDecl {
        let (range, mut has_body) = (self.range(&pair), false);
        let mut out = TypeDecl { external: false, params: Vec::new(), body: TypeBody::Record(Vec::new()) };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::k_extern => out.external = true,
                Rule::type_params => out.params = self.type_params(part),
                Rule::variants => {
                    has_body = true;
                    out.body = TypeBody::Union(self.variants(part));
                }
                Rule::fields => {
                    // A type without fields says nothing, unless its fields were lost to mistakes that are told.
                    has_body = part.clone().into_inner().next().is_some();
                    out.body = TypeBody::Record(self.fields(part));
                }
                _ => {}
            }
        }
        if !has_body && !out.external {
            self.problem(crate::codes::SYNTAX, range, "a type has fields or tags").help =
                Some("write `type Name { field: Type }` or `type Name = tag | tag`".to_owned());
        }
        out
    }

    fn function(&mut self, pair: Pair<'_>) -> Option<Fn> {
        let (mut type_params, mut params, mut result, mut body) = (Vec::new(), Vec::new(), None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_params => type_params = self.type_params(part),
                Rule::params => params = self.params(part),
                Rule::type_expr => result = Some(self.type_expr(part)),
                Rule::expr => body = Some(FnBody::Expr(self.expr(part))),
                Rule::block => body = Some(FnBody::Block(self.block(part))),
                _ => {}
            }
        }
        Some(Fn { type_params, params, result, body: body? })
    }

    fn state(&mut self, pair: Pair<'_>) -> Option<State> {
        let (mut ty, mut init, mut keys, mut key_type, mut keep) = (None, None, Vec::new(), None, None);
        let mut migrations = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::expr_plain => init = Some(self.expr(part)),
                Rule::state_by => {
                    for by in part.into_inner() {
                        match by.as_rule() {
                            Rule::upper_type => key_type = Some(self.type_expr(by)),
                            Rule::keys => keys = self.keys(by),
                            _ => {}
                        }
                    }
                }
                Rule::state_keep => {
                    keep = self.only_expr(part).map(|duration| Keep { duration });
                }
                Rule::state_migrate => migrations.extend(self.migration(part)),
                _ => {}
            }
        }
        Some(State { ty: ty?, init: init?, keys, key_type, keep, migrations })
    }

    fn migration(&mut self, pair: Pair<'_>) -> Option<Migration> {
        let (mut name, mut ty, mut value) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::expr_plain => value = Some(self.expr(part)),
                _ => {}
            }
        }
        Some(Migration { name: name?, ty: ty?, value: value? })
    }

    /// The one expression among the children of `pair`.
    pub(super) fn only_expr(&mut self, pair: Pair<'_>) -> Option<Expr> {
        pair.into_inner().find(|p| is_expr(p.as_rule())).map(|p| self.expr(p))
    }

    /// All expressions among the children of `pair`.
    pub(super) fn keys(&mut self, pair: Pair<'_>) -> Vec<Expr> {
        pair.into_inner().filter(|p| is_expr(p.as_rule())).map(|p| self.expr(p)).collect()
    }

    fn agent(&mut self, pair: Pair<'_>) -> Agent {
        let mut properties = Vec::new();
        for part in pair.into_inner() {
            let property = match part.as_rule() {
                Rule::p_value => self.value_property(part),
                Rule::p_approve => self.approve_property(part),
                Rule::p_budget => self.budget_property(part),
                Rule::broken => Some(Property::Error(self.broken_range(&part))),
                _ => None,
            };
            properties.extend(property);
        }
        Agent { properties }
    }

    fn value_property(&mut self, pair: Pair<'_>) -> Option<Property> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        Some(Property::Value(name, self.expr(inner.next()?)))
    }

    fn approve_property(&mut self, pair: Pair<'_>) -> Option<Property> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let mut pairs = Vec::new();
        for entry in inner {
            let mut sides = entry.into_inner();
            let (Some(path), Some(who)) = (sides.next(), sides.next()) else { continue };
            pairs.push((self.path(path), self.expr(who)));
        }
        Some(Property::Approve(name, pairs))
    }

    fn budget_property(&mut self, pair: Pair<'_>) -> Option<Property> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let mut limits = Vec::new();
        for entry in inner {
            let (mut amounts, mut unit, mut keys) = (Vec::new(), None, Vec::new());
            for part in entry.into_inner() {
                match part.as_rule() {
                    Rule::arith | Rule::operand_plain => amounts.push(self.expr(part)),
                    Rule::word => unit = Some(self.name(&part)),
                    Rule::budget_keys => keys = self.keys(part),
                    _ => {}
                }
            }
            if let (Some(window), Some(amount)) = (amounts.pop(), amounts.pop()) {
                limits.push((amount, unit, window, keys));
            }
        }
        Some(Property::Budget(name, limits))
    }

    fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let (mut title, mut body) = (String::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::text => title = self.fixed_text(part),
                Rule::block => body = Some(self.block(part)),
                _ => {}
            }
        }
        Some(Test { title, body: body? })
    }
}

/// Whether the rule is one that [`Builder::expr`] builds.
pub(super) fn is_expr(rule: Rule) -> bool {
    matches!(rule, Rule::expr | Rule::expr_plain | Rule::operand | Rule::operand_plain | Rule::arith)
}
