//! What a flow's manifest allows: checked before a request of its run is made, whoever made the module.

use crate::decide::world::{field_text, tag};
use carapace_effect::{EffectRequest, RequestKind, WaitRequest};
use carapace_module::signature::{Capabilities, DeliveryClass, EffectSignature, TriggerSpec};
use carapace_module::{Module, Type, TypeTable, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The code of the fault.
const CODE: &str = "E0521";
/// Words before a slot's name in a manifest.
const SLOTS: [&str; 5] = ["room", "channel", "group", "agent", "connection"];
/// Parameters that a slot before the dot is handed over as.
const RECEIVERS: [&str; 4] = ["agent", "channel", "connection", "room"];

/// The manifests of a module's flows, for looking things up.
#[derive(Debug, Default)]
pub(crate) struct Permits {
    flows: BTreeMap<Arc<str>, Permit>,
    /// By name and version.
    effects: FxHashMap<(Arc<str>, u32), Shape>,
}

/// One flow's.
#[derive(Debug, Default)]
struct Permit {
    /// All lines.
    lines: FxHashSet<Arc<str>>,
    /// The last names of the effects that occur in them.
    verbs: FxHashSet<Arc<str>>,
    /// States by their index in the module.
    reads: FxHashSet<u32>,
    writes: FxHashSet<u32>,
    /// Hosts, and whether more may stand behind them; none where any is allowed.
    hosts: Option<Vec<(Arc<str>, bool)>>,
}

/// Where an effect says what it is about.
#[derive(Debug)]
struct Shape {
    /// The parameter that holds a slot before the dot.
    receiver: bool,
    /// The parameter that says where it goes.
    target: Option<usize>,
}

impl Permits {
    /// Those of a module. A flow without a manifest may do nothing that leaves it.
    pub(crate) fn of(module: &Module) -> Permits {
        let flows = module.capabilities.iter().map(|of| (of.flow.clone(), Permit::of(of, module))).collect();
        let shapes = module
            .effects
            .iter()
            .map(|effect| ((effect.name.clone(), effect.version), Shape::of(effect, &module.types)));
        Permits { flows, effects: shapes.collect() }
    }

    /// Whether a run of the flow may ask for it.
    ///
    /// # Errors
    /// What it may not, as its fault says it.
    pub(crate) fn request(&self, flow: &str, kind: &RequestKind, types: &TypeTable) -> Result<(), String> {
        let what = match kind {
            RequestKind::Effect(effect) => self.effect(flow, effect, types),
            RequestKind::Await(wait) | RequestKind::Listen(wait) => self.wait(flow, wait),
            // A run that is started has a manifest of its own; the rest only waits.
            RequestKind::Start { .. }
            | RequestKind::Backoff { .. }
            | RequestKind::Deadline { .. }
            | RequestKind::ListenNext { .. }
            | RequestKind::HandOver { .. }
            | RequestKind::Test { .. } => Ok(()),
        };
        what.map_err(|what| refused(flow, &what))
    }

    /// Whether a run of the flow may read or write a state, by its index in the module.
    ///
    /// # Errors
    /// As [`Permits::request`].
    pub(crate) fn state(&self, flow: &str, module: &Module, index: u32, write: bool) -> Result<(), String> {
        let permit = self.flows.get(flow);
        let states = permit.map(|permit| if write { &permit.writes } else { &permit.reads });
        if states.is_some_and(|states| states.contains(&index)) {
            return Ok(());
        }
        let name = module.states.get(index as usize).map_or("?", |state| &*state.name);
        Err(refused(flow, &format!("state {name}: {}", if write { "write" } else { "read" })))
    }

    /// The hosts that a flow lists, where one of these types is an address; none where it may call any.
    pub(crate) fn hosts(&self, flow: &str, types: &[Type]) -> Option<Arc<[Arc<str>]>> {
        if !types.iter().any(is_address) {
            return None;
        }
        let Some(permit) = self.flows.get(flow) else { return Some(Arc::default()) };
        let line =
            |(host, open): &(Arc<str>, bool)| if *open { format!("{host}*").into() } else { host.clone() };
        permit.hosts.as_ref().map(|hosts| hosts.iter().map(line).collect())
    }

    fn effect(&self, flow: &str, effect: &EffectRequest, types: &TypeTable) -> Result<(), String> {
        let short = effect.effect.rsplit('.').next().unwrap_or(&effect.effect);
        let asks = matches!(&*effect.effect, "chat.ask" | "chat.ask_who" | "chat.approve");
        // What is shown of an answer before it is one is shown to those who get replies.
        let shows = *effect.effect == *"exchange.show";
        if effect.class == DeliveryClass::Engine && !asks && !shows {
            return Ok(());
        }
        let permit = self.flows.get(flow).ok_or_else(|| format!("effect {}", effect.effect))?;
        let shape = self.effects.get(&(effect.effect.clone(), effect.version));
        // The steps of a turn are allowed to whom the turn is.
        match effect.effect.split_once('.') {
            Some(("exchange", "show")) => permit.place(shape, effect, "reply", types)?,
            // No step of a turn: any flow may want to know.
            Some(("exchange", "nearness")) => permit.place(shape, effect, short, types)?,
            Some(("exchange", _)) => permit
                .place(shape, effect, "chat", types)
                .or_else(|refused| permit.place(shape, effect, "answer", types).map_err(|_| refused))?,
            _ => permit.place(shape, effect, short, types)?,
        }
        for (value, ty) in effect.args.iter().zip(&effect.types) {
            permit.value(value, ty)?;
        }
        Ok(())
    }

    fn wait(&self, flow: &str, wait: &WaitRequest) -> Result<(), String> {
        let TriggerSpec::Channel { channel, event } = &wait.trigger else { return Ok(()) };
        let line = format!("channel {channel}: await {event}");
        let listed = self.flows.get(flow).is_some_and(|permit| permit.lines.contains(line.as_str()));
        if listed { Ok(()) } else { Err(line) }
    }
}

fn refused(flow: &str, what: &str) -> String {
    format!("{CODE}: `{flow}` is not allowed `{what}`, which its capabilities do not list")
}

impl Shape {
    fn of(effect: &EffectSignature, types: &TypeTable) -> Shape {
        let receiver =
            effect.params.first().is_some_and(|(name, ty)| *ty == Type::Text && RECEIVERS.contains(&&**name));
        let target = effect.params.iter().position(|(name, ty)| **name == *"by" || is_target(types, ty));
        Shape { receiver, target }
    }
}

fn is_target(types: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) => is_target(types, inner),
        Type::Declared(id, _) => types.get(*id).is_some_and(|known| known.name.ends_with(".Target")),
        _ => false,
    }
}

