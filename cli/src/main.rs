//! The `carapace` command: the one place that knows everything, and does nothing itself.

mod args;
mod caches;
mod commands;
mod config;
mod data;
mod disk;
mod exit;
mod forgetting;
mod log;
mod output;
mod package;
mod problem;
mod progress;
mod reach;
mod sources;
mod vault;

use args::{Args, Command};
use carapace_config::LogConfig;
use clap::Parser as _;
use exit::Exit;
use log::{Choice, Log};
use problem::Problem;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    let log = match begin_log(&args.command) {
        Ok(log) => log,
        Err(problem) => {
            problem.print();
            return Exit::Unusable.into();
        }
    };
    let result = match &args.command {
        Command::New(options) => commands::new::run(options),
        Command::Import(options) => commands::import::run(options),
        Command::Check(options) => commands::check::run(options),
        Command::Test(options) => commands::test::run(options),
        Command::Run(options) => commands::run::run(options, &log),
        Command::Config(options) => commands::config::run(options),
        Command::Secret(options) => commands::secret::run(options),
        Command::Deploy(options) => commands::deploy::run(options),
        Command::Deployments(options) => commands::deployments::run(options),
        Command::Rollback(options) => commands::rollback::run(options),
        Command::Gc(options) => commands::gc::run(options),
        Command::Login(options) => commands::login::run(options),
        Command::Logout(options) => commands::login::forget(options),
        Command::Journal(options) => commands::journal::run(options),
        Command::Logs(options) => commands::logs::run(options),
        Command::Usage(options) => commands::usage::run(options),
        Command::Runs(options) => commands::runs::run(options),
        Command::Outbox(options) => commands::outbox::run(options),
        Command::Access(options) => commands::access::run(options),
        Command::Backup(options) => commands::backup::run(options),
        Command::Restore(options) => commands::backup::restore::run(options),
        Command::Chat(options) => commands::chat::run(options),
        Command::Forget(options) => commands::forget::run(options),
        Command::Session(options) => commands::session::run(options),
        Command::Doctor(options) => commands::doctor::run(options),
        Command::Service(options) => commands::service::run(options),
        Command::Fmt(options) => commands::fmt::run(options),
        Command::Mcp(options) => commands::mcp::run(options),
        Command::Pair(options) => commands::pair::run(options),
        Command::Audit(options) => commands::audit::run(options),
        Command::Token(options) => commands::token::run(options),
        Command::Compile(options) => commands::compile::run(options),
        Command::Disasm(options) => commands::disasm::run(options),
        Command::Explain(options) => commands::explain::run(options),
        Command::Graph(options) => commands::graph::run(options),
        Command::Lsp(options) => commands::lsp::run(options),
        Command::Completions(options) => commands::completions::run(options),
    };
    let exit = result.unwrap_or_else(|problem| {
        output::set_off();
        problem.print();
        Exit::Unusable
    });
    log.flush();
    exit.into()
}

/// The log, as flags and the environment say it; the configuration is not read yet.
fn begin_log(command: &Command) -> Result<Log, Problem> {
    let (format, level) = match command {
        Command::Run(flags) => (flags.log_format, flags.log_level),
        _ => (None, None),
    };
    Ok(Log::begin(Choice::of(format, level, &LogConfig::default())?))
}
