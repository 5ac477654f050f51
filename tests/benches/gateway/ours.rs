//! Ours: engine, journal on the disk and gateway, as `carapace run` puts them together.

use crate::Serving;
use carapace_channel_api::{NoSecrets, Shutdown};
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::service::{Opened, Options as EngineOptions, Service};
use carapace_engine::{Deploy, Input, Outgoing};
use carapace_gateway::Routes;
use carapace_gateway::webhooks::{Options, Webhooks};
use carapace_module::Module;
use carapace_store::JsonlStore;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const FLOW: &str = r#"
type Item {
  name: Text
  count: Int
}

type Order {
  service: Text
  amount: Int
  items: List<Item>
}

flow order on webhook("/orders", body: Order) where body.amount > 3 {
  respond(200, ["service": body.service, "answer": "yes"])
}
"#;

/// Serves from a process of its own.
pub(crate) fn begin(folder: &Path) -> Serving {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut child =
        command.args(["serve".as_ref(), folder.as_os_str()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Serving { child, address: line.trim().parse().unwrap(), path: "/hooks/shop/orders" }
}

/// Serves until it is killed; says where.
pub(crate) fn serve(folder: &Path) {
    let store = Arc::new(JsonlStore::open(carapace_store::Options::new(folder.join("data"))).unwrap());
    let Opened { mut service, handle, mut outgoing } =
        Service::open(store, EngineOptions::default()).unwrap();
    let checked = Checked::of(&MemoryFiles::new([("main.flow", FLOW)]), "main.flow");
    let module = Module { package: "shop".into(), ..checked.compile().ok().unwrap().module };
    let deploy = Deploy { module: module.to_bytes().into(), ..Deploy::default() };
    service.prepare(Input::Deploy(Box::new(deploy)));
    // The engine has a thread of its own, as in `carapace run`.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(service.run(std::future::pending())).unwrap();
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let webhooks =
            Webhooks::new(handle, Arc::new(NoSecrets), Options::default(), |line| println!("{line}"));
        let listen = "127.0.0.1:0".parse().unwrap();
        let options = carapace_gateway::Options { listen, ..carapace_gateway::Options::default() };
        let routes = Routes::default().with_webhooks(&webhooks);
        let gateway = carapace_gateway::Service::bind(options, Vec::new(), routes).await.unwrap();
        println!("{}", gateway.handle().address());
        tokio::spawn(async move {
            while let Some(outgoing) = outgoing.recv().await {
                match outgoing {
                    Outgoing::Respond(responded) => webhooks.respond(responded),
                    Outgoing::Unanswered(event) => webhooks.unanswered(event),
                    _ => {}
                }
            }
        });
        let (_keep, shutdown) = Shutdown::new();
        gateway.run(shutdown).await.unwrap();
    });
}
