//! The keys of the file itself.

use super::models::MODELS;
use super::{Form, Key, Shape, observed};

/// The keys of the file itself, in the order in which people write them.
pub const ROOT: &[Key] = &[
    Key {
        name: "version",
        doc: "The version of this file's form. A newer carapace reads older ones, and `carapace config migrate` rewrites them.",
        shape: Shape::Whole(1, 1),
        default: "the newest",
        example: "1",
    },
    Key {
        name: "include",
        doc: "Files whose keys count as if they stood here. Objects are put together key by key; what stands in a later file goes before what stands in an earlier one, and what stands here before both. Each path is relative to the file in which it stands, and so are the paths in that file.",
        shape: Shape::List(&Shape::Text(Form::Path)),
        default: "none",
        example: "[\"accounts.json5\"]",
    },
    Key {
        name: "packages",
        doc: "The packages that run: files or folders. They are compiled at the start, and again when a file of theirs changes. Without them the runtime serves what is deployed in `data`; without both, the folder of this file.",
        shape: Shape::List(&Shape::Text(Form::Path)),
        default: "what is deployed in `data`, or the folder of this file",
        example: "[\"flows/shop\"]",
    },
    Key {
        name: "data",
        doc: "The folder in which the runtime keeps what it must not lose.",
        shape: Shape::Text(Form::Path),
        default: "\".carapace\"",
        example: "\"/var/lib/shop\"",
    },
    Key {
        name: "vault",
        doc: "Where secrets lie: tokens, keys, passwords, which stand here by their names only.",
        shape: Shape::Vault,
        default: "the file in `data` where there is one, else the keychain of the system, else that file",
        example: "{ kind: \"file\", key_file: \"/etc/carapace/secrets.key\" }",
    },
    Key {
        name: "listen",
        doc: "The address at which the chat page is served; port 0 takes a free one.",
        shape: Shape::Text(Form::Address),
        default: "\"127.0.0.1:7171\"",
        example: "\"127.0.0.1:8080\"",
    },
    Key {
        name: "public",
        doc: "Under which address others reach it, through a proxy that encrypts. Its name is one of `hosts`.",
        shape: Shape::Text(Form::Site),
        default: "nobody does",
        example: "\"https://bots.example\"",
    },
    Key {
        name: "hosts",
        doc: "More names that it answers to, without a port. What was sent to another name is turned away.",
        shape: Shape::List(&Shape::Text(Form::Name)),
        default: "`localhost`, the loopback addresses, the address it listens on and the name of `public`",
        example: "[\"chat.example\"]",
    },
    Key {
        name: "proxies",
        doc: "Addresses of proxies before it. What they say of who sent a request (`X-Forwarded-For`, `Forwarded`) is believed; what they hand on needs a token, also where they run on the same machine.",
        shape: Shape::List(&Shape::Text(Form::Network)),
        default: "none",
        example: "[\"127.0.0.1\", \"10.0.0.0/8\"]",
    },
    Key {
        name: "origins",
        doc: "Sites whose pages may ask what is under `/v1`, with a token. Channels have lists of their own.",
        shape: Shape::List(&Shape::Text(Form::Site)),
        default: "none",
        example: "[\"https://ui.example\"]",
    },
    Key {
        name: "history",
        doc: "How long what was is kept: the history of runs that are over, events and all. `\"0\"` keeps none.",
        shape: Shape::Text(Form::Time),
        default: "\"30d\"",
        example: "\"90d\"",
    },
    Key {
        name: "loop_check",
        doc: "Whether the runtime stops talking to those who answer at the pace of a program, and sends only so much to one conversation. `false` is for load tests, and for programs that may.",
        shape: Shape::Flag,
        default: "true",
        example: "false",
    },
    Key {
        name: "watch",
        doc: "Whether packages are compiled again when a file of theirs changes.",
        shape: Shape::Flag,
        default: "true",
        example: "false",
    },
    Key {
        name: "accounts",
        doc: "The accounts of channels that this runtime has, by the names under which slots are bound to them.",
        shape: Shape::Map(Form::Account, &Shape::Account),
        default: "`terminal` and `webchat`, one of each kind",
        example: "{ support: { kind: \"webchat\", title: \"Shop\" } }",
    },
    Key {
        name: "bindings",
        doc: "What the slots of packages stand for. A channel stands for accounts, a room for an account's conversation (`\"support:#oncall\"`), a group for people (`[\"terminal:ana\", \"terminal:bo\"]`). The slot's name may be short (`oncall`), or say the package (`shop/oncall`, `shop/main.oncall`).",
        shape: Shape::Map(Form::Item, &Shape::Texts(Form::Place)),
        default: "what lets a person try the package out",
        example: "{ \"shop/oncall\": \"support:#oncall\" }",
    },
    Key {
        name: "settings",
        doc: "The values of the packages' settings, by their names, which may be short as those of slots may.",
        shape: Shape::Map(Form::Item, &Shape::Any),
        default: "what the packages say",
        example: "{ refund_limit: \"50 EUR\" }",
    },
    Key {
        name: "net",
        doc: "Which other machines flows may call, and files come from. What a flow's capabilities do not list it does not call, whatever stands here.",
        shape: Shape::Object(NET),
        default: "every public machine, over TLS",
        example: "{ allow: [\"api.example.com\", \"*.shop.example\"], private: [\"10.1.2.3:8443\"], plain: [\"old.shop.example\"], roots: [\"authority.pem\"] }",
    },
    Key {
        name: "media",
        doc: "How much of files and pictures is taken.",
        shape: Shape::Object(super::media::MEDIA),
        default: "files of 20 MiB, pictures of 64 million pixels",
        example: "{ file: 50, together: 4096, patience: \"2m\", picture: 100, preview: 320 }",
    },
    Key {
        name: "log",
        doc: "The log, which stands on standard error. Flags and the variable `CARAPACE_LOG` go before it.",
        shape: Shape::Object(observed::LOG),
        default: "what a person should see, in words",
        example: "{ format: \"json\", level: \"info\" }",
    },
    Key {
        name: "models",
        doc: "Whom agents ask: models and those who provide them.",
        shape: Shape::Object(MODELS),
        default: "agents have nobody to ask",
        example: "{ providers: { local: { kind: \"ollama\" } }, aliases: { small: [\"local/qwen3\"] }, prices: { \"local/*\": { input: 0, output: 0 } }, timeouts: { whole: \"300s\" }, repairs: 2 }",
    },
    Key {
        name: "telemetry",
        doc: "Who is told what runs do and how long it takes.",
        shape: Shape::Object(observed::TELEMETRY),
        default: "nobody",
        example: "{ otlp: { url: \"https://otel.example:4318\", headers: { authorization: \"otel_token\" }, sample: 10 } }",
    },
    Key {
        name: "mcp",
        doc: "The Model Context Protocol: servers whose tools flows and agents call, and what other programs may call here.",
        shape: Shape::Object(super::mcp::MCP),
        default: "neither",
        example: "{ servers: { files: { command: \"mcp-files\", args: [\"/srv/files\"], tools: [\"read_*\"] } }, offer: [\"shop/refund\"] }",
    },
];

/// The keys of `net`.
pub(super) const NET: &[Key] = &[
    Key {
        name: "allow",
        doc: "The only public hosts that are called.",
        shape: Shape::List(&Shape::Text(Form::Host)),
        default: "every public host",
        example: "[\"api.example.com\", \"*.shop.example\"]",
    },
    Key {
        name: "private",
        doc: "Places of your own network, or of this machine, that are called all the same, also without TLS: each by the host that stands in the address, and its port.",
        shape: Shape::List(&Shape::Text(Form::Server)),
        default: "none",
        example: "[\"10.1.2.3:8443\", \"localhost:3000\"]",
    },
    Key {
        name: "plain",
        doc: "Public hosts that are called without TLS, too. Whoever is on the way reads and changes what is said; no token goes there.",
        shape: Shape::List(&Shape::Text(Form::Host)),
        default: "none",
        example: "[\"old.shop.example\"]",
    },
    Key {
        name: "roots",
        doc: "Files in PEM with the certificates of authorities of your own, which vouch for servers besides those in whom browsers trust.",
        shape: Shape::List(&Shape::Text(Form::Path)),
        default: "none",
        example: "[\"authority.pem\"]",
    },
];
