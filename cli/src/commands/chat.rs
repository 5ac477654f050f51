//! `carapace chat`: a visitor of a chat page, at a terminal or in a pipe.

mod frames;
mod input;
mod page;
mod screen;
mod visitor;

use crate::args::Chat;
use crate::exit::Exit;
use crate::problem::Problem;
use carapace_config::milliseconds;
use input::Input;
use std::time::Duration;
use visitor::Visitor;

pub(crate) fn run(options: &Chat) -> Result<Exit, Problem> {
    let wait = milliseconds(&options.wait).and_then(|wait| u64::try_from(wait).ok());
    let wait = wait.map(Duration::from_millis).ok_or_else(|| {
        Problem::new("E0966", format!("`{}` does not say how long an answer is waited for", options.wait))
            .help("write a number and `s`, `m` or `h`: `--wait 30s`")
    })?;
    let door = page::find(&options.place, options.account.as_deref())?;
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let threads = threads.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
    let (input, screen) = Input::open()?;
    let patience = (!input.is_person()).then_some(wait);
    let ended = threads.block_on(async {
        let socket = door.open().await.map_err(|shut| match shut {
            crate::reach::Shut::Now(problem) | crate::reach::Shut::ForGood(problem) => problem,
        })?;
        Visitor::new(door, screen, patience, options.name.clone()).talk(socket, input.lines()).await
    });
    input::put_back();
    ended
}
