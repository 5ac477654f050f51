//! How servers stand, and that one is trusted.

use super::serve;
use crate::args::{ListServers, Mcp, McpCommand, Place, Results, TrustServer};
use crate::commands::runs::runtime::nobody;
use crate::commands::table::{clean, table, width};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_gateway::{Request, ServerTrusted, ServersListed, ToolServer};
use serde::de::DeserializeOwned;
use serde_json::json;

pub(crate) fn run(options: &Mcp) -> Result<Exit, Problem> {
    match &options.command {
        McpCommand::List(options) => list(options),
        McpCommand::Trust(options) => trust(options),
        McpCommand::Serve(place) => serve::run(place),
    }
}

fn list(options: &ListServers) -> Result<Exit, Problem> {
    let listed: ServersListed = ask(&options.at.place, &Request::Servers {})?;
    match options.at.format {
        Results::Json => output::print(&format!("{:#}\n", json!(listed))),
        Results::Human if listed.servers.is_empty() => {
            output::print("the configuration names no server under `mcp.servers`\n");
        }
        Results::Human => {
            let rows: Vec<_> = listed.servers.iter().map(row).collect();
            output::print(&table(["NAME", "STANDS", "TOOLS", "AT"], 3, &rows, width()));
            for server in listed.servers.iter().filter(|server| server.why.is_some()) {
                let why = server.why.as_deref().unwrap_or_default();
                output::print(&format!("`{}` is down: {}\n", clean(&server.name), clean(why)));
            }
            if options.tools {
                listed.servers.iter().for_each(|server| output::print(&tools(server)));
            }
        }
    }
    Ok(Exit::Fine)
}

fn row(server: &ToolServer) -> ([String; 4], bool) {
    let used = server.tools.iter().filter(|tool| tool.state == "used").count();
    let changed = server.tools.iter().filter(|tool| tool.state == "changed").count();
    let mut tools = format!("{used} of {}", server.tools.len());
    if changed > 0 {
        tools.push_str(&format!(", {changed} changed"));
    }
    ([clean(&server.name), server.state.clone(), tools, clean(&server.place)], false)
}

/// The tools of a server, with what it says of each.
fn tools(server: &ToolServer) -> String {
    let mut text = format!("\n{}\n", clean(&server.name));
    for tool in &server.tools {
        let state = match (tool.state.as_str(), &tool.why) {
            ("used", _) => String::new(),
            (state, Some(why)) => format!(" ({state}: {})", clean(why)),
            (state, None) => format!(" ({state})"),
        };
        text.push_str(&format!("  {}{state}\n", clean(&tool.name)));
        for line in tool.description.lines() {
            text.push_str(&format!("    {}\n", clean(line)));
        }
    }
    text
}

fn trust(options: &TrustServer) -> Result<Exit, Problem> {
    let server = options.server.clone();
    let trusted: ServerTrusted = ask(&options.at.place, &Request::TrustServer { server })?;
    output::print(&match options.at.format {
        Results::Json => format!("{:#}\n", json!(trusted)),
        Results::Human if trusted.tools.is_empty() => {
            format!("no tool of `{}` has changed\n", clean(&trusted.server))
        }
        Results::Human => {
            let names: Vec<String> = trusted.tools.iter().map(|name| format!("`{}`", clean(name))).collect();
            format!("used again, as it is now: {}\n", names.join(", "))
        }
    });
    Ok(Exit::Fine)
}

/// Asks the runtime of a place, which has to run.
fn ask<T: DeserializeOwned>(place: &Place, request: &Request) -> Result<T, Problem> {
    Client::connect(place)?.ok_or_else(|| nobody(&place.data()))?.call(request)
}
