//! What runs, and how it takes over a configuration that changed.

use super::astray::Astray;
use super::bindings::{Account, Bound};
use super::channels::{Said, said};
use super::hearing::{Hearing, gates, hears};
use super::host::Known;
use super::notices::Notices;
use super::options::Options;
use super::packages::{Packages, Ready};
use super::serving::{self, Prepared};
use super::{access, kept, secrets};
use crate::problem::Problem;
use crate::vault::Wanted;
use carapace_channel_registry::{Settings, Surroundings};
use carapace_engine::Input;
use carapace_engine::inspect::versions;
use carapace_engine::service::{Gone, Handle};
use carapace_gateway::{Listeners, Methods};
use carapace_vault::Vault;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use tokio::sync::Notify;

/// The code of a key whose change does not count yet.
const LATER: &str = "W0612";

/// What runs, in the parts that a configuration changes.
pub(crate) struct Live {
    /// What counts.
    pub(crate) options: Options,
    /// None where it serves what is deployed.
    pub(crate) packages: Option<Packages>,
    pub(crate) modules: Vec<Ready>,
    pub(crate) bound: Vec<Bound>,
    pub(crate) hearing: Hearing,
    /// The channels, for those who ask how they are.
    pub(super) known: Known,
    /// Says that there are others.
    pub(super) others: Arc<Notify>,
    /// The same, for those who ask whether they hear.
    pub(super) listeners: Listeners,
    pub(crate) engine: Handle,
    pub(crate) delivery: carapace_delivery::Handle,
    pub(crate) gateway: carapace_gateway::Handle,
    pub(crate) methods: Methods,
    /// Servers of tools.
    pub(crate) mcp: carapace_mcp::client::Handle,
    pub(crate) vault: Arc<Vault>,
    pub(crate) surroundings: Surroundings,
    pub(crate) notices: Notices,
}

impl Live {
    /// Packages changed: compiles them again and deploys what checks. What runs stays where it does not.
    pub(crate) async fn sources_changed(&mut self) {
        let Some(packages) = &self.packages else { return };
        let Some(modules) = packages.compile() else {
            self.notices.warn("it does not check, so what ran before goes on running");
            return;
        };
        let bound = match serving::bind_all(&modules, &self.options.accounts, &self.options.bind) {
            Ok(bound) => bound,
            Err(problem) => return self.notices.warn(problem.to_string()),
        };
        match serving::refusal(packages, &modules, &bound, &self.engine).await {
            Ok(None) => {}
            Ok(Some(problem)) => {
                return self.notices.warn(format!("{problem}\n  what ran before goes on running"));
            }
            // It ends, and says so itself.
            Err(Gone) => return,
        }
        if self.deploy(packages, &modules, &bound).await.is_ok() {
            self.tell_missing(&modules, &[]);
            (self.modules, self.bound) = (modules, bound);
        }
    }

