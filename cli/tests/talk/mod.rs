//! A conversation with the built binary, through pipes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Nothing that is asked here takes as long on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A runtime at the other end of a pipe.
pub(crate) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    said: Receiver<String>,
    told: Receiver<String>,
}

impl Talk {
    /// Starts `carapace run` on a package, with a data directory and more arguments.
    pub(crate) fn begin(package: &Path, data: &Path, more: &[&str]) -> Talk {
        Talk::start(package, data, "127.0.0.1:0", more)
    }

    /// Starts it without a terminal, at an address.
    pub(crate) fn serve(package: &Path, data: &Path, listen: &str) -> Talk {
        Talk::start(package, data, listen, &["--no-terminal", "--no-watch", "--no-loop-check"])
    }

    fn start(package: &Path, data: &Path, listen: &str, more: &[&str]) -> Talk {
        Talk::launch(Some(package), data, listen, more)
    }

    /// Starts it; without a package, on what is deployed.
    pub(crate) fn launch(package: Option<&Path>, data: &Path, listen: &str, more: &[&str]) -> Talk {
        let mut child = Command::new(env!("CARGO_BIN_EXE_carapace"))
            .arg("run")
            .args(package)
            .arg("--data")
            .arg(data)
            .args(["--listen", listen])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = lines(child.stdout.take().unwrap());
        let told = lines(child.stderr.take().unwrap());
        Talk { input: child.stdin.take(), child, said, told }
    }

    /// Types a line.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// The next line it says.
    pub(crate) fn hear(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("it says something")
    }

    /// Waits until it tells those who run it something that contains `part`; gives that line.
    pub(crate) fn told(&self, part: &str) -> String {
        let mut lines = Vec::new();
        loop {
            let Ok(line) = self.told.recv_timeout(PATIENCE) else {
                panic!("it does not tell of `{part}`, but only:\n{}", lines.join("\n"))
            };
            if line.contains(part) {
                return line;
            }
            lines.push(line);
        }
    }

    /// Cuts its power: no handler, no flush, no farewell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the input, and gives what it still said and how it ended.
    pub(crate) fn end(mut self) -> (Vec<String>, ExitStatus) {
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        (self.said.iter().collect(), status)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream.take(1 << 20)).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    heard
}

/// A package of one file.
pub(crate) fn package(folder: &Path, source: &str) -> std::path::PathBuf {
    let path = folder.join("shop");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("main.flow"), source).unwrap();
    path
}
