//! `carapace pair`: a code for a device.

use super::runs::runtime::nobody;
use super::token::lives;
use crate::args::{Pair, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_gateway::Request;
use carapace_gateway::auth::Offer;

pub(crate) fn run(options: &Pair) -> Result<Exit, Problem> {
    let offer = offer(options)?;
    match options.at.format {
        Results::Json => output::print(&format!("{:#}\n", serde_json::json!(offer))),
        Results::Human => {
            let scopes: Vec<&str> = options.scope.iter().map(|scope| scope.name()).collect();
            output::note(&format!(
                "type this at the device within five minutes; it may {} then:",
                scopes.join(", ")
            ));
            output::print(&format!("{}\n", offer.code));
        }
    }
    Ok(Exit::Fine)
}

fn offer(options: &Pair) -> Result<Offer, Problem> {
    let lives = lives(&options.expires)?;
    if let Some(client) = Client::connect(&options.at.place)? {
        let scopes = options.scope.iter().copied().collect();
        return client.call(&Request::Pair { scopes, lives });
    }
    // A code is only of use while somebody is there who takes it.
    Err(nobody(&options.at.place.data()))
}
