//! What the files say about the Model Context Protocol.

use crate::config::Placed;
use crate::document::{Member, Node};
use std::path::PathBuf;

/// Servers of tools, and what is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct McpConfig {
    /// The servers.
    pub servers: Vec<Placed<McpServerConfig>>,
    /// What is offered: `shop/refund`, `shop/*`.
    pub offer: Vec<String>,
}

/// A server of tools. Of `command` and `url` one is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct McpServerConfig {
    /// Its name.
    pub name: String,
    /// The program.
    pub command: Option<String>,
    /// What it is told.
    pub args: Vec<String>,
    /// Variables of its environment.
    pub env: Vec<(String, String)>,
    /// Where it is started.
    pub cwd: Option<PathBuf>,
    /// The address.
    pub url: Option<String>,
    /// Header fields that are sent there.
    pub headers: Vec<(String, String)>,
    /// The secret that is sent there as a bearer token.
    pub token: Option<String>,
    /// Variables or header fields, and the names of the secrets that are their values.
    pub secrets: Vec<(String, String)>,
    /// Which tools are used.
    pub tools: Vec<String>,
    /// How long a call may take, as it is written: `60s`.
    pub timeout: Option<String>,
}

impl McpServerConfig {
    /// The secrets that it names.
    pub fn wanted(&self) -> impl Iterator<Item = &String> {
        self.token.iter().chain(self.secrets.iter().map(|(_, secret)| secret))
    }
}

impl McpConfig {
    pub(crate) fn of(node: &Node, path: &dyn Fn(&Node) -> Option<PathBuf>) -> McpConfig {
        let servers = node.get("servers").map(Node::members).unwrap_or_default();
        McpConfig {
            servers: servers.iter().map(|member| server(member, path)).collect(),
            offer: node.get("offer").map(texts).unwrap_or_default(),
        }
    }
}

fn server(member: &Member, path: &dyn Fn(&Node) -> Option<PathBuf>) -> Placed<McpServerConfig> {
    let node = &member.value;
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    let list = |key| node.get(key).map(texts).unwrap_or_default();
    let pairs = |key| node.get(key).map(pairs).unwrap_or_default();
    let server = McpServerConfig {
        name: member.name.text.clone(),
        command: text("command"),
        args: list("args"),
        env: pairs("env"),
        cwd: node.get("cwd").and_then(path),
        url: text("url"),
        headers: pairs("headers"),
        token: text("token"),
        secrets: pairs("secrets"),
        tools: list("tools"),
        timeout: text("timeout"),
    };
    Placed { value: server, span: member.name.span }
}

fn texts(node: &Node) -> Vec<String> {
    node.elements().iter().filter_map(Node::text).map(str::to_owned).collect()
}

fn pairs(node: &Node) -> Vec<(String, String)> {
    let pair = |member: &Member| Some((member.name.text.clone(), member.value.text()?.to_owned()));
    node.members().iter().filter_map(pair).collect()
}
