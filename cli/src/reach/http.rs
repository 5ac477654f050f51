//! A runtime over the network: one call, one `POST`.

use super::answer::{self, LONGEST, is_unknown_method};
use super::token::MAKE;
use super::{Address, Token};
use crate::args::With;
use crate::output;
use crate::problem::Problem;
use carapace_gateway::{About, PROTOCOL, Request};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// How long it is waited in all where the runtime asks for it.
const WAITING: Duration = Duration::from_secs(90);

/// How much of an answer that is no JSON is shown, in characters.
const SHOWN: usize = 200;

/// A runtime that was reached, and that speaks as this command does.
pub(crate) struct Http {
    pub(super) address: Address,
    pub(super) client: Client,
    token: Option<Token>,
    patience: Option<Duration>,
    pub(super) threads: Runtime,
}

impl Http {
    /// Reaches the runtime there, with the token that is found for it.
    pub(crate) fn connect(url: &str, with: &With) -> Result<Http, Problem> {
        let address = Address::read(url)?;
        let token = Token::find(&address, with)?;
        Http::enter(address, token, with).map(|(http, _)| http)
    }

    /// Reaches the runtime there with a token, and says who it is.
    pub(crate) fn enter(
        address: Address,
        token: Option<Token>,
        with: &With,
    ) -> Result<(Http, About), Problem> {
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let threads =
            threads.map_err(|e| Problem::new("E0936", format!("no thread could be started: {e}")))?;
        let client = client(&address, with)?;
        let http = Http { address, client, token, patience: Some(PATIENCE), threads };
        let about = http.about()?;
        Ok((http, about))
    }

    /// Waits for each answer as long as it takes.
    pub(super) fn patiently(self) -> Http {
        Http { patience: None, ..self }
    }

    pub(super) fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Problem> {
        answer::result(&self.exchange(request)?)
    }

    /// Who is there; refuses what this command cannot talk to.
    fn about(&self) -> Result<About, Problem> {
        let other = |message: String| {
            Problem::new("E1047", message)
                .help("use a command of the version that the runtime has, or the other way round")
        };
        let answer = self.exchange(&Request::About {})?;
        if is_unknown_method(&answer) {
            let message =
                format!("the runtime at {} is older than this command, which is {}", self.address, version());
            return Err(other(message));
        }
        let about: About = answer::result(&answer)?;
        if about.protocol != PROTOCOL {
            let (there, here) = (&about.version, version());
            let message = format!(
                "the runtime at {} is of version {there} and speaks the protocol {}; this command is of version {here} and speaks {PROTOCOL}",
                self.address, about.protocol
            );
            return Err(other(message));
        }
        Ok(about)
    }

    /// One call; where the runtime asks to wait, it is waited.
    fn exchange(&self, request: &Request) -> Result<Vec<u8>, Problem> {
        let body = answer::call(request)?.to_string();
        self.threads.block_on(async {
            let mut waited = Duration::ZERO;
            loop {
                let response = self.post(&body).await?;
                if response.status() != StatusCode::TOO_MANY_REQUESTS {
                    return self.taken(response).await;
                }
                let pause = pause(&response);
                if waited + pause > WAITING {
                    let message =
                        format!("the runtime at {} takes no more requests at the moment", self.address);
                    return Err(
                        Problem::new("E1046", message).help(format!("try again in {} s", pause.as_secs()))
                    );
                }
                output::note(&format!("the runtime asks to wait for {} s", pause.as_secs()));
                tokio::time::sleep(pause).await;
                waited += pause;
            }
        })
    }

    async fn post(&self, body: &str) -> Result<Response, Problem> {
        let request = self.client.post(self.address.join("v1/rpc")).header(CONTENT_TYPE, "application/json");
        let request = match self.header() {
            Some(header) => request.header(AUTHORIZATION, header),
            None => request,
        };
        let request = match self.patience {
            Some(patience) => request.timeout(patience),
            None => request,
        };
        request.body(body.to_owned()).send().await.map_err(|e| self.unreachable(&e))
    }

    pub(super) fn header(&self) -> Option<reqwest::header::HeaderValue> {
        self.token.as_ref().and_then(Token::header)
    }

