//! The command line, as data.

mod access;
mod audit;
mod backup;
mod chat;
mod config;
mod deploy;
mod doctor;
mod forget;
pub(crate) mod journal;
mod login;
mod logs;
mod mcp;
mod outbox;
mod pair;
mod place;
mod run;
mod runs;
mod secret;
mod service;
mod session;
mod token;
mod usage;

pub(crate) use access::{Access, AccessCommand};
pub(crate) use audit::{Audit, AuditCommand, ListActs, VerifyActs};
pub(crate) use backup::{Backup, Restore};
pub(crate) use chat::Chat;
pub(crate) use config::{ConfigCheck, ConfigCommand, ConfigMigrate, ConfigShow, Configuration};
pub(crate) use deploy::{Deploy, Deployments, Gc, Rollback};
pub(crate) use doctor::Doctor;
pub(crate) use forget::Forget;
pub(crate) use login::{Login, Logout};
pub(crate) use logs::{Logs, Severity};
pub(crate) use mcp::{ListServers, Mcp, McpCommand, TrustServer};
pub(crate) use outbox::{ListMessages, OneMessage, Outbox, OutboxCommand, Stand};
pub(crate) use pair::Pair;
pub(crate) use place::{Place, Where, With};
pub(crate) use run::Run;
pub(crate) use runs::{List, Move, Outcome, Runs, RunsCommand, Show, Start, WaitsFor};
pub(crate) use secret::{
    ListSecrets, RemoveSecret, RotateSecrets, Secret, SecretCommand, SetSecret, VaultAt,
};
pub(crate) use service::{Service, ServiceCommand, ServiceFile, Starter};
pub(crate) use session::{ListSessions, OneSession, RestoreSession, Session, SessionCommand, VerifySessions};
pub(crate) use token::{CreateToken, RevokeToken, Token, TokenCommand};
pub(crate) use usage::Usage;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Flows for your chat channels and AI agents: written as text, checked before they run, and never lost.
///
/// Exit codes: 0 done; 1 done, and there is something to report (mistakes, failed tests); 2 not done (a file that cannot
/// be read, arguments that make no sense).
#[derive(Debug, Parser)]
#[command(name = "carapace", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a folder with a flow to start from
    New(New),
    /// Find mistakes
    Check(Check),
    /// Run the tests that stand beside the flows
    Test(Test),
    /// Make flows of those of other programs
    Import(Import),
    /// Put flows into the one style
    Fmt(Fmt),
    /// Run packages: talk to them here, and in a browser
    Run(Run),
    /// Look at `carapace.json5`, what a runtime is configured with
    Config(Configuration),
    /// Keep tokens, keys and passwords where only the runtime reads them
    Secret(Secret),
    /// Hand packages to a runtime, after saying what changes
    Deploy(Deploy),
    /// List what is deployed
    Deployments(Deployments),
    /// Go back to a version as it was
    Rollback(Rollback),
    /// Let go of versions that nobody needs
    Gc(Gc),
    /// Keep the token for a runtime on another machine
    Login(Login),
    /// Forget it
    Logout(Logout),
    /// Look at the journal of a runtime: what happened, and whether all of it can be read
    Journal(journal::Journal),
    /// What flows logged, runs that failed, and what the runtime had to say
    Logs(Logs),
    /// What asking models has used up, and what it cost
    Usage(Usage),
    /// Look into runs that wait, and steer them
    Runs(Runs),
    /// Look at messages on their way out and at those that failed, and see to them
    Outbox(Outbox),
    /// Say who may talk to accounts that ask strangers for a code
    Access(Access),
    /// Look at servers of tools, and offer what a runtime lets be called to other programs
    Mcp(Mcp),
    /// Copy everything that a runtime keeps into one file, while it runs or not
    Backup(Backup),
    /// Make a data directory of such a file
    Restore(Restore),
    /// Talk to a chat page of a runtime
    Chat(Chat),
    /// Erase what is kept of a person
    Forget(Forget),
    /// Read what agents and people have said, and look through it
    Session(Session),
    /// Give out tokens for those who come from elsewhere, and take them back
    Token(Token),
    /// Show a code with which a device or a browser gets a token of its own
    Pair(Pair),
    /// Read the log of what was done, by whom, and who was refused
    Audit(Audit),
    /// Look whether a runtime has what it needs, and each of its channels works
    Doctor(Doctor),
    /// Have the system start a runtime: systemd, launchd
    Service(Service),
    /// Compile a package into a module
    Compile(Compile),
    /// Show what is in a module
    Disasm(Disasm),
    /// Explain a diagnostic's code
    Explain(Explain),
    /// Draw flows: triggers, branches, effects, waits
    Graph(Graph),
    /// Serve an editor: the language server, on standard input and output
    Lsp(Lsp),
    /// Print completions for a shell
    Completions(Completions),
}

/// Serves an editor until it goes away.
#[derive(Debug, ClapArgs)]
pub(crate) struct Lsp {
    /// The data directory of a runtime: above each flow stands how many runs of it live there
    #[arg(long, value_name = "DIR", default_value = ".carapace")]
    pub(crate) data: PathBuf,
    /// What editors say by habit; there is no other way
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Makes flows of another program's, and says what it could not take over or what that program did otherwise.
#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// Which program's
    #[arg(value_enum)]
    pub(crate) from: Foreign,
    /// Its file
    pub(crate) file: PathBuf,
    /// The file to write; standard output where it is not given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Programs whose flows can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Foreign {
    /// The first carapace: flows.json, flows.yaml
    CarapaceJson,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct New {
    /// The folder to make
    pub(crate) name: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    /// Files or folders
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Make the repairs for which there is one right way, and write the files
    #[arg(long)]
    pub(crate) fix: bool,
    /// Check also what was checked before and has not changed since, and keep nothing
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Also list what each flow may touch, and every `trust` with its reason
    #[arg(long)]
    pub(crate) capabilities: bool,
    /// Also say what keeps it from being deployed to the runtime of this data directory, and which of its live runs it
    /// would leave behind
    #[arg(long, value_name = "DIR")]
    pub(crate) against: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Test {
    /// Files or folders
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only tests whose title contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Also say which branches no test took
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Every test also with the machine losing its power after each await
    #[arg(long)]
    pub(crate) crash: bool,
    /// Also write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Results,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Results {
    /// For people
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Fmt {
    /// Files or folders
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; exit with 1 where something would change
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compile {
    /// The package: its root file, or its folder
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// Where the module goes
    #[arg(short, long, value_name = "OUT.flowc")]
    pub(crate) out: PathBuf,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Disasm {
    /// A compiled module
    #[arg(value_name = "FILE.flowc")]
    pub(crate) path: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// Such as E0101; without one, all are listed
    pub(crate) code: Option<String>,
}

/// What a graph is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    /// For Markdown and pull requests
    Mermaid,
    /// A picture
    Svg,
    /// Nodes and edges as data
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Graph {
    /// A flow file
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// Only the flow of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) flow: Option<String>,
    /// What is written
    #[arg(long, value_enum, default_value = "mermaid")]
    pub(crate) format: Drawing,
    /// Where; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
