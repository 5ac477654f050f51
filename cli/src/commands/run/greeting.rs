//! What a person sees of the runtime, and what it finds at its terminal.

use super::astray::Astray;
use super::bindings::Bound;
use super::options::Options;
use super::packages::Ready;
use super::unasked::unasked;
use crate::output;
use carapace_channel_registry::Attended;
use carapace_gateway::webhooks::addresses;
use std::io::IsTerminal as _;

/// Who is at standard input and output.
pub(crate) fn attended() -> Attended {
    let screen = std::io::stdout().is_terminal();
    let colour = screen && std::env::var_os("NO_COLOR").is_none();
    if std::io::stdin().is_terminal() && screen {
        Attended::Person { colour }
    } else {
        Attended::Input { screen, colour }
    }
}

/// What a person should know at the start.
pub(crate) fn greet(
    options: &Options,
    modules: &[Ready],
    bound: &[Bound],
    gateway: &carapace_gateway::Service,
    attended: Attended,
) {
    for bound in bound {
        bound.notes.iter().for_each(|line| output::note(&format!("note: {line}")));
    }
    for one in unasked(modules.iter().map(|ready| &ready.module), &options.models_said) {
        output::note(&format!("note: `{}` {}: {}; {}", one.agent, one.cannot, one.why, one.help));
    }
    let names: Vec<&str> = modules.iter().map(|ready| &*ready.module.package).collect();
    if !names.is_empty() {
        output::note(&format!("running {} from {}", names.join(", "), options.data.display()));
    }
    let astray = bound.iter().flat_map(|bound| Astray::find(&bound.bindings, &options.accounts));
    astray.filter_map(|astray| astray.warning()).for_each(|warning| warning.print());
    let address = gateway.handle().address();
    for hook in modules.iter().flat_map(|ready| addresses(&ready.module)) {
        output::note(&format!("webhook: {} http://{address}{}", hook.method, hook.path));
        hook.warning().into_iter().for_each(|warning| output::note(&warning));
    }
    for page in gateway.handle().pages() {
        output::note(&format!("chat page: {page}"));
    }
    let terminal = options.accounts.iter().any(|account| *account.kind == *"terminal");
    if matches!(attended, Attended::Person { .. }) && terminal {
        output::note("type a message; `@ana: hello` speaks as ana, `#ops: hello` in a room; Ctrl-D ends");
    }
}
