//! Actions, as statements.

use super::condition::{Judged, judge};
use super::module::Module;
use super::place::Place;
use super::text::{Found, address, alone, literal, template};
use super::variables::Variables;
use crate::old::{Action, Branch};

/// A flow's body as it grows.
pub(super) struct Body<'m, 'k> {
    pub(super) module: &'m mut Module<'k>,
    pub(super) place: &'m Place,
    /// The flow's name in the source.
    pub(super) flow: &'m str,
    pub(super) variables: Variables,
}

impl Body<'_, '_> {
    /// The statements of a list of actions, a line each.
    pub(super) fn actions(&mut self, actions: &[Action]) -> Vec<String> {
        let mut out = Vec::new();
        for (number, action) in actions.iter().enumerate() {
            self.action(action, &mut out);
            let left = actions.len().saturating_sub(number).saturating_sub(1);
            if ends(action) && left > 0 {
                out.push(
                    self.note(format!("{left} more came after the end of the flow, and were never reached")),
                );
                break;
            }
        }
        out
    }

    fn action(&mut self, action: &Action, out: &mut Vec<String>) {
        match action {
            Action::Forward { to_channel } if self.place.has_message() => {
                let room = self.module.room(to_channel);
                out.push(format!("forward(message, to: {room})"));
            }
            Action::Forward { to_channel } => {
                out.push(self.left_out(&format!("`forward` to `{to_channel}`: there is no message")));
            }
            Action::Respond { message } => self.respond(message, out),
            Action::Broadcast { channels, message } => {
                let text = self.text(message);
                let rooms: Vec<String> = channels.iter().map(|old| self.module.room(old)).collect();
                out.push(format!("broadcast({text}, to: [{}])", rooms.join(", ")));
            }
            Action::Agent { agent, deliver_response } => self.agent(agent, *deliver_response, out),
            Action::Transform { template } => {
                let value = self.text(template);
                self.assign("transformed", &value, out);
            }
            Action::SetVariable { name, value } => {
                let value = self.text(value);
                self.assign(name, &value, out);
            }
            Action::Log { level, message } => {
                let text = self.text(message);
                out.push(match level.to_lowercase().as_str() {
                    "debug" | "trace" => format!("log({text}, level: debug)"),
                    "warn" | "warning" => format!("log({text}, level: warning)"),
                    "error" => format!("log({text}, level: error)"),
                    _ => format!("log({text})"),
                });
            }
            Action::Wait { seconds: 0 } => {}
            Action::Wait { seconds } => out.push(format!("wait({})", duration(*seconds))),
            Action::Branch { beside } => match Branch::of(beside) {
                Ok(branch) => self.branch(&branch, out),
                Err(error) => out.push(self.left_out(&format!("`branch`: {error}"))),
            },
            Action::Stop { error: false } => out.push("return".to_owned()),
            Action::Stop { error: true } => {
                out.push(
                    self.note("the old engine ended as cancelled here; now it fails, as it says".to_owned()),
                );
                out.push("fail(\"stopped\")".to_owned());
            }
            Action::Webhook { url, method, body } => self.webhook(url, method, body.as_ref(), out),
            Action::Execute { code } => {
                out.push(self.note(
                    "the old engine failed at code, always; what it should do has to be written".to_owned(),
                ));
                out.extend(code.lines().map(|line| format!("//   {line}")));
                out.push("fail(\"code of the old engine\")".to_owned());
            }
            Action::React { emoji } => self.react(emoji, out),
            Action::Parallel { actions } => self.parallel(actions, out),
            Action::Subflow { flow_id, wait, input } => self.subflow(flow_id, *wait, input, out),
        }
    }

    fn respond(&mut self, message: &str, out: &mut Vec<String>) {
        let text = self.text(message);
        out.push(match self.place {
            Place::Webhook => format!("respond(200, {text})"),
            place if place.answers() => format!("reply({text})"),
            _ => self.left_out(&format!(
                "`respond` with {text}: there is nobody to answer; `send(…, to: room)` says where"
            )),
        });
    }

    fn agent(&mut self, agent: &str, delivers: bool, out: &mut Vec<String>) {
        let name = self.module.agent(agent);
        let prompt = match self.place {
            Place::Message { .. } | Place::Command => "message.text".to_owned(),
            Place::Webhook => "\"{body}\"".to_owned(),
            Place::Custom => "payload[\"text\"] ?? \"\"".to_owned(),
            Place::Hand | Place::Called { .. } => "input[\"text\"] ?? \"\"".to_owned(),
            Place::Member { .. } => "\"{member.name}\"".to_owned(),
            Place::Schedule => literal(&format!("It is time for `{}`.", self.flow)),
        };
        let ask = format!("{name}.ask({prompt})");
        let line = match (delivers, self.place) {
            (true, Place::Webhook) => format!("respond(200, {ask})"),
            (true, place) if place.answers() => format!("reply({ask})"),
            (true, _) => {
                out.push(
                    self.note("the answer has nowhere to go: `send(…, to: room)` says where".to_owned()),
                );
                format!("log({ask})")
            }
            (false, _) => format!("log({ask})"),
        };
        out.push(line);
    }

    fn assign(&mut self, old: &str, value: &str, out: &mut Vec<String>) {
        if self.variables.is_read(old) {
            let name = self.variables.name(old);
            let word = self.variables.declare(old);
            out.push(format!("{word}{name} = {value}"));
        } else {
            let note = self.note(format!("`{old}` is set to {value}, and nothing reads it"));
            out.push(note);
        }
    }

