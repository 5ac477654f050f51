//! What the files say, as values, each with its place.

use crate::document::{Member, Node, Value};
use crate::load::Loaded;
use crate::mcp::McpConfig;
use crate::media::MediaConfig;
use crate::models::ModelsConfig;
use crate::schema::{Form, Shape};
use carapace_diagnostic::Span;
use serde_json::{Map, Value as Json};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// What a configuration says; what it leaves out is none or empty. Paths are joined with the folder of the file in which
/// they stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The packages that run.
    pub packages: Option<Placed<Vec<PathBuf>>>,
    /// The data directory.
    pub data: Option<Placed<PathBuf>>,
    /// Where secrets lie.
    pub vault: Option<Placed<VaultConfig>>,
    /// The address that is served.
    pub listen: Option<Placed<SocketAddr>>,
    /// Under which address others reach it.
    pub public: Option<Placed<String>>,
    /// Names that it answers to.
    pub hosts: Vec<String>,
    /// Addresses of proxies before it, and ranges of them.
    pub proxies: Vec<String>,
    /// Sites whose pages may ask.
    pub origins: Vec<String>,
    /// How long what was is kept, as it is written: `30d`.
    pub history: Option<Placed<String>>,
    /// Whether the runtime stops talking to programs.
    pub loop_check: Option<Placed<bool>>,
    /// Whether packages are compiled again.
    pub watch: Option<Placed<bool>>,
    /// The accounts; none where nothing is said of them.
    pub accounts: Option<Vec<Placed<AccountConfig>>>,
    /// Slots, and the places they stand for.
    pub bindings: Vec<(Placed<String>, Vec<String>)>,
    /// Settings, and their values.
    pub settings: Vec<(Placed<String>, Json)>,
    /// Which other machines are called.
    pub net: NetConfig,
    /// How much of files is taken.
    pub media: MediaConfig,
    /// The log.
    pub log: LogConfig,
    /// Whom agents ask.
    pub models: ModelsConfig,
    /// The collector that is told what runs do.
    pub otlp: Option<OtlpConfig>,
    /// Servers of tools, and what is offered.
    pub mcp: McpConfig,
}

/// The log, in the words of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogConfig {
    /// How it is written: `human` or `json`.
    pub format: Option<String>,
    /// How much it says: `off`, `error`, `warn`, `info`, `debug` or `trace`.
    pub level: Option<String>,
}

/// A collector of OpenTelemetry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpConfig {
    /// Its address.
    pub url: String,
    /// Headers of each request, and the names of the secrets that are their values.
    pub headers: Vec<(String, String)>,
    /// Of how many runs in a hundred it is told.
    pub sample: u8,
}

/// Which other machines are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetConfig {
    /// The only public hosts, where there is a list.
    pub allow: Option<Vec<String>>,
    /// Hosts and ports that need not be public.
    pub private: Vec<String>,
    /// Public hosts that are called without TLS.
    pub plain: Vec<String>,
    /// Files with the certificates of further authorities.
    pub roots: Vec<PathBuf>,
}

/// Where secrets lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultConfig {
    /// In the keychain of the system.
    Keychain {
        /// The service that its items are of.
        service: Option<String>,
    },
    /// In a file that is locked.
    File {
        /// The file.
        path: Option<PathBuf>,
        /// What opens it; none where somebody types a passphrase.
        key: Option<VaultKey>,
    },
    /// In a folder that somebody else fills.
    Folder {
        /// The folder.
        path: PathBuf,
    },
}

/// What opens a file of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultKey {
    /// The key in this file.
    Key(PathBuf),
    /// The passphrase in this file.
    Passphrase(PathBuf),
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountConfig {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What becomes of late messages, as it is written: `digest:2h`.
    pub stale: Option<Placed<String>>,
    /// The keys that only its kind has.
    pub options: Json,
}

impl AccountConfig {
    /// The secrets that it names.
    pub fn secrets(&self) -> Vec<String> {
        let kind = crate::schema::KINDS.iter().find(|kind| kind.name == self.kind);
        let keys = kind.map(|kind| kind.keys).unwrap_or_default().iter();
        let named = keys.filter(|key| matches!(key.shape, Shape::Text(Form::Secret)));
        named.filter_map(|key| self.options.get(key.name)?.as_str().map(str::to_owned)).collect()
    }
}

