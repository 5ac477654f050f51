//! A unit of systemd (systemd.service(5), systemd.exec(5)).

use super::Wanted;
use crate::args::ServiceFile;
use crate::problem::Problem;

/// What nobody needs who talks to networks and writes into one folder. A service of a user cannot have all of it: what needs
/// rights of the machine is left out there.
const HARDENED: &str = "\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
";

/// What only the machine can give.
const WALLED: &str = "\
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
CapabilityBoundingSet=
";

pub(super) fn unit(wanted: &Wanted<'_>) -> Result<String, Problem> {
    let Wanted { options, program, data, config, folder } = wanted;
    let config = config.as_ref().map(|path| format!(" --config \"{}\"", path.display())).unwrap_or_default();
    let folder = folder.as_ref().map(|folder| format!("WorkingDirectory={}\n", folder.display()));
    let folder = folder.unwrap_or_default();
    let (program, data) = (program.display(), data.display());
    let (user, walled, target) = if options.system {
        (format!("User={}\n", options.run_as), WALLED, "multi-user.target")
    } else {
        (String::new(), "", "default.target")
    };
    let mut credentials = String::new();
    for credential in &options.credential {
        credentials.push_str(&format!("LoadCredential={}\n", checked(credential)?));
    }
    Ok(format!(
        "[Unit]
Description=Carapace runtime ({name})
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart=\"{program}\" run --data \"{data}\"{config} --last-known-good --no-terminal --no-watch
{folder}{user}Restart=on-failure
RestartSec=2
# What was heard comes to rest before it ends; a second signal would end it at once.
TimeoutStopSec=30
WatchdogSec=60
{credentials}
{HARDENED}ProtectSystem=strict
ReadWritePaths=\"{data}\"
{walled}
[Install]
WantedBy={target}
",
        name = options.name,
    ))
}

/// `NAME:FILE`, as systemd takes it.
fn checked(credential: &str) -> Result<&str, Problem> {
    let (name, path) = credential.split_once(':').unwrap_or_default();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if plain && path.starts_with('/') && !path.contains(|c: char| c.is_control() || c == '%') {
        return Ok(credential);
    }
    Err(Problem::new("E1050", format!("`{credential}` names no secret and its file"))
        .help("write its name, `:` and where it lies: `vault-key:/etc/carapace/vault.key`"))
}

/// How it is started.
pub(super) fn start(options: &ServiceFile) -> String {
    let (who, log) = who(options);
    let name = &options.name;
    format!(
        "start it with `systemctl {who}daemon-reload` and `systemctl {who}enable --now {name}`; `journalctl {log}-u {name}` has what it says"
    )
}

/// How it is stopped.
pub(super) fn stop(options: &ServiceFile) -> String {
    let (who, _) = who(options);
    let name = &options.name;
    format!("where it runs, `systemctl {who}stop {name}` ends it; then `systemctl {who}daemon-reload`")
}

fn who(options: &ServiceFile) -> (&'static str, &'static str) {
    if options.system { ("", "") } else { ("--user ", "--user ") }
}