    /// The configuration changed: takes over what can be without a new start, and says what cannot. Where something of it
    /// is wrong, nothing is taken over.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) async fn take_over(&mut self, mut new: Options) -> Result<(), Problem> {
        let later = later(&self.options, &new);
        stays(&self.options, &mut new);
        let (packages, modules, bound) = match serving::prepare(&new)? {
            Prepared::Sources(packages, modules, bound) => (Some(packages), modules, bound),
            Prepared::Deployed => (None, Vec::new(), Vec::new()),
            Prepared::Broken => {
                self.notices.warn("a package does not check, so nothing of the configuration counts");
                return Ok(());
            }
        };
        if let Some(packages) = &packages {
            match serving::refusal(packages, &modules, &bound, &self.engine).await {
                Ok(None) => {}
                Ok(Some(problem)) => return Err(problem),
                // It ends, and says so itself.
                Err(Gone) => return Ok(()),
            }
        }
        let serves = if packages.is_some() {
            (&modules[..], &bound[..])
        } else {
            (&self.modules[..], &self.bound[..])
        };
        let wanted = said(&new.accounts, &new.channels, serves);
        // From here on nothing can be wrong with it any more.
        let mut done = self.accounts(&wanted).await?;
        if self.tell_engine(&new).await.is_err() {
            // It ends, and says so itself.
            return Ok(());
        }
        // Before packages are deployed that may call them.
        if new.mcp_said.servers != self.options.mcp_said.servers {
            self.mcp.use_servers(new.mcp.servers.clone());
            done.push("`mcp.servers`".to_owned());
        }
        let mut whole = later.is_empty();
        if let Some(packages) = packages {
            match self.deploy(&packages, &modules, &bound).await {
                Ok(deployed) => whole &= deployed,
                Err(Gone) => return Ok(()),
            }
            self.tell_missing(&modules, &new.wanted);
            (self.packages, self.modules, self.bound) = (Some(packages), modules, bound);
        }
        if self.packages.is_none() && self.tell_astray(&new.accounts).await.is_err() {
            return Ok(());
        }
        if new.history != self.options.history {
            done.push("`history`".to_owned());
        }
        if new.break_loops != self.options.break_loops {
            done.push("`loop_check`".to_owned());
        }
        if new.log != self.options.log {
            self.notices.choose_log(new.log);
            done.push("`log`".to_owned());
        }
        if new.mcp_said.offer != self.options.mcp_said.offer {
            self.methods.offer_tools(&new.mcp_said.offer);
            done.push("`mcp.offer`".to_owned());
        }
        self.options = new;
        // What counts from the next start has not shown yet that it works.
        if whole {
            kept::keep_told(&self.options, &self.notices);
        }
        let what = if done.is_empty() { String::new() } else { format!(": {}", done.join(", ")) };
        self.notices.tell(format!("the configuration is taken over{what}"));
        for key in later {
            self.notices.warn(format!("warning[{LATER}]: `{key}` changed, which counts from the next start"));
        }
        Ok(())
    }

    /// Lets accounts come, go and change; those that are as they were keep their connections. Gives what happened. Where one of
    /// them cannot be as it should, all are as they were.
    async fn accounts(&mut self, wanted: &[Said]) -> Result<Vec<String>, Problem> {
        let before: BTreeSet<String> = self.gateway.pages().into_iter().collect();
        let mut done = Vec::new();
        // What is new is opened first: where that cannot be, nothing has changed yet.
        let mut opened = Vec::new();
        for said in wanted.iter().filter(|said| !self.hearing.has(&said.name)) {
            opened.push((said, said.open(&self.surroundings)?));
        }
        let mut formers = Vec::new();
        let differs = |hearing: &Hearing, said: &Said| {
            hearing.has(&said.name) && !hearing.is(&said.name, &said.settings)
        };
        for said in wanted {
            if !differs(&self.hearing, said) {
                continue;
            }
            // Two of them would have one folder.
            formers.extend(self.hearing.remove(&said.name).await);
            match said.open(&self.surroundings) {
                Ok(channel) => self.hearing.add(said.clone(), channel),
                Err(problem) => {
                    self.put_back(formers).await;
                    return Err(problem);
                }
            }
            done.push(format!("`{}` is as it says now", said.name));
        }
        let mut gone = self.hearing.names();
        gone.retain(|name| wanted.iter().all(|said| said.name != *name));
        let new = opened.iter().filter_map(|(_, channel)| channel.http());
        let mounts = self.hearing.mounts_without(&gone).into_iter().chain(new).collect();
        if let Err(error) = self.gateway.mount(mounts) {
            self.put_back(formers).await;
            return Err(access::unbound(error));
        }
        for name in gone {
            self.hearing.remove(&name).await;
            done.push(format!("`{name}` is gone"));
        }
        for (said, channel) in opened {
            self.hearing.add(said.clone(), channel);
            done.push(format!("`{}` is new", said.name));
        }
        self.tell_channels();
        for page in self.gateway.pages().into_iter().filter(|page| !before.contains(page)) {
            self.notices.tell(format!("chat page: {page}"));
        }
        Ok(done)
    }

    /// Lets accounts be again as they were.
    async fn put_back(&mut self, formers: Vec<Said>) {
        for said in formers {
            self.hearing.remove(&said.name).await;
            match said.open(&self.surroundings) {
                Ok(channel) => self.hearing.add(said, channel),
                Err(problem) => self.notices.warn(problem.to_string()),
            }
        }
        if let Err(error) = self.gateway.mount(self.hearing.mounts_without(&[])) {
            self.notices.warn(access::unbound(error).to_string());
        }
        self.tell_channels();
    }

    /// Tells everybody who has to do with channels which there are.
    fn tell_channels(&self) {
        self.delivery.serve(self.hearing.channels());
        let channels = self.hearing.channels();
        self.listeners.set(hears(&channels));
        self.methods.set_gates(gates(&channels));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = channels;
        self.others.notify_one();
    }

    /// What the engine has to know.
    async fn tell_engine(&self, new: &Options) -> Result<(), Gone> {
        let there = new.accounts.iter().map(|account| account.name.clone()).collect();
        self.engine.submit(Input::Accounts { there }).await?;
        for input in &new.stale {
            self.engine.submit(input.clone()).await?;
        }
        self.methods.set_accounts(new.accounts.iter().map(Account::told).collect());
        self.engine.choose(new.history, new.break_loops).await
    }

    /// Deploys what is not as it is, and withdraws what is not among it any more. Gives whether all of it serves.
    async fn deploy(&self, packages: &Packages, modules: &[Ready], bound: &[Bound]) -> Result<bool, Gone> {
        serving::withdraw_others(modules, &self.engine, &self.notices).await?;
        let mut whole = true;
        for (ready, deploy) in modules.iter().zip(packages.deploys(modules, bound)) {
            packages.keep_sources(ready);
            whole &= serving::deploy(ready, deploy, &self.engine, &self.notices).await?;
        }
        Ok(whole)
    }

    /// Says of what is deployed which of its slots stand for accounts that are not there any more.
    async fn tell_astray(&self, accounts: &[Account]) -> Result<(), Gone> {
        let versions = self.engine.look(versions).await?;
        let serving = versions.iter().filter(|version| version.serves);
        let astray = serving.flat_map(|version| Astray::find(&version.bindings, accounts));
        let warnings = astray.filter_map(|astray| astray.warning());
        warnings.for_each(|warning| self.notices.warn(warning.to_string()));
        Ok(())
    }

    fn tell_missing(&self, modules: &[Ready], accounts: &[Wanted]) {
        let wanted =
            modules.iter().flat_map(|ready| Wanted::of(&ready.module)).chain(accounts.iter().cloned());
        let known: BTreeSet<Wanted> =
            self.modules.iter().flat_map(|ready| Wanted::of(&ready.module)).collect();
        let wanted: Vec<Wanted> = wanted.filter(|wanted| !known.contains(wanted)).collect();
        if !wanted.is_empty() {
            secrets::tell_missing(self.vault.clone(), wanted, self.notices.clone());
        }
    }
}