impl Config {
    /// What was loaded. What it should not be, which was told, counts as left out.
    pub fn of(loaded: &Loaded) -> Config {
        let root = &loaded.root;
        let flag = |key| {
            root.get(key).and_then(|node| match node.value {
                Value::Flag(value) => Some(Placed { value, span: node.span }),
                _ => None,
            })
        };
        let path = |node: &Node| Some(loaded.folder(node.span).join(node.text()?));
        let members = |key| root.get(key).map(Node::members).unwrap_or_default().iter();
        let named = |member: &Member| Placed { value: member.name.text.clone(), span: member.name.span };
        let list = |key| root.get(key).map(places).unwrap_or_default();
        Config {
            packages: root.get("packages").map(|node| Placed {
                value: node.elements().iter().filter_map(path).collect(),
                span: node.span,
            }),
            data: root.get("data").and_then(|node| Some(Placed { value: path(node)?, span: node.span })),
            vault: root
                .get("vault")
                .and_then(|node| Some(Placed { value: vault(node, &path)?, span: node.span })),
            listen: text(root.get("listen"))
                .and_then(|listen| Some(Placed { value: listen.value.parse().ok()?, span: listen.span })),
            public: text(root.get("public")),
            hosts: list("hosts"),
            proxies: list("proxies"),
            origins: list("origins"),
            history: text(root.get("history")),
            loop_check: flag("loop_check"),
            watch: flag("watch"),
            accounts: root.get("accounts").map(|node| node.members().iter().filter_map(account).collect()),
            bindings: members("bindings").map(|member| (named(member), places(&member.value))).collect(),
            settings: members("settings")
                .filter_map(|member| Some((named(member), member.value.json(false)?)))
                .collect(),
            net: root.get("net").map(|node| net(node, path)).unwrap_or_default(),
            media: root.get("media").map(MediaConfig::of).unwrap_or_default(),
            log: root.get("log").map(log).unwrap_or_default(),
            models: root.get("models").map(|node| ModelsConfig::of(node, &path)).unwrap_or_default(),
            otlp: root.get("telemetry").and_then(|node| otlp(node.get("otlp")?)),
            mcp: root.get("mcp").map(|node| McpConfig::of(node, &path)).unwrap_or_default(),
        }
    }
}

fn text(node: Option<&Node>) -> Option<Placed<String>> {
    let node = node?;
    Some(Placed { value: node.text()?.to_owned(), span: node.span })
}

fn net(node: &Node, path: impl Fn(&Node) -> Option<PathBuf>) -> NetConfig {
    let list = |key| node.get(key).map(places);
    NetConfig {
        allow: list("allow"),
        private: list("private").unwrap_or_default(),
        plain: list("plain").unwrap_or_default(),
        roots: node.get("roots").map(Node::elements).unwrap_or_default().iter().filter_map(path).collect(),
    }
}

fn log(node: &Node) -> LogConfig {
    let word = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    LogConfig { format: word("format"), level: word("level") }
}

fn otlp(node: &Node) -> Option<OtlpConfig> {
    let header = |member: &Member| Some((member.name.text.clone(), member.value.text()?.to_owned()));
    let sample = node.get("sample").and_then(|sample| match &sample.value {
        Value::Number(number) => number.0.as_ref()?.as_u64(),
        _ => None,
    });
    Some(OtlpConfig {
        url: node.get("url")?.text()?.to_owned(),
        headers: node
            .get("headers")
            .map(Node::members)
            .unwrap_or_default()
            .iter()
            .filter_map(header)
            .collect(),
        sample: sample.and_then(|sample| u8::try_from(sample).ok()).unwrap_or(100).min(100),
    })
}

fn places(node: &Node) -> Vec<String> {
    let one = node.text().into_iter();
    one.chain(node.elements().iter().filter_map(Node::text)).map(str::to_owned).collect()
}

fn vault(node: &Node, path: &dyn Fn(&Node) -> Option<PathBuf>) -> Option<VaultConfig> {
    let file = |key| node.get(key).and_then(path);
    Some(match node.get("kind")?.text()? {
        "keychain" => {
            VaultConfig::Keychain { service: node.get("service").and_then(Node::text).map(str::to_owned) }
        }
        "file" => {
            let passphrase = || file("passphrase_file").map(VaultKey::Passphrase);
            VaultConfig::File {
                path: file("path"),
                key: file("key_file").map(VaultKey::Key).or_else(passphrase),
            }
        }
        "folder" => VaultConfig::Folder { path: file("path")? },
        _ => return None,
    })
}

