//! The page in a real browser: Chromium, driven by the scripts in `tests/browser/`. Where the browser or its driver is
//! missing, each of these says that it was skipped.

use crate::bot::Bot;
use crate::peers::Peers;
use crate::server::Server;
use carapace_channel_webchat::{Limits, Options, Rate, Room};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A server that can be killed and started anew at the same address.
struct Life {
    options: Options,
    address: String,
    now: Option<(Runtime, SocketAddr)>,
}

impl Life {
    fn begin(options: Options) -> Life {
        let mut life = Life { options, address: "127.0.0.1:0".to_owned(), now: None };
        life.start();
        life
    }

    fn start(&mut self) {
        let runtime = Runtime::new().unwrap();
        let mut server = runtime.block_on(Server::serve_at(&self.address, self.options.clone()));
        let _inside = runtime.enter();
        server.run(Arc::new(Bot::new(server.channel.clone())));
        self.address = server.address.to_string();
        let address = server.address;
        // It lives as long as the runtime does.
        std::mem::forget(server);
        self.now = Some((runtime, address));
    }

    /// Everything of it is gone at once, connections too, as when a process is killed.
    fn kill(&mut self) {
        if let Some((runtime, _)) = self.now.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        }
    }

    fn obey(&mut self, word: &str) {
        match word {
            "restart" => {
                self.kill();
                self.start();
            }
            "stop" => self.kill(),
            "start" => self.start(),
            other => panic!("a scenario wants `{other}`"),
        }
    }
}

fn drive(scenario: &str, options: impl FnOnce(&mut Options)) {
    let Some(peers) = Peers::find(&format!("webchat {scenario} in a browser")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut chosen = Options::new("web", folder.path());
    options(&mut chosen);
    let mut life = Life::begin(chosen);
    let url = format!("http://{}/webchat/", life.address);
    peers.drive(scenario, &url, |word| life.obey(word));
}

#[test]
fn a_person_talks_reloads_and_goes_on_after_a_restart() {
    drive("talk", |_| {});
}

#[test]
fn conversations_and_rooms_stand_beside_each_other() {
    drive("conversations", |options| {
        options.rooms = vec![Room { name: "lobby".to_owned(), title: "Lobby".to_owned() }];
    });
}

#[test]
fn files_go_up_and_come_down() {
    drive("files", |options| {
        options.limits = Limits { file: 40_000, visitor_files: 50_000, ..Limits::default() };
    });
}

#[test]
fn what_strangers_write_stays_text() {
    drive("hostile", |_| {});
}

#[test]
fn markdown_becomes_these_nodes_and_no_others() {
    drive("markdown", |_| {});
}

#[test]
fn nothing_written_is_lost_and_nothing_said_twice() {
    drive("unsettled", |options| {
        options.limits.visitor = Rate { burst: 12, per_second: 2.0 };
    });
}

#[test]
fn a_phone_is_enough() {
    drive("phone", |_| {});
}

#[test]
fn another_site_shows_it_if_it_may() {
    drive("widget", |options| options.frames = vec!["http://localhost:*".to_owned()]);
}
