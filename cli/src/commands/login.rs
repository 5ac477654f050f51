//! `carapace login` and `carapace logout`: the tokens for runtimes on other machines.

use crate::args::{Login, Logout};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::{Problem, reason};
use crate::reach::{Address, Http, Kept, Token};
use std::io::{IsTerminal as _, Read as _};

pub(crate) fn run(options: &Login) -> Result<Exit, Problem> {
    let address = Address::read(&options.url)?;
    let kept = Kept::open()?.ok_or_else(nowhere)?;
    let token = token(options, &address)?;
    let (_, about) = Http::enter(address.clone(), Some(token.clone()), &options.with)?;
    let path = kept.keep(&address, &token)?;
    output::note(&format!("{address} is carapace {} and takes the token", about.version));
    output::note(&format!("it is kept in {}: `--to {address}` uses it", path.display()));
    Ok(Exit::Fine)
}

pub(crate) fn forget(options: &Logout) -> Result<Exit, Problem> {
    let kept = Kept::open()?.ok_or_else(nowhere)?;
    let Some(url) = &options.url else {
        let count = kept.forget_all()?;
        output::note(&format!(
            "{} forgotten here; `carapace token revoke` ends one where it counts",
            plural(count, "token")
        ));
        return Ok(Exit::Fine);
    };
    let address = Address::read(url)?;
    if kept.forget(&address)? {
        output::note(&format!(
            "the token for {address} is forgotten here; `carapace token revoke` ends it there"
        ));
        return Ok(Exit::Fine);
    }
    Err(Problem::new("E1044", format!("no token for {address} is kept here"))
        .help("name it as it was logged in to; `--all` forgets all of them"))
}

fn token(options: &Login, address: &Address) -> Result<Token, Problem> {
    if let Some(path) = &options.with.token_file {
        let text = std::fs::read_to_string(path).map_err(|e| Problem::unreadable(path, &e))?;
        return Token::read(&text);
    }
    if options.stdin {
        let mut text = String::new();
        let read = std::io::stdin().take(64 * 1024).read_to_string(&mut text);
        read.map_err(|e| Problem::new("E0901", format!("standard input cannot be read: {}", reason(&e))))?;
        return Token::read(&text);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Problem::new("E1044", "there is no terminal to ask for the token at")
            .help("`--stdin` reads it from standard input, `--token-file FILE` from a file"));
    }
    let typed = rpassword::prompt_password(format!("token for {address} (it is not shown): "));
    let typed =
        typed.map_err(|e| Problem::new("E0901", format!("the token cannot be read: {}", reason(&e))))?;
    Token::read(&typed)
}

fn nowhere() -> Problem {
    Problem::new("E0905", "nobody knows where your configuration lies")
        .help("set `XDG_CONFIG_HOME` or `HOME`; or use `--token-file FILE` or `CARAPACE_TOKEN`")
}
