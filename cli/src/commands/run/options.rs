//! What runs, and how: flags go before the configuration, and both before what counts where nothing is said.

use super::access::Door;
use super::bindings::{Account, Assignment};
use super::kept;
use super::mcp;
use super::models::models;
use super::net::net;
use super::stale::staleness;
use crate::args::{Format, Run};
use crate::log::Choice;
use crate::problem::Problem;
use crate::vault::{self, Wanted};
use crate::{config, output};
use carapace_channel_registry::{Settings, TerminalSettings, WebchatSettings};
use carapace_config::{
    AccountConfig, Config, FILE_NAME, Loaded, McpConfig, MediaConfig, ModelsConfig, NetConfig, OtlpConfig,
    Placed, milliseconds,
};
use carapace_engine::Input;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the chat page is served where nothing says it.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7171);
/// How long what was is kept where nothing says it.
const HISTORY: &str = "30d";

/// What runs, and how.
pub(crate) struct Options {
    /// The packages; none where it serves what is deployed.
    pub(crate) packages: Option<Vec<PathBuf>>,
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) door: Door,
    /// The same, as each key says it.
    pub(crate) door_said: [(&'static str, String); 4],
    pub(crate) history: Duration,
    pub(crate) break_loops: bool,
    pub(crate) watch: bool,
    pub(crate) accounts: Vec<Account>,
    /// What is said of each account, in the same order.
    pub(crate) channels: Vec<Settings>,
    pub(crate) bind: Vec<Assignment>,
    pub(crate) set: Vec<Assignment>,
    /// What becomes of late messages, for each account.
    pub(crate) stale: Vec<Input>,
    /// Which other machines are called.
    pub(crate) net: carapace_net::Options,
    /// The same, as it is said.
    pub(crate) net_said: NetConfig,
    /// How much of files is taken.
    pub(crate) media: MediaConfig,
    /// Whom agents ask.
    pub(crate) models: carapace_agent::Options,
    /// The same, as it is said.
    pub(crate) models_said: ModelsConfig,
    /// Servers of tools.
    pub(crate) mcp: carapace_mcp::client::Options,
    /// The same and what is offered, as it is said.
    pub(crate) mcp_said: McpConfig,
    /// The texts of the configuration's files.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// Whether they are those that worked last, instead of those on disk.
    pub(crate) from_kept: bool,
    /// Where secrets lie.
    pub(crate) vault: carapace_vault::Options,
    /// Secrets that accounts and providers of models name.
    pub(crate) wanted: Vec<Wanted>,
    /// How the log is.
    pub(crate) log: Choice,
    /// The collector that is told what runs do.
    pub(crate) otlp: Option<OtlpConfig>,
}

/// A configuration that was read.
pub(crate) struct Read {
    /// None where it has mistakes.
    pub(crate) options: Option<Options>,
    /// Its files, the first of them the configuration itself; empty where there is none.
    pub(crate) paths: Vec<PathBuf>,
}

impl Options {
    /// Of the flags and the configuration. Mistakes of that are told.
    pub(crate) fn read(flags: &Run) -> Result<Read, Problem> {
        let Some(file) = config::file(flags.config.as_deref()) else {
            return Ok(Read { options: Some(Options::of(flags, None)?), paths: Vec::new() });
        };
        let loaded = config::load(&file)?;
        output::diagnostics(&loaded.diagnostics, &loaded.sources, Format::Human);
        let paths = loaded.paths().to_vec();
        if loaded.is_broken() {
            return Ok(Read { options: None, paths });
        }
        Ok(Read { options: Some(Options::of(flags, Some((&file, &loaded)))?), paths })
    }

    /// Of the configuration that worked last, in the place of the one on disk, of which these files were tried already. None
    /// where that is the same one.
    ///
    /// # Errors
    /// Where none is kept, or it has mistakes by now.
    pub(crate) fn last_known_good(
        flags: &Run,
        tried: &[(PathBuf, String)],
    ) -> Result<Option<Options>, Problem> {
        let file = config::file(flags.config.as_deref()).unwrap_or_else(|| PathBuf::from(FILE_NAME));
        // What it says about its data directory counts, where that can be read.
        let broken = config::load(&file).ok();
        let said = broken.as_ref().and_then(|broken| Config::of(broken).data).map(|data| data.value);
        let folder = file.parent().unwrap_or(Path::new(""));
        let data = flags.data.clone().or(said).unwrap_or_else(|| folder.join(".carapace"));
        let Some(loaded) = kept::load(&data, &file, tried)? else { return Ok(None) };
        Ok(Some(Options { from_kept: true, ..Options::of(flags, Some((&file, &loaded)))? }))
    }

    fn of(flags: &Run, file: Option<(&Path, &Loaded)>) -> Result<Options, Problem> {
        let folder = file.and_then(|(path, _)| path.parent()).unwrap_or(Path::new(""));
        let config = file.map(|(_, loaded)| Config::of(loaded)).unwrap_or_default();
        let log = Choice::of(flags.log_format, flags.log_level, &config.log)?;
        let door = Door::of(&config)?;
        let door_said = door_said(&config);
        let texts = |loaded: &Loaded| -> Vec<(PathBuf, String)> {
            let texts = loaded.sources.iter().map(|(_, source)| source.text().to_owned());
            loaded.paths().iter().cloned().zip(texts).collect()
        };
        let files = file.map(|(_, loaded)| texts(loaded)).unwrap_or_default();
        let place = |span| file.map(|(_, loaded)| loaded.place(span));
        let data = flags.data.clone().or_else(|| config.data.clone().map(|data| data.value));
        let paths = Some(&flags.paths).filter(|paths| !paths.is_empty()).cloned();
        let from_config = paths.is_none();
        let packages = paths.or_else(|| config.packages.clone().map(|packages| packages.value));
        let serves_deployed = packages.is_none() && data.is_some();
        let (accounts, channels, mut stale) = accounts(flags, config.accounts.as_deref())?;
        stale.extend(flags.stale.iter().cloned());
        let wanted = wanted(&config, &accounts);
        let data = data.unwrap_or_else(|| folder.join(".carapace"));
        let vault = vault::options(&config, &data, flags.passphrase_file.as_deref(), vault::RUNTIME);
        let mcp = mcp::options(&config.mcp, &data, &config.net.roots)?;
        let history_text = flags.history.clone().or_else(|| config.history.map(|history| history.value));
        let mut bind = Vec::new();
        let mut set = Vec::new();
        // Packages that are named instead of those of the configuration have slots and settings of their own.
        if from_config {
            let one = |(name, value, json): (Placed<String>, String, Option<_>)| Assignment {
                name: name.value,
                value,
                json,
                place: place(name.span),
            };
            bind.extend(
                config.bindings.into_iter().map(|(name, places)| one((name, places.join(","), None))),
            );
            set.extend(config.settings.into_iter().map(|(name, json)| {
                let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
                one((name, text, Some(json)))
            }));
        }
        for (texts, list) in [(&flags.bind, &mut bind), (&flags.set, &mut set)] {
            for text in texts {
                list.push(Assignment::read(text)?);
            }
        }
        Ok(Options {
            vault,
            wanted,
            packages: (!serves_deployed).then(|| packages.unwrap_or_else(|| vec![here(folder)])),
            data,
            door,
            door_said,
            listen: flags.listen.or(config.listen.map(|listen| listen.value)).unwrap_or(LISTEN),
            history: history(history_text.as_deref().unwrap_or(HISTORY))?,
            break_loops: !flags.no_loop_check && config.loop_check.is_none_or(|check| check.value),
            watch: !flags.no_watch && config.watch.is_none_or(|watch| watch.value),
            stale: staleness(&accounts, &stale)?,
            models: models(&config.models, &config.net.roots)?,
            net: net(&config.net)?,
            net_said: config.net,
            media: config.media,
            mcp,
            mcp_said: config.mcp,
            log,
            models_said: config.models,
            otlp: config.otlp,
            files,
            from_kept: false,
            accounts,
            channels,
            bind,
            set,
        })
    }
}

fn here(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

/// The accounts, what is said of each, and what becomes of late messages, as `--stale` would say it.
#[expect(clippy::type_complexity, reason = "three lists that belong together, taken apart at once")]
fn accounts(
    flags: &Run,
    configured: Option<&[Placed<AccountConfig>]>,
) -> Result<(Vec<Account>, Vec<Settings>, Vec<String>), Problem> {
    let (mut accounts, mut channels, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    match configured {
        None => {
            accounts = Account::usual();
            channels.push(Settings::Terminal(TerminalSettings::default()));
            channels.push(Settings::Webchat(WebchatSettings::default()));
        }
        Some(configured) => {
            for Placed { value: account, .. } in configured {
                stale.extend(account.stale.iter().map(|stale| format!("{}={}", account.name, stale.value)));
                accounts
                    .push(Account { name: account.name.as_str().into(), kind: account.kind.as_str().into() });
                channels.push(settings(account)?);
            }
        }
    }
    for settings in &mut channels {
        if let Settings::Webchat(settings) = settings {
            settings.frames.extend(flags.embed.iter().cloned());
        }
    }
    if flags.no_terminal {
        let (kept_accounts, kept_channels) =
            accounts.into_iter().zip(channels).filter(|(account, _)| *account.kind != *"terminal").unzip();
        (accounts, channels) = (kept_accounts, kept_channels);
        stale.retain(|text| accounts.iter().any(|account| text.starts_with(&format!("{}=", account.name))));
    }
    Ok((accounts, channels, stale))
}

/// What is said of those who come from elsewhere, key by key, to be compared.
fn door_said(config: &Config) -> [(&'static str, String); 4] {
    [
        ("public", format!("{:?}", config.public.as_ref().map(|public| &public.value))),
        ("hosts", format!("{:?}", config.hosts)),
        ("proxies", format!("{:?}", config.proxies)),
        ("origins", format!("{:?}", config.origins)),
    ]
}

/// The secrets that accounts, providers of models, the collector and servers of tools name.
fn wanted(config: &Config, there: &[Account]) -> Vec<Wanted> {
    let accounts = config.accounts.iter().flatten().map(|account| &account.value);
    let accounts = accounts.filter(|account| there.iter().any(|there| *there.name == *account.name));
    let of = |account: &AccountConfig| {
        let by = account.name.clone();
        account.secrets().into_iter().map(move |name| Wanted { by: by.clone(), name }).collect::<Vec<_>>()
    };
    let keys = config.models.secrets().into_iter().map(|(by, name)| Wanted { by, name });
    let headers = config.otlp.iter().flat_map(|otlp| &otlp.headers);
    let collector = headers.map(|(_, name)| Wanted { by: "telemetry.otlp".to_owned(), name: name.clone() });
    let servers = config.mcp.servers.iter().map(|server| &server.value);
    let tools = servers.flat_map(|server| {
        let by = format!("mcp.servers.{}", server.name);
        server.wanted().map(move |name| Wanted { by: by.clone(), name: name.clone() })
    });
    accounts.flat_map(of).chain(keys).chain(collector).chain(tools).collect()
}

/// What a configuration says of an account, as its kind has it.
fn settings(account: &AccountConfig) -> Result<Settings, Problem> {
    let mut options = account.options.clone();
    if let Some(options) = options.as_object_mut() {
        options.insert("kind".to_owned(), account.kind.as_str().into());
    }
    serde_json::from_value(options)
        .map_err(|e| Problem::new("E0931", format!("`{}` cannot be opened: {e}", account.name)))
}

/// How long what was is kept: `30d`.
fn history(text: &str) -> Result<Duration, Problem> {
    let kept = if text == "0" { Some(0) } else { milliseconds(text) };
    let kept = kept.and_then(|kept| u64::try_from(kept).ok());
    kept.map(Duration::from_millis).ok_or_else(|| {
        Problem::new("E0966", format!("`{text}` does not say how long what was is kept"))
            .help("write a number and `s`, `m`, `h` or `d`: `--history 30d`; `--history 0` keeps none")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_channel_registry::KINDS;
    use carapace_config::schema::{self, Key, Shape};
    use serde_json::{Map, Value as Json};

    #[test]
    fn every_kind_of_this_binary_takes_the_keys_that_the_configuration_has_for_it() {
        assert_eq!(schema::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>(), KINDS);
        for kind in schema::KINDS {
            let value = |key: &Key| match key.shape {
                Shape::Text(_) => serde_json::from_str(key.example).unwrap(),
                Shape::List(Shape::Object(_)) => serde_json::json!([{ "name": "news", "title": "News" }]),
                _ => serde_json::from_str::<Json>(key.example).unwrap(),
            };
            let options: Map<String, Json> =
                kind.keys.iter().map(|key| (key.name.to_owned(), value(key))).collect();
            let account = AccountConfig {
                name: "a".to_owned(),
                kind: kind.name.to_owned(),
                stale: None,
                options: options.into(),
            };
            let read = settings(&account).unwrap();
            // What is read says something of each key: none was passed over.
            let shown = format!("{read:?}");
            assert!(!shown.contains("None") && !shown.contains("[]"), "{shown}");
        }
    }
}