fn account(member: &Member) -> Option<Placed<AccountConfig>> {
    let node = &member.value;
    let kind = node.get("kind")?.text()?.to_owned();
    let keys = crate::schema::KINDS.iter().find(|known| known.name == kind)?.keys;
    let own = |member: &&Member| keys.iter().any(|key| key.name == member.name.text);
    let option = |member: &Member| Some((member.name.text.clone(), member.value.json(false)?));
    let options: Map<String, Json> = node.members().iter().filter(own).filter_map(option).collect();
    let account = AccountConfig {
        name: member.name.text.clone(),
        kind,
        stale: text(node.get("stale")),
        options: Json::Object(options),
    };
    Some(Placed { value: account, span: member.name.span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Files;
    use crate::schema::{KINDS, ROOT};
    use std::path::Path;

    struct One(String);

    impl Files for One {
        fn read(&self, _: &Path) -> Result<String, String> {
            Ok(self.0.clone())
        }
    }

    fn config(text: &str) -> Config {
        let loaded = Loaded::read(Path::new("etc/carapace.json5"), &One(text.to_owned()), None).unwrap();
        assert_eq!(loaded.diagnostics, []);
        Config::of(&loaded)
    }

    #[test]
    fn every_key_of_the_schema_arrives() {
        let said = |key: &&crate::schema::Key| key.name != "include";
        let lines: Vec<String> =
            ROOT.iter().filter(said).map(|key| format!("{}: {}", key.name, key.example)).collect();
        let all = config(&format!("{{ {} }}", lines.join(", ")));
        let Config {
            public,
            hosts,
            proxies,
            origins,
            packages,
            data,
            vault,
            listen,
            history,
            loop_check,
            watch,
            accounts,
            bindings,
            settings,
            net,
            media,
            log,
            models,
            otlp,
            mcp,
        } = all;
        assert_eq!(packages.unwrap().value, [PathBuf::from("etc/flows/shop")]);
        assert_eq!(data.unwrap().value, PathBuf::from("/var/lib/shop"));
        let key = Some(VaultKey::Key("/etc/carapace/secrets.key".into()));
        assert_eq!(vault.unwrap().value, VaultConfig::File { path: None, key });
        assert_eq!(listen.unwrap().value.port(), 8080);
        assert_eq!(public.unwrap().value, "https://bots.example");
        assert_eq!(
            (&*hosts[0], &*proxies[1], &*origins[0]),
            ("chat.example", "10.0.0.0/8", "https://ui.example")
        );
        assert_eq!(history.unwrap().value, "90d");
        assert_eq!((loop_check.unwrap().value, watch.unwrap().value), (false, false));
        assert_eq!(accounts.unwrap()[0].value.name, "support");
        assert_eq!(
            (bindings[0].0.value.as_str(), &bindings[0].1[..]),
            ("shop/oncall", &["support:#oncall".to_owned()][..])
        );
        assert_eq!((settings[0].0.value.as_str(), &settings[0].1), ("refund_limit", &Json::from("50 EUR")));
        assert_eq!(net.allow.unwrap(), ["api.example.com", "*.shop.example"]);
        assert_eq!(
            (&net.private[..], &net.plain[..]),
            (&["10.1.2.3:8443".to_owned()][..], &["old.shop.example".to_owned()][..])
        );
        assert_eq!(net.roots, [PathBuf::from("etc/authority.pem")]);
        let said = MediaConfig {
            file: 50 << 20,
            together: 4096 << 20,
            patience: 120_000,
            pixels: 100_000_000,
            preview: 320,
        };
        assert_eq!(media, said);
        assert_eq!((log.format.as_deref(), log.level.as_deref()), (Some("json"), Some("info")));
        assert_eq!((models.providers[0].0.as_str(), models.repairs), ("local", Some(2)));
        assert_eq!(
            (models.aliases[0].1[0].as_str(), models.prices[0].0.as_str()),
            ("local/qwen3", "local/*")
        );
        assert_eq!((models.connect, models.whole), (None, Some(300_000)));
        let headers = vec![("authorization".to_owned(), "otel_token".to_owned())];
        let url = "https://otel.example:4318".to_owned();
        assert_eq!(otlp, Some(OtlpConfig { url, headers, sample: 10 }));
        let server = &mcp.servers[0].value;
        assert_eq!(
            (&*server.name, server.command.as_deref(), &server.args[..], &server.tools[..], &mcp.offer[..]),
            (
                "files",
                Some("mcp-files"),
                &["/srv/files".to_owned()][..],
                &["read_*".to_owned()][..],
                &["shop/refund".to_owned()][..]
            )
        );
        assert_eq!(ROOT.len(), 22, "a key more is one more to look at here");
    }

    #[test]
    fn every_key_of_every_kind_arrives() {
        for kind in KINDS {
            let keys = Shape::Account.keys(Some(kind.name));
            let lines = keys
                .iter()
                .filter(|key| key.name != "kind")
                .map(|key| format!("{}: {}", key.name, key.example));
            let lines: Vec<String> = lines.collect();
            let text = format!(
                "{{ version: 1, accounts: {{ a: {{ kind: '{}', {} }} }} }}",
                kind.name,
                lines.join(", ")
            );
            let account = config(&text).accounts.unwrap().remove(0).value;
            assert_eq!(account.stale.unwrap().value, "digest:2h");
            let names: Vec<&str> = account.options.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(names, kind.keys.iter().map(|key| key.name).collect::<Vec<_>>());
        }
    }
}