impl Permit {
    fn of(of: &Capabilities, module: &Module) -> Permit {
        let mut permit = Permit { hosts: of.hosts.then(Vec::new), ..Permit::default() };
        for line in &of.touches {
            permit.lines.insert(line.clone());
            let (word, rest) = line.split_once([' ', ':']).unwrap_or((line, ""));
            match word {
                "effect" => {
                    permit.verbs.insert(Arc::from(rest.rsplit('.').next().unwrap_or(rest)));
                }
                "state" => permit.state(rest, module),
                "host" => {
                    let (host, open) = rest.strip_suffix('*').map_or((rest, false), |host| (host, true));
                    permit.hosts.iter_mut().for_each(|hosts| hosts.push((Arc::from(host), open)));
                }
                _ => {
                    let verb = line.rsplit(": ").next().unwrap_or_default();
                    permit.verbs.insert(Arc::from(verb));
                }
            }
        }
        permit
    }

    fn state(&mut self, line: &str, module: &Module) {
        let Some((name, verb)) = line.split_once(": ") else { return };
        let index = module.states.iter().position(|state| *state.name == *name);
        let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else { return };
        match verb {
            "write" => self.writes.insert(index),
            _ => self.reads.insert(index),
        };
    }

    fn has(&self, line: &str) -> bool {
        self.lines.contains(line)
    }

    /// Whether it may do this there.
    fn place(
        &self,
        shape: Option<&Shape>,
        effect: &EffectRequest,
        short: &str,
        types: &TypeTable,
    ) -> Result<(), String> {
        let anyone = || self.has(&format!("anyone: {short}"));
        let slot = |name: &str| SLOTS.iter().any(|word| self.has(&format!("{word} {name}: {short}")));
        let receiver = shape.filter(|shape| shape.receiver).and_then(|_| effect.args.first()?.as_text());
        if let Some(name) = receiver {
            return if slot(name) { Ok(()) } else { Err(format!("{name}: {short}")) };
        }
        let target = shape.and_then(|shape| shape.target).and_then(|at| {
            Some((effect.args.get(at)?, effect.types.get(at)?)).filter(|(value, _)| **value != Value::None)
        });
        if let Some((value, ty)) = target {
            return match slot_of(types, ty, value) {
                Some(name) if slot(&name) || anyone() => Ok(()),
                Some(name) => Err(format!("{name}: {short}")),
                None if anyone() => Ok(()),
                None => Err(format!("anyone: {short}")),
            };
        }
        // Its own conversation, or no place at all.
        if self.verbs.contains(short) { Ok(()) } else { Err(format!("effect {}", effect.effect)) }
    }

    /// Secrets and addresses that it hands over.
    fn value(&self, value: &Value, ty: &Type) -> Result<(), String> {
        match (value, ty) {
            (Value::Secret(name), _) => {
                let line = format!("secret {}", name.0);
                if self.has(&line) { Ok(()) } else { Err(line) }
            }
            (Value::Text(text), ty) if is_address(ty) => self.host(&text.0),
            _ => Ok(()),
        }
    }

    fn host(&self, address: &str) -> Result<(), String> {
        let Some(hosts) = &self.hosts else { return Ok(()) };
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let listed = hosts.iter().any(
            |(known, open)| {
                if *open { host.starts_with(&**known) } else { host == &**known }
            },
        );
        if listed { Ok(()) } else { Err(format!("host {host}")) }
    }
}

fn is_address(ty: &Type) -> bool {
    matches!(ty, Type::Template(tag) if **tag == *"url")
}

/// The room or group that a `Target`, or a group itself, names.
fn slot_of(types: &TypeTable, ty: &Type, value: &Value) -> Option<Arc<str>> {
    match tag(types, ty, value) {
        Some(("to_room" | "to_group", fields, values)) => {
            field_text(types, &fields.first()?.ty, values.first()?, "name")
        }
        Some(_) => None,
        None => field_text(types, ty, value, "name"),
    }
}
