//! One statement of a test.

use crate::given::Given;
use crate::happen::Args;
use crate::matching::Pattern;
use crate::report::FailureClass;
use crate::world::{Step, World};
use carapace_engine::{Input, Key, Person, Reply};
use carapace_module::testing::{CallTarget, TestOp};
use carapace_module::{Type, Value, json};
use std::sync::Arc;

impl World {
    /// Carries out a statement.
    pub(crate) fn carry_out(&mut self, op: &TestOp, args: Vec<Value>) -> Step {
        let mut args = args.into_iter();
        match op {
            TestOp::Given { pattern, answers, .. } => {
                let pattern = Pattern::take(pattern, &mut args);
                if let CallTarget::Flow(flow) = &pattern.target {
                    let message = format!(
                        "`{}` is a flow of this package, and runs as it is",
                        crate::transcript::short(flow)
                    );
                    let mut failure = self.failure(FailureClass::Impossible, message);
                    failure.help = Some("say what the effects in it answer".to_owned());
                    return Err(failure);
                }
                self.givens.push(Given::answers(pattern, answers, &mut args));
                Ok(())
            }
            TestOp::Script { pattern, calls, says } => {
                let pattern = Pattern::take(pattern, &mut args);
                self.givens.push(Given::script(pattern, calls, *says, &mut args));
                Ok(())
            }
            TestOp::GivenSetting(name) => self.give_setting(name, args.next()),
            TestOp::GivenGroup(name) => {
                let members = args.next().unwrap_or(Value::None);
                let members =
                    members.as_list().unwrap_or_default().iter().filter_map(|who| self.member(who)).collect();
                self.people.set_group(name, members);
                self.described.insert(name.clone());
                self.undeploy();
                Ok(())
            }
            TestOp::GivenState(name) => {
                self.deploy()?;
                let mut parts: Vec<Value> = args.collect();
                let value = parts.pop().unwrap_or(Value::None);
                let input = Input::SetState { name: name.clone(), key: Key::of(&parts), value };
                match self.core.submit(self.now, input).reply {
                    Reply::Rejected(rejection) => {
                        Err(self.failure(FailureClass::Impossible, rejection.message))
                    }
                    _ => self.settle(),
                }
            }
            TestOp::GivenTime => match args.next() {
                Some(Value::Time(time)) => self.set_time(time),
                Some(value) => {
                    let text = value.as_text().unwrap_or_default().into();
                    match json::from_json(
                        &serde_json::Value::String(text),
                        &Type::Time,
                        &self.loaded.module().types,
                    ) {
                        Ok(Value::Time(time)) => self.set_time(time),
                        _ => Err(self.failure(FailureClass::Impossible, "this is not a time")),
                    }
                }
                _ => Ok(()),
            },
            TestOp::Event { place, verb, args: names } => {
                let all = names.iter().zip(args).map(|((name, ty), value)| (&**name, ty, value)).collect();
                self.happen(place.as_ref(), verb, &Args { all })
            }
            TestOp::Advance => match args.next() {
                Some(Value::Duration(ms)) => self.advance_to(self.now.saturating_add(ms.max(0))),
                _ => Ok(()),
            },
            TestOp::Crash => self.crash(),
            TestOp::CrashAfterEachAwait => {
                self.crash_each = true;
                Ok(())
            }
            TestOp::Channel { channel, up } => self.channel(channel, *up),
            TestOp::Expect { negated, expect, source } => self.expect(*negated, expect, source, &mut args),
            TestOp::ExpectInOrder(all) => self.expect_in_order(all, &mut args),
        }
    }

    fn give_setting(&mut self, name: &Arc<str>, value: Option<Value>) -> Step {
        let code = Arc::clone(&self.loaded.code);
        let module = code.module();
        let setting = module.settings.iter().find(|setting| setting.name == *name);
        let json =
            setting.zip(value).map(|(setting, value)| json::to_json(&value, &setting.ty, &module.types));
        match json {
            Some(Ok(json)) => {
                self.settings.insert(name.clone(), json);
                self.undeploy();
                Ok(())
            }
            _ => Err(self.failure(FailureClass::Impossible, format!("`{name}` cannot be given this value"))),
        }
    }

    /// A member of a group: by name, or as a `User`.
    fn member(&self, who: &Value) -> Option<Person> {
        if let Some(name) = who.as_text() {
            return Some(self.people.person(name));
        }
        let id = who.slot(0)?.as_text()?;
        let name = who.slot(1).and_then(Value::as_text).unwrap_or(id);
        let mut person = self.people.person(id);
        person.name = name.into();
        if let Some(channel) = who.slot(4).and_then(Value::as_text).filter(|channel| !channel.is_empty()) {
            person.account = self.people.account(channel).cloned().unwrap_or_else(|| channel.into());
        }
        Some(person)
    }
}
