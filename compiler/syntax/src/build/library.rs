//! What only libraries declare.

use super::{Builder, Pair};
use crate::ast::{
    ChannelKind, ChannelKindLine, DeliveryLine, Effect, EffectClause, ExternFn, Name, Path, TagDecl,
    TriggerDecl,
};
use crate::codes;
use crate::grammar::Rule;

impl Builder<'_> {
    fn version(&mut self, pair: &Pair<'_>) -> u32 {
        pair.as_str().parse().unwrap_or_else(|_| {
            let range = self.range(pair);
            self.problem(
                codes::NUMBER_RANGE,
                range,
                format!("`{}` is too large for a version", pair.as_str()),
            );
            0
        })
    }

    pub(super) fn effect(&mut self, pair: Pair<'_>) -> Effect {
        let mut out = Effect {
            version: 0,
            on: None,
            type_params: Vec::new(),
            params: Vec::new(),
            result: None,
            clauses: Vec::new(),
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::version => out.version = self.version(&part),
                Rule::type_params => out.type_params = self.type_params(part),
                Rule::params => out.params = self.params(part),
                Rule::type_expr => out.result = Some(self.type_expr(part)),
                Rule::e_on => {
                    let names =
                        part.into_inner().filter(|p| p.as_rule() != Rule::k_on).map(|p| self.name(&p));
                    out.on = Some(Path { names: names.collect() });
                }
                Rule::name => {}
                _ => out.clauses.extend(self.effect_clause(part)),
            }
        }
        out
    }

    fn effect_clause(&mut self, pair: Pair<'_>) -> Option<EffectClause> {
        Some(match pair.as_rule() {
            Rule::e_needs => EffectClause::Needs(self.words(pair)),
            Rule::e_requires => EffectClause::Requires(self.capabilities(pair)),
            Rule::e_requires_for => {
                let mut inner =
                    pair.into_inner().filter(|p| matches!(p.as_rule(), Rule::word | Rule::capability));
                let parameter = self.name(&inner.next()?);
                EffectClause::RequiresFor(parameter, self.capability(&inner.next()?))
            }
            Rule::e_delivery => EffectClause::Delivery(self.deliveries(pair).into_iter().next()?),
            Rule::e_engine => EffectClause::Engine,
            _ => return None,
        })
    }

    fn words(&self, pair: Pair<'_>) -> Vec<Name> {
        pair.into_inner().filter(|p| p.as_rule() == Rule::word).map(|p| self.name(&p)).collect()
    }

    fn capabilities(&self, pair: Pair<'_>) -> Vec<Name> {
        pair.into_inner().filter(|p| p.as_rule() == Rule::capability).map(|p| self.capability(&p)).collect()
    }

    /// `media by url`: one name, its words joined by one blank.
    fn capability(&self, pair: &Pair<'_>) -> Name {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        Name { text: words.join(" "), range: self.range(pair) }
    }

    fn deliveries(&mut self, pair: Pair<'_>) -> Vec<DeliveryLine> {
        pair.into_inner()
            .filter(|p| p.as_rule() == Rule::delivery_line)
            .filter_map(|p| self.delivery_line(p))
            .collect()
    }

    fn delivery_line(&mut self, pair: Pair<'_>) -> Option<DeliveryLine> {
        let (mut class, mut window, mut effect, mut of) = (None, None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => class = Some(self.name(&part)),
                Rule::delivery_for => window = self.only_expr(part),
                Rule::delivery_in => effect = self.words(part).pop(),
                Rule::delivery_of => {
                    let mut inner = part.into_inner();
                    class = inner.next().map(|p| self.name(&p));
                    of = inner.next().map(|p| self.name(&p));
                }
                _ => {}
            }
        }
        Some(DeliveryLine { class: class?, window, effect, of })
    }

    pub(super) fn trigger_decl(&mut self, pair: Pair<'_>) -> TriggerDecl {
        let mut out = TriggerDecl { on: None, params: Vec::new(), fields: Vec::new(), requires: Vec::new() };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => out.on = Some(self.name(&part)),
                Rule::params => out.params.extend(self.params(part)),
                Rule::fields => out.fields = self.fields(part),
                Rule::e_requires => out.requires = self.capabilities(part),
                _ => {}
            }
        }
        out
    }

    pub(super) fn channel_kind(&mut self, pair: Pair<'_>) -> ChannelKind {
        ChannelKind { lines: pair.into_inner().filter_map(|p| self.kind_line(p)).collect() }
    }

    fn kind_line(&mut self, pair: Pair<'_>) -> Option<ChannelKindLine> {
        Some(match pair.as_rule() {
            Rule::ck_can => ChannelKindLine::Can(self.capabilities(pair)),
            Rule::ck_cannot => ChannelKindLine::Cannot(self.capabilities(pair)),
            Rule::ck_delivery => ChannelKindLine::Delivery(self.deliveries(pair)),
            Rule::ck_redelivers => ChannelKindLine::Redelivers(self.only_expr(pair)?),
            Rule::ck_limit => {
                let keyword = |rule| matches!(rule, Rule::k_limit | Rule::k_per | Rule::k_by);
                let mut inner = pair.into_inner().filter(|p| !keyword(p.as_rule()));
                let (most, per) = (self.expr(inner.next()?), self.expr(inner.next()?));
                ChannelKindLine::Limit { most, per, by: self.name(&inner.next()?) }
            }
            Rule::ck_max => {
                let mut inner = pair.into_inner().filter(|p| p.as_rule() != Rule::k_max);
                let what = self.name(&inner.next()?);
                ChannelKindLine::Max(what, self.expr(inner.next()?))
            }
            _ => return None,
        })
    }

    pub(super) fn tag_decl(&mut self, pair: Pair<'_>) -> Option<TagDecl> {
        let (mut result, mut raw, mut by, mut by_next) = (None, false, None, false);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_expr => result = Some(self.type_expr(part)),
                Rule::k_raw => raw = true,
                Rule::k_by => by_next = true,
                Rule::word if by_next => by = Some(self.name(&part)),
                _ => {}
            }
        }
        Some(TagDecl { result: result?, raw, by })
    }

    pub(super) fn extern_fn(&mut self, pair: Pair<'_>) -> Option<ExternFn> {
        let (mut version, mut type_params, mut params, mut result) = (0, Vec::new(), Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::version => version = self.version(&part),
                Rule::type_params => type_params = self.type_params(part),
                Rule::params => params = self.params(part),
                Rule::type_expr => result = Some(self.type_expr(part)),
                _ => {}
            }
        }
        Some(ExternFn { version, type_params, params, result: result? })
    }
}
