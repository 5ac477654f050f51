//! `carapace service`: the system starts the runtime.

mod launchd;
mod systemd;

use crate::args::{Service, ServiceCommand, ServiceFile, Starter};
use crate::exit::Exit;
use crate::problem::{Problem, reason};
use crate::{config, output};
use std::path::{Path, PathBuf};

/// What a service's file is made of: whole paths, none of which could be read as something else.
struct Wanted<'o> {
    options: &'o ServiceFile,
    program: PathBuf,
    data: PathBuf,
    config: Option<PathBuf>,
    /// The folder of the configuration, in which the runtime runs.
    folder: Option<PathBuf>,
}

pub(crate) fn run(options: &Service) -> Result<Exit, Problem> {
    match &options.command {
        ServiceCommand::Print(options) => {
            output::print(&text(options)?);
            Ok(Exit::Fine)
        }
        ServiceCommand::Install(options) => install(options),
        ServiceCommand::Uninstall(options) => uninstall(options),
    }
}

fn install(options: &ServiceFile) -> Result<Exit, Problem> {
    let (text, path) = (text(options)?, place(options)?);
    there(options)?;
    if std::fs::read_to_string(&path).is_ok_and(|there| there != text) {
        let message = format!("`{}` is there already, and says something else", path.display());
        return Err(Problem::new("E1050", message).help(
            "`carapace service uninstall` takes it away; `carapace service print` shows what it would say",
        ));
    }
    let written = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, &text)
    };
    written().map_err(|e| unwritable(&path, &e))?;
    output::note(&format!("{} is written", path.display()));
    output::note(&match starter(options) {
        Starter::Systemd => systemd::start(options),
        Starter::Launchd => launchd::start(options, &path),
    });
    Ok(Exit::Fine)
}

fn uninstall(options: &ServiceFile) -> Result<Exit, Problem> {
    let path = place(options)?;
    if !path.exists() {
        return Err(Problem::new("E1050", format!("there is no `{}`", path.display()))
            .help("`--user`, `--system` and `--name` say which service is meant"));
    }
    std::fs::remove_file(&path).map_err(|e| unwritable(&path, &e))?;
    output::note(&format!("{} is gone; what the runtime keeps is still there", path.display()));
    output::note(&match starter(options) {
        Starter::Systemd => systemd::stop(options),
        Starter::Launchd => launchd::stop(options),
    });
    Ok(Exit::Fine)
}

fn text(options: &ServiceFile) -> Result<String, Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    for name in [&options.name, &options.run_as] {
        if name.is_empty() || !name.chars().all(plain) {
            return Err(Problem::new(
                "E1050",
                format!("`{name}` cannot be the name of a service or of a user"),
            )
            .help("it has letters, digits, `-` and `_`"));
        }
    }
    let program = std::env::current_exe().map_err(|e| {
        Problem::new("E1050", format!("nobody knows where this program lies: {}", reason(&e)))
    })?;
    // The system starts it elsewhere, where nobody would look for the file that lies here.
    let config = config::file(options.config.as_deref()).as_deref().map(whole).transpose()?;
    let folder = config.as_deref().and_then(Path::parent).map(Path::to_owned);
    let (program, data) = (whole(&program)?, whole(&data(options))?);
    let wanted = Wanted { options, program, data, config, folder };
    match starter(options) {
        Starter::Systemd => systemd::unit(&wanted),
        Starter::Launchd => launchd::list(&wanted),
    }
}

/// The data directory: the one that is named, else the one of the configuration.
fn data(options: &ServiceFile) -> PathBuf {
    let said = options.data.clone().or_else(|| config::data(options.config.as_deref()));
    said.unwrap_or_else(|| {
        let file = config::file(options.config.as_deref());
        file.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).join(".carapace")
    })
}

/// Whether there is what the service is started with: the system says so at every start otherwise, and nobody looks there.
fn there(options: &ServiceFile) -> Result<(), Problem> {
    let data = data(options);
    if !options.system {
        return crate::data::make_private(&data).map_err(|e| Problem::unwritable(&data, &e));
    }
    let (user, shown) = (&options.run_as, data.display());
    let known = std::process::Command::new("id").arg("-u").arg("--").arg(user).output();
    // Where nobody can be asked, the system says it when it starts the service.
    if known.is_ok_and(|output| !output.status.success()) {
        return Err(Problem::new("E1050", format!("there is no user `{user}` on this machine")).help(format!(
            "`sudo useradd --system --shell /usr/sbin/nologin {user}` makes one; `--run-as USER` names another"
        )));
    }
    if !data.is_dir() {
        return Err(Problem::new("E1050", format!("the data directory `{shown}` is not there"))
            .help(format!("`sudo install -d -o {user} -m 700 {shown}` makes it")));
    }
    Ok(())
}

/// A path as the system is told it: from the root on, and without letters that mean something there.
fn whole(path: &Path) -> Result<PathBuf, Problem> {
    let whole = std::path::absolute(path).map_err(|e| Problem::unreadable(path, &e))?;
    let text = whole.to_str().unwrap_or_default();
    if text.is_empty() || text.chars().any(|c| c.is_control() || "\"'\\%$<>&".contains(c)) {
        let message = format!("`{}` cannot stand in a service's file", path.display());
        return Err(Problem::new("E1050", message)
            .help("give it a name of letters, digits, spaces, `-`, `_` and `.`"));
    }
    Ok(whole)
}

fn starter(options: &ServiceFile) -> Starter {
    let usual = if cfg!(target_os = "macos") { Starter::Launchd } else { Starter::Systemd };
    options.starter.unwrap_or(usual)
}

/// Where the system looks for the file.
fn place(options: &ServiceFile) -> Result<PathBuf, Problem> {
    let home = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let no_home = || {
        Problem::new("E1050", "nobody knows where your services lie")
            .help("set `HOME`; or `carapace service print` shows what to put there")
    };
    Ok(match (starter(options), options.system) {
        (Starter::Systemd, true) => format!("/etc/systemd/system/{}.service", options.name).into(),
        (Starter::Systemd, false) => {
            let config = home("XDG_CONFIG_HOME").or_else(|| Some(home("HOME")?.join(".config")));
            config.ok_or_else(no_home)?.join("systemd/user").join(format!("{}.service", options.name))
        }
        (Starter::Launchd, true) => format!("/Library/LaunchDaemons/{}.plist", options.name).into(),
        (Starter::Launchd, false) => home("HOME")
            .ok_or_else(no_home)?
            .join("Library/LaunchAgents")
            .join(format!("{}.plist", options.name)),
    })
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new("E1050", format!("`{}` cannot be written: {}", path.display(), reason(error))).help(
        "a service of the machine is written by its administrator: `sudo`; or `carapace service print` shows what to put there",
    )
}
