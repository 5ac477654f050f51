//! `carapace mcp serve`: what a runtime offers, over standard input and output.

use super::offers::{Asked, Offers};
use crate::args::Place;
use crate::commands::runs::runtime::nobody;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::reach::Client;
use async_trait::async_trait;
use carapace_gateway::{Request, ToolsListed};
use serde_json::Value as Json;
use std::sync::Arc;

pub(super) fn run(place: &Place) -> Result<Exit, Problem> {
    // Whoever starts this is told at once where it is of no use.
    let _: ToolsListed = connect(place)?.call(&Request::Tools { unlike: None, wait: None })?;
    let broken = |why: String| Problem::new("E0944", why);
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let threads = threads.map_err(|e| broken(format!("nothing can be served: {e}")))?;
    let asked = Arc::new(Offers::new(Reached { place: Arc::new(place.clone()) }));
    let served = threads.block_on(carapace_mcp::server::serve(asked));
    // A line that is still waited for on standard input holds nobody up.
    threads.shutdown_background();
    served.map_err(|e| broken(e.to_string()))?;
    Ok(Exit::Fine)
}

fn connect(place: &Place) -> Result<Client, Problem> {
    Client::connect(place)?.ok_or_else(|| nobody(&place.data()))
}

/// A runtime that is reached anew for each question, so that it may be started again in between.
#[derive(Debug)]
struct Reached {
    place: Arc<Place>,
}

#[async_trait]
impl Asked for Reached {
    async fn ask(&self, request: Request) -> Result<Json, (Option<String>, String)> {
        let place = self.place.clone();
        let asked = tokio::task::spawn_blocking(move || connect(&place)?.call(&request)).await;
        match asked {
            Ok(answered) => answered
                .map_err(|problem: Problem| (Some(problem.code().to_owned()), problem.message().to_owned())),
            Err(_) => Err((None, "asking the runtime broke down".to_owned())),
        }
    }
}
