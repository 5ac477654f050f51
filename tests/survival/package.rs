//! The example packages, compiled once, and what their slots are bound to.

use crate::chance::Chance;
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::machine::{Code, vm};
use carapace_engine::{Binding, Deploy, Person};
use carapace_module::Module;
use carapace_module::signature::SlotKind;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// People there are; those of groups are the first three.
pub(crate) const PEOPLE: [&str; 5] = ["ana", "bo", "kim", "lee", "eve"];

/// An example.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) module: Module,
}

/// Each example with a seed: another for each test, and others altogether where `SEED` is in the environment.
pub(crate) fn seeded(test: u64) -> impl Iterator<Item = (u64, &'static Package)> {
    seeds(test).zip(packages()).inspect(|(seed, package)| println!("{}: {seed}", package.name))
}

/// Seeds, others for each test, and others altogether where `SEED` is in the environment.
pub(crate) fn seeds(test: u64) -> impl Iterator<Item = u64> {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0_u64);
    seed * 10_000 + test * 100..
}

/// A package of a random program: each message starts it.
pub(crate) fn random(seed: u64) -> Package {
    let mut chance = Chance::new(seed);
    let choices: Vec<u8> = (0..300).flat_map(|_| chance.next().to_le_bytes()).collect();
    let program = carapace_tests::generate::program(&choices);
    let begins = "channel chat: any\n\nflow begins on chat.message {\n  \
        reply(subject(7, message.text, true) else \"failed\")\n}\n";
    compiled(format!("random {seed}"), &[("main.flow".to_owned(), format!("{}\n{begins}", program.source))])
}

/// All examples.
pub(crate) fn packages() -> &'static [Package] {
    static ALL: OnceLock<Vec<Package>> = OnceLock::new();
    ALL.get_or_init(|| {
        carapace_tests::measure::examples().into_iter().map(|(name, files)| compiled(name, &files)).collect()
    })
}

fn compiled(name: String, files: &[(String, String)]) -> Package {
    let files = MemoryFiles::new(files.iter().map(|(path, text)| (&**path, &**text)));
    let module = match Checked::of(&files, "main.flow").compile() {
        Ok(compiled) => compiled.module,
        Err(checked) => {
            let told = checked.diagnostics.iter().filter(|told| told.is_error());
            let told: Vec<_> = told.map(|told| format!("{} {}", told.code, told.message)).collect();
            panic!("{name} does not compile: {}", told.join("\n"))
        }
    };
    Package { name, bytes: module.to_bytes().into(), module }
}

impl Package {
    /// Its deployment: a channel is an account of its name, a room a conversation on the account of the only channel of
    /// its kind or on one of its own, and a group three people of the first channel.
    pub(crate) fn deploy(&self) -> Deploy {
        let slots = &self.module.slots;
        let channels: Vec<_> = slots.iter().filter(|slot| slot.kind == SlotKind::Channel).collect();
        let home = channels.first().map_or_else(|| Arc::from("nowhere"), |slot| slot.name.clone());
        let bound = slots.iter().map(|slot| {
            let name = slot.name.clone();
            let binding = match slot.kind {
                SlotKind::Channel => Binding::Channel { accounts: vec![name.clone()] },
                SlotKind::Room => {
                    let account = channels.iter().find(|channel| channel.of == slot.of);
                    let account = account.map_or_else(|| name.clone(), |channel| channel.name.clone());
                    Binding::Room { account, conversation: name.clone() }
                }
                SlotKind::Group => {
                    let person = |who: &&str| Person {
                        account: home.clone(),
                        id: Arc::from(*who),
                        name: Arc::from(*who),
                    };
                    Binding::Group { members: PEOPLE.iter().take(3).map(person).collect() }
                }
                SlotKind::Connection => Binding::Connection { name: name.clone() },
            };
            (name, binding)
        });
        Deploy { module: self.bytes.clone(), settings: BTreeMap::new(), bindings: bound.collect() }
    }
}

/// Modules by their bytes.
type Known = RefCell<Vec<(Vec<u8>, Arc<dyn Code>)>>;

thread_local! {
    static LOADED: Known = const { RefCell::new(Vec::new()) };
}

/// The engine's loader, which verifies each module once: these tests rebuild engines by the thousand.
pub(crate) fn load(bytes: &[u8]) -> Result<Arc<dyn Code>, String> {
    let known = |loaded: &Known| {
        loaded.borrow().iter().find(|(known, _)| *known == bytes).map(|(_, code)| Arc::clone(code))
    };
    if let Some(code) = LOADED.with(known) {
        return Ok(code);
    }
    let code = vm::load(bytes)?;
    LOADED.with_borrow_mut(|loaded| loaded.push((bytes.to_vec(), Arc::clone(&code))));
    Ok(code)
}
