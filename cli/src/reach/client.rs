//! A runtime that answers.

use super::http::Http;
use crate::args::Place;
use crate::problem::Problem;
use carapace_gateway::Request;
use serde::de::DeserializeOwned;
use std::path::Path;

#[cfg(unix)]
use super::socket::Socket;

/// A runtime that answers, wherever it is.
pub(crate) enum Client {
    /// On this machine, through its socket.
    #[cfg(unix)]
    Socket(Socket),
    /// Over the network.
    Http(Box<Http>),
}

impl Client {
    /// The runtime of that place; none where it is a data directory that nobody serves.
    pub(crate) fn connect(place: &Place) -> Result<Option<Client>, Problem> {
        match &place.remote.to {
            Some(url) => {
                let http = Http::connect(url, &place.remote.with)?;
                Ok(Some(Client::Http(Box::new(http))))
            }
            None => Client::here(&place.data()),
        }
    }

    /// The runtime that serves that data directory; none where none does.
    pub(crate) fn here(data: &Path) -> Result<Option<Client>, Problem> {
        #[cfg(unix)]
        return Ok(Socket::connect(data)?.map(Client::Socket));
        #[cfg(not(unix))]
        {
            let _ = data;
            Ok(None)
        }
    }

    /// Waits for each answer as long as it takes.
    pub(crate) fn patiently(self) -> Result<Client, Problem> {
        Ok(match self {
            #[cfg(unix)]
            Client::Socket(socket) => Client::Socket(socket.patiently()?),
            Client::Http(http) => Client::Http(Box::new(http.patiently())),
        })
    }

    /// Asks it something.
    pub(crate) fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Problem> {
        match self {
            #[cfg(unix)]
            Client::Socket(socket) => socket.call(request),
            Client::Http(http) => http.call(request),
        }
    }

    /// Whether it is on another machine, as far as this command knows: its files are not here.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Client::Http(_))
    }
}
