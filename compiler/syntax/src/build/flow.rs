//! Flows and tools: header, body, endings.

use super::{Builder, Pair};
use crate::ast::{
    Block, Debounce, Dedupe, Flow, FlowHeader, Limit, Name, Path, Serial, SerialBusy, Tool, TriggerArg,
    TriggerArgValue, TriggerRef,
};
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;

impl Builder<'_> {
    pub(super) fn flow(&mut self, pair: Pair<'_>) -> Option<Flow> {
        let (mut params, mut result, mut body) = (None, None, None);
        let mut header = FlowHeader::default();
        let mut endings = Endings::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::params => params = Some(self.params(part)),
                Rule::type_expr => result = Some(self.type_expr(part)),
                Rule::block => body = Some(self.block(part)),
                Rule::on_failure | Rule::on_cancel => self.ending(part, &mut endings),
                _ => self.clause(part, &mut header),
            }
        }
        let Endings { on_failure, on_cancel } = endings;
        Some(Flow { params, result, header, body: body?, on_failure, on_cancel })
    }

    pub(super) fn tool(&mut self, pair: Pair<'_>) -> Option<Tool> {
        let (mut params, mut result, mut timeout, mut body) = (Vec::new(), None, None, None);
        let mut endings = Endings::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::params => params = self.params(part),
                Rule::type_expr => result = Some(self.type_expr(part)),
                Rule::c_timeout => timeout = self.only_expr(part),
                Rule::block => body = Some(self.block(part)),
                Rule::on_failure | Rule::on_cancel => self.ending(part, &mut endings),
                _ => {}
            }
        }
        let Endings { on_failure, on_cancel } = endings;
        Some(Tool { params, result, timeout, body: body?, on_failure, on_cancel })
    }

    fn ending(&mut self, pair: Pair<'_>, endings: &mut Endings) {
        let range = self.range(&pair);
        let failure = pair.as_rule() == Rule::on_failure;
        let (mut name, mut body) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::block => body = Some(self.block(part)),
                _ => {}
            }
        }
        let Some(body) = body else { return };
        let twice = if failure {
            endings.on_failure.replace((name, body)).is_some()
        } else {
            endings.on_cancel.replace(body).is_some()
        };
        if twice {
            let what = if failure { "on failure" } else { "on cancel" };
            self.twice(what, TextRange::new(range.start, range.start + what.len() as u32));
        }
    }

    fn twice(&mut self, what: &str, range: TextRange) {
        self.problem(codes::CLAUSE_TWICE, range, format!("`{what}` stands here for the second time")).help =
            Some("a flow has it once: put both into one".to_owned());
    }

    /// One clause of the header. A second one of its kind is told and not taken.
    fn clause(&mut self, pair: Pair<'_>, header: &mut FlowHeader) {
        let range = self.range(&pair);
        let word = self.slice(range).split_whitespace().next().unwrap_or_default().to_owned();
        let twice = match pair.as_rule() {
            Rule::c_on => {
                let twice = !header.triggers.is_empty();
                for part in pair.into_inner().filter(|p| p.as_rule() == Rule::trigger_ref) {
                    let trigger = self.trigger_ref(part);
                    if !twice {
                        header.triggers.push(trigger);
                    }
                }
                twice
            }
            Rule::c_where => put(&mut header.guard, self.only_expr(pair)),
            Rule::c_limit => {
                header.limits.extend(self.limit(pair));
                false
            }
            Rule::c_debounce => {
                let parts = self.duration_by(pair);
                put(&mut header.debounce, parts.map(|(duration, by)| Debounce { duration, by }))
            }
            Rule::c_dedupe => {
                let mut both = self.keys(pair).into_iter();
                let dedupe = both.next().zip(both.next()).map(|(key, duration)| Dedupe { key, duration });
                put(&mut header.dedupe, dedupe)
            }
            Rule::c_serial => put(&mut header.serial, Some(self.serial(pair))),
            Rule::c_timeout => put(&mut header.timeout, self.only_expr(pair)),
            Rule::c_priority => put(&mut header.priority, self.only_expr(pair)),
            Rule::c_exclusive => put(&mut header.exclusive, Some(range)),
            Rule::c_observes => put(&mut header.observes, Some(range)),
            Rule::c_filter => put(&mut header.filter, Some(range)),
            Rule::c_cancellable => {
                let words = self.keys(pair);
                let twice = !header.cancellable.is_empty();
                if !twice {
                    header.cancellable = words;
                }
                twice
            }
            Rule::broken => {
                if self.slice(self.broken_range(&pair)).starts_with("on") && header.triggers.is_empty() {
                    header.triggers.push(self.missing_trigger(&pair));
                }
                false
            }
            _ => false,
        };
        if twice {
            self.twice(&word, TextRange::new(range.start, range.start + word.len() as u32));
        }
    }

    /// Stands for the triggers of an `on` that did not parse.
    fn missing_trigger(&mut self, pair: &Pair<'_>) -> TriggerRef {
        let range = self.broken_range(pair);
        let name = Name { text: String::new(), range };
        TriggerRef { id: self.id(), range, path: Path { names: vec![name] }, args: None }
    }

    fn limit(&mut self, pair: Pair<'_>) -> Option<Limit> {
        let range = self.range(&pair);
        let (mut numbers, mut by, mut otherwise) = (Vec::new(), Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::operand_plain => numbers.push(self.expr(part)),
                Rule::keys => by = self.keys(part),
                Rule::block => otherwise = Some(self.block(part)),
                _ => {}
            }
        }
        let mut numbers = numbers.into_iter();
        Some(Limit { count: numbers.next()?, per: numbers.next(), by, otherwise, range })
    }

    fn duration_by(&mut self, pair: Pair<'_>) -> Option<(crate::ast::Expr, Vec<crate::ast::Expr>)> {
        let (mut duration, mut by) = (None, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::operand_plain => duration = Some(self.expr(part)),
                Rule::keys => by = self.keys(part),
                _ => {}
            }
        }
        duration.map(|d| (d, by))
    }

    fn serial(&mut self, pair: Pair<'_>) -> Serial {
        let range = self.range(&pair);
        let mut out = Serial { lane: None, by: Vec::new(), busy: SerialBusy::Queue, range };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => out.lane = Some(self.name(&part)),
                Rule::keys => out.by = self.keys(part),
                Rule::k_drop => out.busy = SerialBusy::Drop,
                Rule::k_replace => out.busy = SerialBusy::Replace,
                _ => {}
            }
        }
        out
    }

    pub(super) fn trigger_ref(&mut self, pair: Pair<'_>) -> TriggerRef {
        let (id, range) = (self.id(), self.range(&pair));
        let (mut path, mut args) = (Path { names: Vec::new() }, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => path = self.path(part),
                _ => args = Some(part.into_inner().filter_map(|a| self.trigger_arg(a)).collect()),
            }
        }
        TriggerRef { id, range, path, args }
    }

    fn trigger_arg(&mut self, pair: Pair<'_>) -> Option<TriggerArg> {
        let (mut name, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::upper_type => value = Some(TriggerArgValue::Type(self.type_expr(part))),
                _ => value = Some(TriggerArgValue::Expr(self.expr(part))),
            }
        }
        Some(TriggerArg { name, value: value? })
    }
}

#[derive(Default)]
struct Endings {
    on_failure: Option<(Option<Name>, Block)>,
    on_cancel: Option<Block>,
}

/// Puts `value` where nothing is yet; whether something was.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if place.is_some() {
        return true;
    }
    *place = value;
    false
}