    fn branch(&mut self, branch: &Branch, out: &mut Vec<String>) {
        out.push(self.note("the old engine took the first way, always; now it looks".to_owned()));
        let judged = match &branch.condition {
            Some(condition) => judge(self.module, self.place, condition),
            None => Judged::Left("the branch has no condition".to_owned()),
        };
        match judged {
            Judged::Is(condition) => {
                let (then, otherwise) = (self.actions(&branch.then), self.actions(&branch.otherwise));
                out.push(format!("if {condition} {{"));
                out.extend(then);
                if !otherwise.is_empty() {
                    out.push("} else {".to_owned());
                    out.extend(otherwise);
                }
                out.push("}".to_owned());
            }
            Judged::Left(why) => {
                out.push(self.note(why));
                let then = self.actions(&branch.then);
                out.extend(then);
            }
            Judged::Never(why) => {
                out.push(self.note(why));
                let otherwise = self.actions(&branch.otherwise);
                out.extend(otherwise);
            }
        }
    }

    fn webhook(&mut self, url: &str, method: &str, body: Option<&serde_json::Value>, out: &mut Vec<String>) {
        let Some(address) = address(url, &mut |name| find(&self.variables, self.place, self.module, name))
        else {
            let why = format!("`webhook` to {url}: the host of an address cannot come from outside");
            out.push(self.left_out(&why));
            return;
        };
        self.module.uses_http = true;
        let body = match body {
            None | Some(serde_json::Value::Null) => "\"\"".to_owned(),
            Some(serde_json::Value::String(text)) => self.text(text),
            Some(other) => self.text(&other.to_string()),
        };
        let line = match method.to_uppercase().as_str() {
            "GET" | "HEAD" => format!("http.get({address})"),
            "PUT" => format!("http.put({address}, {body})"),
            "DELETE" => format!("http.remove({address})"),
            "POST" => format!("http.post({address}, {body})"),
            other => {
                out.push(self.note(format!("{other} is sent as POST: there is no effect for it")));
                format!("http.post({address}, {body})")
            }
        };
        out.push(line);
    }

    fn react(&mut self, emoji: &str, out: &mut Vec<String>) {
        match self.place.old_channel().filter(|_| self.place.has_message()) {
            Some(old) => {
                if self.module.special_channel(old) {
                    out.push(
                        self.note("not every network has reactions: say on which one this is".to_owned()),
                    );
                }
                out.push(format!("react({})", literal(emoji)));
            }
            None => out.push(self.left_out(&format!("`react` with {emoji}: there is no message"))),
        }
    }

    fn parallel(&mut self, actions: &[Action], out: &mut Vec<String>) {
        out.push(self.note("the old engine did nothing here".to_owned()));
        if actions.iter().any(sets) {
            out.push(
                self.note("it sets variables, which branches cannot: one goes after the other".to_owned()),
            );
            let lines = self.actions(actions);
            out.extend(lines);
            return;
        }
        let branches: Vec<Vec<String>> =
            actions.iter().map(|action| self.actions(std::slice::from_ref(action))).collect();
        if branches.iter().all(|lines| lines.iter().all(|line| line.starts_with("//"))) {
            out.extend(branches.into_iter().flatten());
            return;
        }
        out.push("parallel {".to_owned());
        for lines in branches {
            match &lines[..] {
                [one] if !one.starts_with("return") => out.push(one.clone()),
                _ => {
                    out.push("do {".to_owned());
                    out.extend(lines);
                    out.push("}".to_owned());
                }
            }
        }
        out.push("}".to_owned());
    }

    fn subflow(
        &mut self,
        id: &str,
        wait: bool,
        input: &std::collections::BTreeMap<String, serde_json::Value>,
        out: &mut Vec<String>,
    ) {
        let Some(name) = self.module.called.get(id).cloned() else {
            let why = format!("`subflow` `{id}`: the file has no such flow");
            out.push(self.left_out(&why));
            return;
        };
        let pairs: Vec<String> = input
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    serde_json::Value::String(text) => self.text(text),
                    other => literal(&other.to_string()),
                };
                format!("{}: {value}", literal(key))
            })
            .collect();
        let input = if pairs.is_empty() { "[:]".to_owned() } else { format!("[{}]", pairs.join(", ")) };
        out.push(if wait { format!("{name}({input})") } else { format!("start {name}({input})") });
    }

    /// A template as a text.
    fn text(&mut self, text: &str) -> String {
        template(text, &mut |name| find(&self.variables, self.place, self.module, name))
    }

    /// What a variable is before it is set: the event's data of that name, or the name as it stands.
    pub(super) fn before_set(&mut self, old: &str) -> String {
        let found = self.place.field(self.module, old);
        alone(old, found)
    }

    pub(super) fn note(&mut self, text: String) -> String {
        format!("// note: {}", self.module.note(self.flow, text))
    }

    fn left_out(&mut self, what: &str) -> String {
        self.note(format!("left out: {what}"))
    }
}

/// Variables first, then the event's data.
fn find(variables: &Variables, place: &Place, module: &mut Module<'_>, name: &str) -> Found {
    match variables.get(name) {
        Some(variable) => Found::Is(variable.to_owned()),
        None => place.field(module, name),
    }
}

fn ends(action: &Action) -> bool {
    matches!(action, Action::Stop { .. } | Action::Execute { .. })
}

/// Whether it sets a variable, or leaves the flow.
fn sets(action: &Action) -> bool {
    match action {
        Action::SetVariable { .. }
        | Action::Transform { .. }
        | Action::Stop { .. }
        | Action::Execute { .. } => true,
        Action::Parallel { actions } => actions.iter().any(sets),
        Action::Branch { beside } => {
            Branch::of(beside).is_ok_and(|branch| branch.then.iter().chain(&branch.otherwise).any(sets))
        }
        _ => false,
    }
}

/// In the largest unit that says it exactly.
fn duration(seconds: u64) -> String {
    for (unit, name) in [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")] {
        if seconds.is_multiple_of(unit) {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}