/// The keys that changed and count from the next start only.
fn later(before: &Options, new: &Options) -> Vec<String> {
    let mut later: Vec<String> = [
        ("data", before.data != new.data),
        ("listen", before.listen != new.listen),
        ("vault", before.vault != new.vault),
        ("net", before.net_said != new.net_said),
        ("media", before.media != new.media),
        ("models", before.models_said != new.models_said),
        ("telemetry", before.otlp != new.otlp),
        ("watch", before.watch != new.watch),
        ("packages", before.packages.is_some() != new.packages.is_some() || moved(before, new)),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(key, _)| key.to_owned())
    .collect();
    let doors = before.door_said.iter().zip(&new.door_said).filter(|(before, new)| before != new);
    later.extend(doors.map(|(_, (key, _))| (*key).to_owned()));
    let (before, new) = (terminals(before), terminals(new));
    let changed = before.iter().filter(|terminal| !new.contains(terminal));
    let come = new.iter().filter(|terminal| !before.contains(terminal));
    later.extend(changed.chain(come).map(|(account, _)| format!("accounts.{}", account.name)));
    later.dedup();
    later
}

/// Whether other packages run: their folders are watched from the start.
fn moved(before: &Options, new: &Options) -> bool {
    before.packages != new.packages
}

fn terminals(options: &Options) -> Vec<(&Account, &Settings)> {
    let all = options.accounts.iter().zip(&options.channels);
    all.filter(|(account, _)| *account.kind == *"terminal").collect()
}

/// Puts back what cannot change while it runs: places, and the one terminal, at which somebody may be typing.
fn stays(before: &Options, new: &mut Options) {
    new.data.clone_from(&before.data);
    new.listen = before.listen;
    new.vault = before.vault.clone();
    new.net = before.net.clone();
    new.net_said = before.net_said.clone();
    new.media = before.media;
    new.models = before.models.clone();
    new.models_said = before.models_said.clone();
    // Authorities are those of `net`.
    new.mcp.roots.clone_from(&before.mcp.roots);
    new.door_said.clone_from(&before.door_said);
    new.otlp.clone_from(&before.otlp);
    new.watch = before.watch;
    new.packages.clone_from(&before.packages);
    let others = new.accounts.iter().cloned().zip(new.channels.iter().cloned());
    let others: Vec<_> = others.filter(|(account, _)| *account.kind != *"terminal").collect();
    let terminals = terminals(before).into_iter().map(|(account, said)| (account.clone(), said.clone()));
    let all = terminals.chain(others);
    (new.accounts, new.channels) = all.unzip();
}
