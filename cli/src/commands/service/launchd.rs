//! A property list of launchd (launchd.plist(5)).

use super::Wanted;
use crate::args::ServiceFile;
use crate::problem::Problem;
use std::path::Path;

pub(super) fn list(wanted: &Wanted<'_>) -> Result<String, Problem> {
    let Wanted { options, program, data, config, folder } = wanted;
    if !options.credential.is_empty() {
        return Err(Problem::new("E1050", "launchd hands no secrets to services")
            .help("keep them in the keychain: `carapace secret set`"));
    }
    let mut arguments =
        vec![program.display().to_string(), "run".into(), "--data".into(), data.display().to_string()];
    arguments.extend(config.iter().flat_map(|path| ["--config".to_owned(), path.display().to_string()]));
    arguments.extend(["--last-known-good", "--no-terminal", "--no-watch"].map(str::to_owned));
    let arguments: String =
        arguments.iter().map(|argument| format!("    <string>{argument}</string>\n")).collect();
    let folder = folder
        .as_ref()
        .map(|folder| format!("  <key>WorkingDirectory</key>\n  <string>{}</string>\n", folder.display()));
    let folder = folder.unwrap_or_default();
    let user = if options.system {
        format!("  <key>UserName</key>\n  <string>{}</string>\n", options.run_as)
    } else {
        String::new()
    };
    let (name, data) = (&options.name, data.display());
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{name}</string>
  <key>ProgramArguments</key>
  <array>
{arguments}  </array>
{folder}{user}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>{data}/service.log</string>
</dict>
</plist>
"#
    ))
}

/// How it is started.
pub(super) fn start(options: &ServiceFile, path: &Path) -> String {
    let domain = domain(options);
    format!("start it with `launchctl bootstrap {domain} {}`", path.display())
}

/// How it is stopped.
pub(super) fn stop(options: &ServiceFile) -> String {
    format!("where it runs, `launchctl bootout {}/{}` ends it", domain(options), options.name)
}

fn domain(options: &ServiceFile) -> &'static str {
    if options.system { "system" } else { "gui/$(id -u)" }
}
