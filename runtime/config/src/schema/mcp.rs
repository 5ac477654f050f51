//! The keys of `mcp`: servers of tools, and what is offered to programs that ask for tools.

use super::{Form, Key, Shape};

/// The keys of `mcp`.
pub(super) const MCP: &[Key] = &[
    Key {
        name: "servers",
        doc: "Servers whose tools flows and agents call, by the names to which connections of packages are bound.",
        shape: Shape::Map(Form::Account, &Shape::Object(SERVER)),
        default: "none",
        example: "{ files: { command: \"mcp-files\", args: [\"/srv/files\"] } }",
    },
    Key {
        name: "offer",
        doc: "What programs that speak the protocol may call, at `/mcp` and through `carapace mcp serve`: tools and flows without `on` of deployed packages, by package and name; `shop/*` is all of a package.",
        shape: Shape::List(&Shape::Text(Form::Offer)),
        default: "nothing",
        example: "[\"shop/refund\", \"helpdesk/*\"]",
    },
];

/// The keys of a server.
const SERVER: &[Key] = &[
    Key {
        name: "command",
        doc: "The program that is started and spoken to over its standard input and output. It ends with the runtime, and with it all that it has started.",
        shape: Shape::Text(Form::Plain),
        default: "`url` says where the server is",
        example: "\"npx\"",
    },
    Key {
        name: "args",
        doc: "What the program is told.",
        shape: Shape::List(&Shape::Text(Form::Plain)),
        default: "nothing",
        example: "[\"-y\", \"@modelcontextprotocol/server-everything\"]",
    },
    Key {
        name: "env",
        doc: "Variables of its environment. Of the runtime's own it gets `PATH`, `HOME` and a few like them, and nothing else.",
        shape: Shape::Map(Form::Plain, &Shape::Text(Form::Plain)),
        default: "none",
        example: "{ LOG_LEVEL: \"info\" }",
    },
    Key {
        name: "cwd",
        doc: "The folder in which it is started.",
        shape: Shape::Text(Form::Path),
        default: "that of the runtime",
        example: "\"/srv/files\"",
    },
    Key {
        name: "url",
        doc: "The address of a server that is reached over HTTP.",
        shape: Shape::Text(Form::Plain),
        default: "`command` says which program is the server",
        example: "\"https://tools.example/mcp\"",
    },
    Key {
        name: "headers",
        doc: "Header fields that are sent to the address.",
        shape: Shape::Map(Form::Plain, &Shape::Text(Form::Plain)),
        default: "none",
        example: "{ \"X-Tenant\": \"shop\" }",
    },
    Key {
        name: "token",
        doc: "The name of the secret that is sent to the address as a bearer token.",
        shape: Shape::Text(Form::Secret),
        default: "none is sent",
        example: "\"shop_tools\"",
    },
    Key {
        name: "secrets",
        doc: "Variables of the program, or header fields of the address, whose values are secrets: each with the secret's name.",
        shape: Shape::Map(Form::Plain, &Shape::Text(Form::Secret)),
        default: "none",
        example: "{ GITHUB_TOKEN: \"github\" }",
    },
    Key {
        name: "tools",
        doc: "Which of its tools are used: `*` stands for any letters, and what begins with `!` is left out.",
        shape: Shape::List(&Shape::Text(Form::Plain)),
        default: "all of them",
        example: "[\"read_*\", \"!read_secrets\"]",
    },
    Key {
        name: "timeout",
        doc: "How long a call may take in which nothing is heard of it.",
        shape: Shape::Text(Form::Time),
        default: "\"60s\"",
        example: "\"5m\"",
    },
];
