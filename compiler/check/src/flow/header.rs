//! Header clauses: pure, and numbers known when compiled.

use super::guard_marks::required;
use crate::code;
use crate::infer::{Body, Mode, Want};
use crate::tree::{Expr, Flow, Limit};
use carapace_module::signature::Busy;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, SerialBusy};
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// All clauses but the triggers and `timeout`.
    pub(crate) fn header(&mut self, made: &mut Flow, header: &'a ast::FlowHeader, full: &Arc<str>) {
        let starts = !header.triggers.is_empty();
        self.refuse_on_sub_flow(header, starts);
        if let Some(guard) = &header.guard {
            self.guard(made, guard);
        }
        for limit in &header.limits {
            let count = self.known_int(&limit.count, "a limit");
            let per = limit.per.as_ref().map(|d| self.known_duration(d, "the window of a limit"));
            let key = self.keys(&limit.by);
            let otherwise = limit.otherwise.as_ref().map(|b| {
                self.result = Some(Type::Nothing);
                let block = self.block(b, Want::Discard).0;
                self.result = None;
                block
            });
            if let (Some(count), Some(per)) = (count, per.map_or(Some(None), |p| p.map(Some))) {
                made.limits.push(Limit { count, per, key, otherwise });
            }
        }
        if let Some(debounce) = &header.debounce {
            let keys = self.keys(&debounce.by);
            made.debounce = self.known_duration(&debounce.duration, "a debounce").map(|ms| (ms, keys));
        }
        if let Some(dedupe) = &header.dedupe {
            let key = self.keys(std::slice::from_ref(&dedupe.key)).into_iter().next_back();
            let ms = self.known_duration(&dedupe.duration, "how long events are remembered");
            made.dedupe = key.zip(ms);
        }
        if let Some(serial) = &header.serial {
            self.serial(made, header, serial, full);
        }
        if let Some(priority) = &header.priority {
            made.priority = self.known_int(priority, "a priority").unwrap_or(0);
        }
        made.exclusive = header.exclusive.is_some();
        made.observes = header.observes.is_some();
        for word in &header.cancellable {
            let value = self.check(word, &Type::Text);
            if let Some(text) = self.known_text(&value, "a word that cancels") {
                made.cancellable.push(Arc::from(text.trim().to_lowercase()));
            }
        }
        if header.filter.is_some() {
            self.refuse_on_filter(header);
        }
        let person = |name: &str| self.names.iter().any(|(known, _)| **known == *name);
        if let (Some(word), true) = (header.cancellable.first(), starts)
            && !(person("sender") && person("conversation"))
        {
            self.header_clash(
                word.range,
                "`cancellable by` is about the person who started the run, and here nobody does",
                "leave it out, or end the run from another flow with `cancel(run)`",
            );
        }
    }

    /// A filter decides at once, for every event and before all others.
    fn refuse_on_filter(&mut self, header: &'a ast::FlowHeader) {
        if let Some(observes) = header.observes {
            self.header_clash(
                observes,
                "a `filter` comes before all others and cannot `observe` what they leave",
                "take one of the two",
            );
        }
        let clauses = [
            (header.limits.first().map(|limit| limit.count.range), "limit"),
            (header.debounce.as_ref().map(|debounce| debounce.duration.range), "debounce"),
            (header.dedupe.as_ref().map(|dedupe| dedupe.key.range), "dedupe"),
            (header.serial.as_ref().map(|serial| serial.range), "serial"),
            (header.timeout.as_ref().map(|timeout| timeout.range), "timeout"),
            (header.exclusive, "exclusive"),
            (header.cancellable.first().map(|word| word.range), "cancellable by"),
        ];
        for (range, clause) in clauses {
            if let Some(range) = range {
                self.header_clash(
                    range,
                    &format!(
                        "a `filter` decides at once about every event, so `{clause}` has no meaning for it"
                    ),
                    "let the filter decide, and put this on a flow behind it",
                );
            }
        }
    }

    fn refuse_on_sub_flow(&mut self, header: &'a ast::FlowHeader, starts: bool) {
        if starts {
            return;
        }
        let range = header
            .guard
            .as_ref()
            .map(|g| (g.range, "where"))
            .or_else(|| header.limits.first().map(|l| (l.range, "limit")))
            .or_else(|| header.debounce.as_ref().map(|d| (d.duration.range, "debounce")))
            .or_else(|| header.dedupe.as_ref().map(|d| (d.key.range, "dedupe")))
            .or_else(|| header.exclusive.map(|r| (r, "exclusive")))
            .or_else(|| header.observes.map(|r| (r, "observes")))
            .or_else(|| header.filter.map(|r| (r, "filter")));
        if let Some((range, word)) = range {
            self.header_clash(
                range,
                &format!("`{word}` is about events, and a sub-flow is called"),
                "put it on the flow that starts by itself: `flow name on … `",
            );
        }
    }

    fn guard(&mut self, made: &mut Flow, guard: &'a ast::Expr) {
        let mode = std::mem::replace(&mut self.mode, Mode::Guard("a guard"));
        let before = std::mem::take(&mut self.reads_state);
        let (expr, shown) = self.scoped(|inner| inner.cond(guard));
        made.guard_reads_state = self.reads_state;
        self.reads_state = before;
        self.mode = mode;
        let needed = required(&expr, made, &self.cx.program.types);
        for trigger in &mut made.triggers {
            trigger.required_words.clone_from(&needed.words);
            trigger.required_marks.clone_from(&needed.marks);
        }
        made.guard = Some(expr);
        drop(shown);
    }

    /// Parts of keys: people and conversations by channel and id.
    fn keys(&mut self, keys: &'a [ast::Expr]) -> Vec<Expr> {
        let mode = std::mem::replace(&mut self.mode, Mode::Guard("a key"));
        let mut parts = Vec::with_capacity(keys.len());
        for key in keys {
            let value = self.infer_value(key);
            let values = self.key_parts_of(value);
            for part in values {
                if crate::ty::is_keyable(&self.cx.program.types, &part.ty) {
                    parts.push(part);
                } else {
                    let shown = self.cx.show(&part.ty);
                    let told = self
                        .told(code::KEY, key.range, format!("a `{shown}` cannot be a key"))
                        .help("use `sender`, `conversation`, a text, a number, or a tag without fields");
                    self.report(told);
                }
            }
        }
        self.mode = mode;
        parts
    }

    fn serial(
        &mut self,
        made: &mut Flow,
        header: &'a ast::FlowHeader,
        serial: &'a ast::Serial,
        full: &Arc<str>,
    ) {
        if header.timeout.is_none() {
            let told = self
                .told(code::SERIAL_WITHOUT_TIMEOUT, serial.range, "`serial` needs a `timeout`")
                .help("a run that never ends would hold up all others of its key: add `timeout 1h`");
            self.report(told);
        }
        let lane = match &serial.lane {
            Some(lane) => self.cx.name_in(self.at.module, &lane.text),
            None => full.clone(),
        };
        let keys = self.keys(&serial.by);
        let busy = match serial.busy {
            SerialBusy::Queue => Busy::Queue,
            SerialBusy::Drop => Busy::Drop,
            SerialBusy::Replace => Busy::Replace,
        };
        made.serial = Some((lane, keys, busy));
    }

    /// Whether the constant is a text. Used by guards' words.
    pub(crate) fn literal_text(value: &Value) -> Option<&str> {
        match value {
            Value::Text(text) => Some(&text.0),
            _ => None,
        }
    }
}