    async fn taken(&self, mut response: Response) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.unreachable(&e))? {
            if bytes.len().saturating_add(chunk.len()) > LONGEST {
                return Err(answer::strange("it is longer than any answer"));
            }
            bytes.extend_from_slice(&chunk);
        }
        match response.status() {
            StatusCode::OK => Ok(bytes),
            status => Err(self.refused(status, &response, &bytes)),
        }
    }

    /// What an answer that is none means.
    pub(super) fn refused(&self, status: StatusCode, response: &Response, body: &[u8]) -> Problem {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(error) = json.get("error").filter(|error| error.is_object()) {
            return answer::problem(error);
        }
        let address = &self.address;
        let text = String::from_utf8_lossy(body);
        let said = json.get("detail").or_else(|| json.get("message"));
        let said = said.and_then(serde_json::Value::as_str).unwrap_or(&text);
        let said: String = said.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        let said = said.trim();
        match status {
            StatusCode::UNAUTHORIZED => {
                let message = match self.token {
                    Some(_) => format!("the runtime at {address} does not take the token: {said}"),
                    None => format!(
                        "the runtime at {address} wants to know who asks, and there is no token for it here"
                    ),
                };
                Problem::new("E1044", message).help(MAKE)
            }
            StatusCode::FORBIDDEN => {
                Problem::new("E0974", format!("the runtime at {address} refuses: {said}"))
                    .help("the token may lack a permission: `carapace token list` there says which it has")
            }
            StatusCode::MISDIRECTED_REQUEST => {
                let message = format!("the runtime at {address} does not answer to that name");
                Problem::new("E1045", message).help(
                    "use the name it is known by there; its configuration lists those that it answers to",
                )
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                let message = format!(
                    "what was sent is larger than the runtime at {address}, or what stands before it, takes"
                );
                Problem::new("E0944", message)
                    .help("deploy fewer packages at once, or raise the limit of what stands before it")
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                Problem::new("E1047", format!("no runtime answers at {address}: {} {said}", status.as_u16()))
                    .help("name the address that the gateway is reached by, without a page's path behind it")
            }
            _ if status.is_redirection() => {
                let to = response
                    .headers()
                    .get(LOCATION)
                    .and_then(|to| to.to_str().ok())
                    .unwrap_or("another address");
                Problem::new("E1047", format!("{address} sends on to `{to}`, and a token does not go along"))
                    .help("name the address that the runtime itself has")
            }
            _ => Problem::new("E1042", format!("{address} answered {} {said}", status.as_u16()))
                .help("that may be what stands before the runtime: see whether the runtime runs"),
        }
    }

    /// What keeps an answer from coming.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Problem {
        unreachable(&self.address, error)
    }
}

/// What an address that cannot be reached, or trusted, means.
pub(super) fn unreachable(address: &Address, error: &reqwest::Error) -> Problem {
    let why = innermost(error);
    if error.is_timeout() {
        return Problem::new("E1042", format!("{address} did not answer in time"))
            .help("see whether the runtime runs there, and whether this machine reaches it");
    }
    let lower = why.to_lowercase();
    // It answered, and not in TLS.
    if !address.is_plain() && lower.contains("invalidcontenttype") {
        let plain = address.to_string().replacen("https://", "http://", 1);
        let help = if Address::read(&plain).is_ok() {
            format!("write `{plain}`: on this machine none is needed")
        } else {
            "name the address of what encrypts for it, such as a proxy".to_owned()
        };
        return Problem::new("E1043", format!("{address} does not speak TLS")).help(help);
    }
    let secure = ["certificate", "tls", "handshake", "invalidcontenttype", "corrupt message", "peer "];
    if !address.is_plain() && secure.iter().any(|word| lower.contains(word)) {
        return Problem::new("E1043", format!("{address} cannot be trusted: {why}")).help(
            "its certificate has to be of that name, in date and of an authority that is known; `--ca FILE` names one of your own",
        );
    }
    Problem::new("E1042", format!("{address} cannot be reached: {why}"))
        .help("see whether the runtime runs there, and whether its name and port are right")
}

pub(super) fn client(address: &Address, with: &With) -> Result<Client, Problem> {
    let mut builder = Client::builder()
        .user_agent(concat!("carapace/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .http1_only()
        // A token goes to the machine it is for, and to no other.
        .redirect(redirect::Policy::none());
    if address.is_plain() {
        builder = builder.no_proxy();
    }
    if let Some(path) = &with.ca {
        let pem = std::fs::read(path).map_err(|e| Problem::unreadable(path, &e))?;
        let wrong =
            |why: &str| Problem::new("E1043", format!("`{}` holds no certificates: {why}", path.display()));
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| wrong(&innermost(&e)))?;
        if certificates.is_empty() {
            return Err(wrong("it has no block that begins with `-----BEGIN CERTIFICATE-----`"));
        }
        builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    builder
        .build()
        .map_err(|e| Problem::new("E1043", format!("no connection can be made: {}", innermost(&e))))
}

/// How long a runtime that has enough asks to be left alone.
fn pause(response: &Response) -> Duration {
    let said = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Duration::from_secs(said.and_then(|text| text.trim().parse().ok()).unwrap_or(1).max(1))
}

/// What went wrong in the end: what stands above it only says in which step.
fn innermost(error: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
