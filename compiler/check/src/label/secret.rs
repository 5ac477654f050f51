//! Secrets by type: nothing from outside says which secret it is, and none outlives the deployment that has it.

use super::solve::Solver;
use super::tell::Bad;
use crate::tree::FlowId;
use carapace_module::Type;
use carapace_module::signature::TriggerSpec;

impl Solver<'_> {
    /// States, settings, events' payloads, and what models hand over and get.
    pub(super) fn secret_types(&mut self) {
        let program = self.program;
        for state in &program.states {
            self.no_secret(&state.ty, Bad::Outside, state.span);
        }
        for setting in &program.settings {
            self.no_secret(&setting.ty, Bad::Outside, setting.span);
        }
        for (index, flow) in program.flows.iter().enumerate() {
            let declared = self.declared.flows.get(index);
            let span = declared.and_then(|d| d.triggers.or(d.span)).unwrap_or(flow.span);
            for trigger in &flow.triggers {
                if let TriggerSpec::Webhook { body: ty, .. }
                | TriggerSpec::Event { payload: ty, .. }
                | TriggerSpec::Manual { input: ty } = &trigger.spec
                {
                    self.no_secret(ty, Bad::Outside, span);
                }
            }
            if flow.tool {
                self.no_secret(&flow.result, Bad::Outside, span);
                for local in &flow.params {
                    let ty = flow.locals.get(local.0 as usize).map_or(&Type::Error, |local| &local.ty);
                    self.no_secret(ty, Bad::Outside, span);
                }
            }
        }
    }

    fn no_secret(&mut self, ty: &Type, bad: Bad, span: carapace_diagnostic::Span) {
        if self.types.has_secret(ty) {
            self.mistake(bad, span, None);
        }
    }

    /// A model fills in the parameters of a tool: none of them can be one that takes nothing from outside.
    pub(super) fn tool_of_models(&mut self, id: FlowId) {
        let Some(declared) = self.declared.flows.get(id.0 as usize) else { return };
        for param in declared.params.iter().filter(|param| param.trusted) {
            let (tool, name) = (declared.name.clone(), param.name.clone());
            self.mistake(Bad::Tool { tool, param: name }, param.span, None);
        }
    }
}
