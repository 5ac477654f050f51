//! `expect …`: whether it happened.

use crate::matching::{Called, Pattern, Wanted};
use crate::notation::{notation, quoted};
use crate::people::Spot;
use crate::report::{Difference, FailureClass};
use crate::transcript::{Happening, Output, short};
use crate::world::{Step, World, end_words};
use carapace_effect::{Life, RunId};
use carapace_engine::stored::{End, Phase};
use carapace_module::signature::TriggerSpec;
use carapace_module::testing::{CallPattern, CallTarget, ExpectOp, Place, TextMatch};
use carapace_module::{Type, Value};
use std::sync::Arc;

type Values<'a> = dyn Iterator<Item = Value> + 'a;

impl World {
    /// Carries out one expectation.
    pub(crate) fn expect(
        &mut self,
        negated: bool,
        expect: &ExpectOp,
        source: &Arc<str>,
        args: &mut Values<'_>,
    ) -> Step {
        self.deploy()?;
        self.expect_from(0, negated, expect, source, args).map(drop)
    }

    /// `in order`: each behind the one before.
    pub(crate) fn expect_in_order(
        &mut self,
        all: &[(bool, ExpectOp, Arc<str>)],
        args: &mut Values<'_>,
    ) -> Step {
        self.deploy()?;
        let mut from = 0;
        for (negated, expect, source) in all {
            from = self.expect_from(from, *negated, expect, source, args).map_err(|mut failure| {
                // The statement is the whole list.
                failure.message = format!("`{source}`: {}", failure.message);
                failure
            })?;
        }
        Ok(())
    }

