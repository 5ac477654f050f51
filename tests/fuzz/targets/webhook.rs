//! Requests of strangers at webhooks with and without signatures: answered, and never with a failure of ours.
#![no_main]

mod serving;

use carapace_channel_api::{SecretError, SecretString, Secrets};
use carapace_engine::service::Handle;
use carapace_gateway::webhooks::{Options as WebhookOptions, Webhooks};
use carapace_gateway::{Options, Routes};
use libfuzzer_sys::fuzz_target;
use serving::{answered, fields, served, split};
use std::sync::Arc;

const SOURCE: &str = include_str!("webhook.flow");

/// The paths in it.
const PATHS: [&str; 5] = ["open", "token", "stripe", "github", "slack"];

/// Everybody's secret.
#[derive(Debug)]
struct One;

impl Secrets for One {
    fn get(&self, _: &str) -> Result<SecretString, SecretError> {
        Ok("secret".to_owned().into())
    }
}

fn routes(handle: &Handle) -> Routes {
    let webhooks = Webhooks::new(handle.clone(), Arc::new(One), WebhookOptions::default(), |_| {});
    Routes::default().with_webhooks(&webhooks)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*first) % PATHS.len()];
    let (headers, body) = split(rest);
    let (threads, address) = served(SOURCE, Options::default, routes);
    let mut request =
        format!("POST /hooks/shop/{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n").into_bytes();
    fields(&mut request, headers);
    request.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
    request.extend(body);
    threads.block_on(answered(address, &request));
});
