//! Which chat page is talked to.

use crate::args::Place;
use crate::problem::Problem;
use crate::reach::{Address, Client, Door, Token};
use carapace_gateway::{About, ChatPage, Request};

/// Where a chat page is whose account nobody named, and that cannot be asked for.
const USUAL: &str = "/webchat";

/// The way to the page.
pub(super) fn find(place: &Place, account: Option<&str>) -> Result<Door, Problem> {
    match &place.remote.to {
        Some(url) => {
            let address = Address::read(url)?;
            let path = match Token::find(&address, &place.remote.with)? {
                // At this machine the runtime also says it to who has no token; behind a proxy it does not.
                None if address.is_plain() => match Client::connect(place) {
                    Ok(client) => {
                        let about: About = client.ok_or_else(stopped)?.call(&Request::About {})?;
                        chosen(&about.pages, account)?
                    }
                    Err(problem) if problem.code() == "E1044" => usual(account),
                    Err(problem) => return Err(problem),
                },
                Some(_) => {
                    let client = Client::connect(place)?.ok_or_else(stopped)?;
                    let about: About = client.call(&Request::About {})?;
                    chosen(&about.pages, account)?
                }
                // Whoever visits a page needs no token; without one nobody says where it is.
                None => usual(account),
            };
            Door::new(address, &socket(&path), &place.remote.with)
        }
        None => {
            let client = Client::connect(place)?.ok_or_else(stopped)?;
            let about: About = client.call(&Request::About {})?;
            let path = chosen(&about.pages, account)?;
            let mut served = about.address.ok_or_else(stopped)?;
            if served.ip().is_unspecified() {
                let here: std::net::IpAddr = match served {
                    std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                    std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
                };
                served.set_ip(here);
            }
            let address = Address::read(&format!("http://{served}"))?;
            Door::new(address, &socket(&path), &place.remote.with)
        }
    }
}

/// Where the page of an account is, where nobody says it.
fn usual(account: Option<&str>) -> String {
    account.map_or_else(|| USUAL.to_owned(), |account| format!("/{account}"))
}

fn socket(path: &str) -> String {
    format!("{}/ws", path.trim_end_matches('/'))
}

fn stopped() -> Problem {
    Problem::new("E0941", "no runtime runs there that could be talked to").help(
        "start it: `carapace run`; `--data DIR` names its data directory, `--to URL` one on another machine",
    )
}

/// The page of an account; the only one where none is named.
fn chosen(pages: &[ChatPage], account: Option<&str>) -> Result<String, Problem> {
    let names = || pages.iter().map(|page| format!("`{}`", page.account)).collect::<Vec<_>>().join(", ");
    match (account, pages) {
        (None, [only]) => Ok(only.path.clone()),
        (None, []) => Err(Problem::new("E1111", "the runtime has no chat page")
            .help("give it one: an account of the kind `webchat` in `carapace.json5`")),
        (None, _) => Err(Problem::new("E1111", format!("there are several chat pages: {}", names()))
            .help("name the account: `carapace chat ACCOUNT`")),
        (Some(account), pages) => {
            let page = pages.iter().find(|page| page.account == account);
            page.map(|page| page.path.clone()).ok_or_else(|| {
                let problem = Problem::new("E1111", format!("`{account}` is no account with a chat page"));
                if pages.is_empty() {
                    problem
                } else {
                    problem.help(format!("those that have one: {}", names()))
                }
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_or_the_only_one() {
        let page = |account: &str| ChatPage { account: account.to_owned(), path: format!("/{account}/") };
        let (one, two) = ([page("web")], [page("web"), page("shop")]);
        assert_eq!(socket(&chosen(&one, None).unwrap()), "/web/ws");
        assert_eq!(chosen(&two, Some("shop")).unwrap(), "/shop/");
        for (pages, account) in
            [(&one[..0], None), (&two[..], None), (&two[..], Some("x")), (&one[..0], Some("x"))]
        {
            assert_eq!(chosen(pages, account).unwrap_err().code(), "E1111");
        }
    }
}