    /// Looks only at what was put out from this place in the transcript on; gives the place behind.
    fn expect_from(
        &mut self,
        from: usize,
        negated: bool,
        expect: &ExpectOp,
        source: &Arc<str>,
        args: &mut Values<'_>,
    ) -> Step<usize> {
        let result = match expect {
            ExpectOp::Output { place, verb, text, args: names } => {
                let wanted = wanted(*text, args);
                let named: Vec<(&Arc<str>, Option<Value>)> =
                    names.iter().map(|name| (name, args.next())).collect();
                let Place::Slot(slot) = place;
                return self.output(from, negated, slot, verb, &wanted, &named, source);
            }
            ExpectOp::Called { pattern, times } => self.was_called(negated, pattern, *times, args),
            ExpectOp::Run { flow, status } => self.run_is(negated, flow, status),
            ExpectOp::NothingElse => self.nothing_else(negated),
            ExpectOp::Condition { shown } => self.condition(negated, shown, args),
        };
        match result {
            Ok(()) => Ok(from),
            Err(mut failure) => {
                failure.source = Some(source.clone());
                Err(failure)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one sentence: where, what, how, to whom")]
    fn output(
        &mut self,
        from: usize,
        negated: bool,
        slot: &Arc<str>,
        verb: &str,
        wanted: &Wanted,
        named: &[(&Arc<str>, Option<Value>)],
        source: &Arc<str>,
    ) -> Step<usize> {
        let fits = |output: &Output| {
            &*output.verb == verb
                && self.is_at(slot, output, named)
                && wanted.fits(&output.text)
                && !output.expected
        };
        let found = self.outputs().find(|(i, output)| *i >= from && fits(output)).map(|(i, _)| i);
        match (found, negated) {
            (Some(index), false) => {
                if let Some(entry) = self.transcript.get_mut(index)
                    && let Happening::Output(output) = &mut entry.what
                {
                    output.expected = true;
                }
                Ok(index + 1)
            }
            (None, true) => Ok(from),
            (Some(index), true) => {
                let words =
                    self.transcript.get(index).map(crate::transcript::Entry::text).unwrap_or_default();
                let mut failure =
                    self.failure(FailureClass::Expectation, format!("this was not to happen: {words}"));
                failure.source = Some(source.clone());
                Err(failure)
            }
            (None, false) => {
                let place = short(slot);
                let mut failure = self
                    .failure(FailureClass::Expectation, format!("nothing like this was {verb} in `{place}`"));
                let near = self.nearest(from, slot, verb, wanted, named);
                if let Some(near) = near {
                    failure.difference = Some(beside(wanted, &near.text));
                } else {
                    failure.help = self.elsewhere(from, verb, wanted, slot);
                }
                failure.source = Some(source.clone());
                Err(failure)
            }
        }
    }

    fn is_at(&self, slot: &str, output: &Output, named: &[(&Arc<str>, Option<Value>)]) -> bool {
        let spot = Spot { account: output.account.clone(), conversation: output.conversation.clone() };
        let to = named.iter().find(|(name, _)| matches!(&***name, "to" | "in"));
        let addressed = match to.and_then(|(_, value)| value.as_ref()) {
            Some(value) => names_of(value)
                .iter()
                .any(|name| *output.conversation == **name || short(&output.conversation) == name),
            None => true,
        };
        let here = self.people.is_in(slot, &spot)
            || (to.is_some() && self.people.account(slot).is_some_and(|account| *account == output.account));
        here && addressed
    }

    /// The untaken output at the place that reads most like the wanted one.
    fn nearest(
        &self,
        from: usize,
        slot: &str,
        verb: &str,
        wanted: &Wanted,
        named: &[(&Arc<str>, Option<Value>)],
    ) -> Option<&Output> {
        self.outputs()
            .filter(|(i, output)| {
                *i >= from && &*output.verb == verb && self.is_at(slot, output, named) && !output.expected
            })
            .map(|(_, output)| output)
            .max_by_key(|output| alike(&output.text, &wanted.text))
    }

    /// Where it was said instead, or that it was taken already.
    fn elsewhere(&self, from: usize, verb: &str, wanted: &Wanted, slot: &str) -> Option<String> {
        let (index, output) =
            self.outputs().find(|(_, output)| wanted.fits(&output.text) && wanted.how != TextMatch::Any)?;
        let same_place = *output.slot == *slot;
        Some(if output.expected {
            "it was said once, and an earlier `expect` has taken that".to_owned()
        } else if &*output.verb != verb {
            format!("it was {}, not {verb}", output.verb)
        } else if same_place && index < from {
            "it was there before what stands above it in the list".to_owned()
        } else if same_place {
            format!("it was {verb} to `{}`", short(&output.conversation))
        } else {
            format!("it was {verb} in `{}`, not in `{}`", short(&output.slot), short(slot))
        })
    }

    fn was_called(&self, negated: bool, pattern: &CallPattern, times: bool, args: &mut Values<'_>) -> Step {
        let mut values = args;
        let pattern = Pattern::take(pattern, &mut values);
        let wanted = if times { values.next() } else { None };
        let calls: Vec<&Called> = self.calls.iter().filter(|call| pattern.about(&call.target)).collect();
        let count = calls.iter().filter(|call| pattern.matches(call)).count();
        let holds = match &wanted {
            Some(Value::Int(times)) => i64::try_from(count).is_ok_and(|count| count == *times),
            _ => count > 0,
        };
        if holds != negated {
            return Ok(());
        }
        let name = self.target_words(&pattern.target);
        let mut failure = self.failure(
            FailureClass::Expectation,
            match (&wanted, negated) {
                (Some(Value::Int(times)), false) => {
                    let noun = if count == 1 { "time" } else { "times" };
                    format!("`{name}` was called {count} {noun}, not {times}")
                }
                (_, true) => format!("`{name}` was called, and should not have been"),
                _ if calls.is_empty() => format!("`{name}` was not called"),
                _ => format!("`{name}` was called, but with other arguments"),
            },
        );
        if count == 0
            && let Some(differs) = calls.last().and_then(|call| self.difference(&pattern, call))
        {
            failure.help = Some(format!("in the last call {differs}"));
        }
        Err(failure)
    }

    /// In what a call is not the one that the pattern means, in words.
    pub(crate) fn difference(&self, pattern: &Pattern, call: &Called) -> Option<String> {
        let (name, wanted, found) = pattern.misses(call)?;
        let ty = self.parameter(&pattern.target, name);
        let shown = |value: &Value| notation(value, &ty, &self.loaded.module().types);
        Some(match found {
            Some(found) => format!("`{name}` is {}, not {}", shown(found), shown(wanted)),
            None => format!("`{name}` is not given"),
        })
    }

    /// The type of a parameter of what is called.
    fn parameter(&self, target: &CallTarget, name: &str) -> Type {
        let module = self.loaded.module();
        let params = match target {
            CallTarget::Flow(flow) => module.flows.iter().find(|f| f.name == *flow).map(|f| &f.params),
            CallTarget::Effect { effect, version, .. } => {
                let found = module.effects.iter().find(|e| e.name == *effect && e.version == *version);
                found.map(|e| &e.params)
            }
        };
        let param = params.into_iter().flatten().find(|(other, _)| **other == *name);
        param.map_or(Type::Error, |(_, ty)| ty.clone())
    }

    fn run_is(&self, negated: bool, flow: &Arc<str>, wanted: &str) -> Step {
        let runs: Vec<RunId> =
            self.runs.iter().filter(|(_, name)| name == flow).map(|(run, _)| *run).collect();
        let found = runs.last().map(|run| self.status(*run));
        let holds = match (&found, wanted) {
            (None, _) => false,
            (Some(_), "started") => true,
            (Some((status, _)), wanted) => *status == wanted,
        };
        if holds != negated {
            return Ok(());
        }
        let name = short(flow);
        let not = if negated { "not " } else { "" };
        let message = match &found {
            None => format!("`{name}` was never started"),
            Some((_, words)) => format!("the last run of `{name}` {words}; expected: {not}{wanted}"),
        };
        let mut failure = self.failure(FailureClass::Expectation, message);
        failure.help = match runs.last() {
            Some(run) if !negated && wanted == "unknown" => self.sent_again(*run),
            None if !negated => self.only_called(flow).or_else(|| self.clock_for(flow)),
            _ => None,
        };
        Err(failure)
    }

    /// A sub-flow that was called is no run of its own.
    fn only_called(&self, flow: &Arc<str>) -> Option<String> {
        let called = self.calls.iter().any(|call| call.target == CallTarget::Flow(flow.clone()));
        let name = short(flow);
        called.then(|| format!("it was called, as a part of another run: `expect {name}.called`"))
    }

    /// What is unknown and may be repeated is first sent again for a while.
    fn sent_again(&self, run: RunId) -> Option<String> {
        let run = self.core.state().runs.get(run)?;
        let again =
            run.operations.values().flat_map(|operation| operation.parts()).any(|p| p.resend.is_some());
        again.then(|| "it is sent again first, because that is safe here: `advance 1m`".to_owned())
    }

    /// What time it is, for a flow that starts by the clock.
    fn clock_for(&self, flow: &str) -> Option<String> {
        let flow = self.loaded.module().flows.iter().find(|known| *known.name == *flow)?;
        let by_clock = flow.triggers.iter().any(|trigger| {
            matches!(trigger.spec, TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_))
        });
        let now = notation(&Value::Time(self.now), &Type::Time, &self.loaded.module().types);
        by_clock.then(|| format!("the clock stands at {now}; `advance` moves it"))
    }

    /// A run's status in the words of expectations, and at more length.
    fn status(&self, id: RunId) -> (&'static str, String) {
        let state = self.core.state();
        let ended = |end: &End| {
            let word = match end {
                End::Succeeded(_) => "succeeded",
                End::Failed(_) | End::Fault(_) => "failed",
                End::Cancelled(_) => "cancelled",
            };
            (word, end_words(end))
        };
        if let Some(run) = state.runs.get(id) {
            let all = run.operations.values().chain(run.settling.values());
            if all.flat_map(|operation| operation.parts()).any(|part| part.life == Life::Unknown) {
                return ("unknown", "waits for a person: nobody knows whether a step happened".to_owned());
            }
            return match &run.phase {
                Phase::Over(end) => ended(end),
                Phase::Queued => ("waiting", "waits in its lane".to_owned()),
                _ => ("waiting", "is waiting".to_owned()),
            };
        }
        match state.finished.iter().rev().find(|summary| summary.run == id) {
            Some(summary) => ended(&summary.end),
            None => ("finished", "has finished".to_owned()),
        }
    }

    fn nothing_else(&self, negated: bool) -> Step {
        let left: Vec<String> = self
            .outputs()
            .filter(|(_, output)| !output.expected && &*output.verb != "typing")
            .map(|(_, output)| output.words())
            .collect();
        match (left.first(), negated) {
            (None, false) | (Some(_), true) => Ok(()),
            (None, true) => Err(self.failure(FailureClass::Expectation, "there is nothing else")),
            (Some(first), false) => {
                let more =
                    if left.len() > 1 { format!(", and {} more", left.len() - 1) } else { String::new() };
                Err(self
                    .failure(FailureClass::Expectation, format!("there is something else: {first}{more}")))
            }
        }
    }

    fn condition(&self, negated: bool, shown: &[Type], args: &mut Values<'_>) -> Step {
        let holds = matches!(args.next(), Some(Value::Bool(true)));
        let types = &self.loaded.module().types;
        let values: Vec<String> =
            shown.iter().zip(args).map(|(ty, value)| notation(&value, ty, types)).collect();
        if holds != negated {
            return Ok(());
        }
        let message = if negated { "this was not to hold" } else { "this does not hold" };
        let mut failure = self.failure(FailureClass::Expectation, message);
        match values.as_slice() {
            [left, right] if left != right => {
                failure.difference = Some(Difference { expected: right.clone(), found: left.clone() });
            }
            [value] | [value, _] => failure.message = format!("{message}: it is {value}"),
            _ => {}
        }
        Err(failure)
    }
}

fn wanted(how: TextMatch, args: &mut Values<'_>) -> Wanted {
    let text = match how {
        TextMatch::Any => String::new(),
        _ => match args.next() {
            Some(Value::Text(text) | Value::Regex(text)) => text.0.to_string(),
            // Content: its text is its first field.
            Some(value) => value.slot(0).and_then(Value::as_text).unwrap_or_default().to_owned(),
            None => String::new(),
        },
    };
    Wanted { how, text }
}

/// Expected and found. Texts of several lines are shown as such, to be compared line by line.
fn beside(wanted: &Wanted, found: &str) -> Difference {
    if wanted.how == TextMatch::Equals && (wanted.text.contains('\n') || found.contains('\n')) {
        return Difference { expected: wanted.text.clone(), found: found.to_owned() };
    }
    Difference { expected: describe(wanted), found: quoted(found) }
}

fn describe(wanted: &Wanted) -> String {
    match wanted.how {
        TextMatch::Any => "anything".to_owned(),
        TextMatch::Equals => quoted(&wanted.text),
        TextMatch::Containing => format!("containing {}", quoted(&wanted.text)),
        TextMatch::Matching => format!("matching re\"{}\"", wanted.text),
    }
}

/// Everything in a value that could name somebody or some place.
fn names_of(value: &Value) -> Vec<String> {
    if let Some(text) = value.as_text() {
        return vec![text.to_owned()];
    }
    (0..8).filter_map(|i| value.slot(i)).flat_map(names_of).collect()
}

/// How alike two texts are: characters in common at both ends.
fn alike(a: &str, b: &str) -> usize {
    let start = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    start + end
}
