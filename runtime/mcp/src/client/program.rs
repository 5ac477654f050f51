//! Servers that are programs: started with an environment of their own, and ended with all that they have started.

use super::Limits;
use super::environment::Values;
use super::plain::line;
use carapace_channel_api::ExposeSecret as _;
use rmcp::service::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long a program may take to end by itself once its input has ended, and then again once it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// Bytes of a line of its standard error that are read at a time.
const LINE: u64 = 4096;

/// What a program is spoken to over.
pub(super) type Pipes = AsyncRwTransport<RoleClient, ChildStdout, ChildStdin>;

/// A program that runs.
pub(super) struct Program {
    child: Child,
    /// The last that it said on its standard error.
    said: Arc<Mutex<String>>,
}

/// What is started.
pub(super) struct Start<'s> {
    pub(super) server: &'s str,
    pub(super) command: &'s str,
    pub(super) args: &'s [String],
    pub(super) cwd: Option<&'s Path>,
    /// What it is given of our environment.
    pub(super) environment: &'s [(String, String)],
    pub(super) values: &'s Arc<Values>,
}

impl Program {
    /// Starts it.
    ///
    /// # Errors
    /// Why that cannot be, for a person.
    pub(super) fn start(start: &Start<'_>, limits: &Limits) -> Result<(Program, Pipes), String> {
        let mut command = Command::new(start.command);
        command
            .args(start.args)
            .env_clear()
            .envs(start.environment.iter().map(|(name, value)| (name, value)))
            .envs(start.values.named.iter().map(|(name, value)| (name, value.expose_secret())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(cwd) = start.cwd {
            command.current_dir(cwd);
        }
        #[cfg(unix)]
        command.process_group(0);
        let mut child =
            command.spawn().map_err(|e| format!("`{}` cannot be started: {}", start.command, said_by(&e)))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(format!("`{}` cannot be spoken to", start.command));
        };
        let said = Arc::new(Mutex::new(String::new()));
        tokio::spawn(overhear(errors, start.server.to_owned(), start.values.clone(), said.clone()));
        let pipes = AsyncRwTransport::new_client(output, input).with_max_line_length(limits.message);
        Ok((Program { child, said }, pipes))
    }

    /// Ends it, where it has not ended by itself, and everything that it has started. Its input has been closed. Says how
    /// it ended, where it did so by itself.
    pub(super) async fn end(mut self) -> Option<String> {
        let pid = self.child.id();
        let mut by_itself = self.ended().await;
        if by_itself.is_none() {
            signal(pid, false);
            if self.ended().await.is_none() {
                signal(pid, true);
                // Where it cannot be killed, it has ended meanwhile.
                let _ = self.child.kill().await;
            }
        }
        // What it has started may have outlived it.
        signal(pid, true);
        if let Some(how) = &mut by_itself {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            if !said.is_empty() {
                how.push_str(&format!("; the last it said: `{said}`"));
            }
        }
        by_itself
    }

    async fn ended(&mut self) -> Option<String> {
        match tokio::time::timeout(GRACE, self.child.wait()).await {
            Ok(Ok(status)) => Some(format!("it ended ({status})")),
            Ok(Err(_)) | Err(_) => None,
        }
    }
}

fn said_by(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be run".to_owned(),
        _ => error.to_string(),
    }
}

/// Tells a program and all that it has started to end.
#[cfg(unix)]
fn signal(pid: Option<u32>, kill: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(group) = group {
        // Where nobody is left, there is nobody to be told.
        let _ = kill_process_group(group, if kill { Signal::KILL } else { Signal::TERM });
    }
}

#[cfg(not(unix))]
fn signal(_: Option<u32>, _: bool) {}

/// Reads what a program says on its standard error, so that it never waits for that, into the log.
async fn overhear(
    errors: impl AsyncRead + Unpin,
    server: String,
    values: Arc<Values>,
    said: Arc<Mutex<String>>,
) {
    let mut reader = BufReader::new(errors);
    loop {
        let mut bytes = Vec::new();
        match (&mut reader).take(LINE).read_until(b'\n', &mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = line(&values.clean(&String::from_utf8_lossy(&bytes)), 400);
        if !text.is_empty() {
            tracing::info!(%server, "{text}");
            *said.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
    }
}
