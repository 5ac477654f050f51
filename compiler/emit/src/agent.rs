//! Tools of agents: the ways to them that stand before the body of the library's `invoke`, and a function for each.
//!
//! A tool's function reads what an agent gives it, parameter by parameter, has those asked who must agree, calls the tool, and makes
//! JSON of what it returns. What does not fit fails with words that a model understands.

use crate::builder::Builder;
use crate::fork::add;
use crate::function::Emitter;
use carapace_check::tree::{Agent, Approval, EffectId, Expr, Flow, Local, Offer};
use carapace_module::code::{self, Op};
use carapace_module::signature::{Delivery, FunctionId};
use carapace_module::{Type, Value};
use std::sync::Arc;

/// The flow that begins with the ways to all tools: `(agent, tool, arguments)`.
const INVOKE: &str = "std/exchange.invoke";

/// The flow that asks who has to agree: `(question, by, patience)`.
const PERMIT: &str = "std/exchange.permit";

/// The registers of `invoke`'s parameters.
const AGENT: u16 = 0;
const TOOL: u16 = 1;
const ARGUMENTS: u16 = 2;

/// What a question is made of.
enum Piece {
    Words(String),
    /// A register that holds a text.
    Text(u16),
    /// A register, and the type of what it holds.
    Value(u16, Type),
}

impl<'p> Emitter<'_, 'p> {
    /// What `invoke` begins with; nothing in any other flow.
    pub(crate) fn ways_to_tools(&mut self, flow: &Flow) {
        if *flow.name != *INVOKE {
            return;
        }
        let program = self.builder.program;
        for agent in &program.agents {
            self.at(agent.span);
            for (offer, name) in agent.tools.iter().zip(&agent.signature.tools) {
                let function = self.builder.offered(agent, offer, name);
                self.way(agent, Op::Eq, name, function, ARGUMENTS);
            }
            for connection in &agent.signature.connections {
                let Some(function) = self.builder.remote(agent, connection) else { continue };
                self.way(agent, Op::StartsWith, &format!("{connection}."), function, TOOL);
            }
        }
        self.at(flow.span);
    }

    /// Where it is this agent, and the tool's name passes: what the function gives.
    fn way(&mut self, agent: &Agent, test: Op, name: &str, function: FunctionId, base: u16) {
        let mark = self.mark();
        let (passes, next) = (self.temp(), self.label());
        self.load(passes, &Value::text(&*agent.signature.name));
        self.put(Op::Eq, passes, AGENT, passes);
        self.jump_wide(Op::JumpIfNot, passes, next);
        self.load(passes, &Value::text(name));
        self.put(test, passes, TOOL, passes);
        self.jump_wide(Op::JumpIfNot, passes, next);
        let function = self.operand(function.0 as usize);
        self.put(Op::Call, passes, function, base);
        self.put(Op::Return, passes, 0, 0);
        self.place(next);
        self.release(mark);
    }

    /// The argument of this name from the JSON in register 0, read into `to`.
    fn argument(&mut self, name: &Arc<str>, ty: &Type, default: Option<&Expr>, to: u16) {
        let mark = self.mark();
        let (read, there, fits) = (self.temps(2), self.label(), self.label());
        self.load(read, &Value::text(&**name));
        self.put(Op::JsonIndex, read, 0, read);
        if let Some(default) = default {
            self.jump_wide(Op::JumpIfSome, read, there);
            let function = self.builder.value_function(&self.name.clone(), default);
            let function = self.operand(function.0 as usize);
            self.put(Op::Call, to, function, read);
            self.jump(fits);
            self.place(there);
        }
        let ty = self.builder.type_ref(ty);
        let ty = self.fits(ty);
        let why = read.saturating_add(1);
        self.put(Op::FromJson, read, read, ty);
        self.put(Op::Move, to, read, 0);
        self.jump_wide(Op::JumpIfNone, why, fits);
        let row = self.temps(2);
        self.load(row, &Value::text(format!("`{name}`: ")));
        self.put(Op::Move, row.saturating_add(1), why, 0);
        self.put(Op::Concat, row, row, 2);
        self.put(Op::Fail, row, 0, 0);
        self.place(fits);
        self.release(mark);
    }

    /// What the run says, whatever the arguments do.
    fn of_the_run(&mut self, effect: EffectId, to: u16) {
        let site =
            code::EffectCall { effect: effect.0, type_arg: None, delivery: Delivery::Default, label: None };
        let number = self.builder.effect_call(site);
        let number = self.fits(number);
        self.put(Op::Effect, to, number, to);
    }

    /// Has whoever must agree asked; goes on where nobody has to, or they did.
    fn permitted(&mut self, agent: &Agent, approval: &Approval, question: Vec<Piece>) {
        let program = self.builder.program;
        let flow = program.flows.iter().position(|flow| *flow.name == *PERMIT);
        let permit = flow.and_then(|flow| self.builder.flow_functions.get(flow).copied());
        let permit = self.fits(permit.map(|function| function.0));
        let mark = self.mark();
        let (row, free) = (self.temps(3), self.label());
        self.expr(&approval.by, row.saturating_add(1));
        self.jump_wide(Op::JumpIfNone, row.saturating_add(1), free);
        self.question(question, row);
        self.load(row.saturating_add(2), &Value::Duration(agent.patience));
        let permit = self.operand(permit as usize);
        self.put(Op::Call, row, permit, row);
        self.place(free);
        self.release(mark);
    }

    fn question(&mut self, pieces: Vec<Piece>, to: u16) {
        let mark = self.mark();
        let row = self.temps(pieces.len());
        let count = self.operand(pieces.len());
        for (register, piece) in (row..).zip(pieces) {
            match piece {
                Piece::Words(words) => self.load(register, &Value::text(words)),
                Piece::Text(held) => self.put(Op::Move, register, held, 0),
                Piece::Value(held, ty) => {
                    let ty = self.builder.type_ref(&ty);
                    let ty = self.fits(ty);
                    self.put(Op::Display, register, held, ty);
                }
            }
        }
        self.put(Op::Concat, to, row, count);
        self.release(mark);
    }

    /// Gives a register's value, as JSON.
    fn return_json(&mut self, register: u16, ty: &Type) {
        let ty = self.builder.type_ref(ty);
        let ty = self.fits(ty);
        self.put(Op::ToJson, register, register, ty);
        self.put(Op::Return, register, 0, 0);
    }
}

impl<'p> Builder<'p> {
    /// A function of the arguments, as JSON: calls a tool as an agent may.
    fn offered(&mut self, agent: &'p Agent, offer: &'p Offer, tool: &Arc<str>) -> FunctionId {
        let (program, target) = (self.program, offer.tool.0 as usize);
        let Some(flow) = program.flows.get(target) else { return FunctionId(0) };
        let approval = agent.approvals.iter().find(|approval| approval.tool == *tool);
        let mut e = self.tool_emitter(agent, tool, approval);
        e.param(None);
        let params: Vec<&Local> =
            flow.params.iter().filter_map(|param| flow.locals.get(param.0 as usize)).collect();
        let row = e.temps(params.len().max(1));
        for (at, (param, register)) in params.iter().zip(row..).enumerate() {
            match offer.given.get(at).copied().flatten() {
                Some(effect) => e.of_the_run(effect, register),
                None => {
                    let default = offer.defaults.get(at).and_then(Option::as_ref);
                    e.argument(&param.name, &param.ty, default, register);
                }
            }
        }
        if let Some(approval) = approval {
            for (local, register) in approval.params.iter().zip(row..) {
                e.bind(*local, register);
            }
            let mut pieces = vec![Piece::Words(format!(
                "{} wants to call {}(",
                short(&agent.signature.name),
                short(tool)
            ))];
            let shown = params.iter().zip(row..).enumerate();
            let shown = shown.filter(|(at, _)| offer.given.get(*at).copied().flatten().is_none());
            for (place, (_, (param, register))) in shown.enumerate() {
                let quote = if param.ty == Type::Text { "\"" } else { "" };
                let comma = if place > 0 { ", " } else { "" };
                pieces.push(Piece::Words(format!("{comma}{}: {quote}", param.name)));
                pieces.push(Piece::Value(register, param.ty.clone()));
                pieces.push(Piece::Words(quote.to_owned()));
            }
            pieces.push(Piece::Words(")".to_owned()));
            e.permitted(agent, approval, pieces);
        }
        let function = e.builder.flow_functions.get(target).copied().unwrap_or(FunctionId(0));
        let function = e.operand(function.0 as usize);
        e.put(Op::Call, row, function, row);
        e.return_json(row, &flow.result);
        add(e)
    }

    /// A function of a tool's full name and its arguments, as JSON: calls a tool of a connection as an agent may.
    fn remote(&mut self, agent: &'p Agent, connection: &Arc<str>) -> Option<FunctionId> {
        let effect = agent.remote?;
        let approval = agent.approvals.iter().find(|approval| approval.tool == *connection);
        let mut e = self.tool_emitter(agent, connection, approval);
        let (tool, arguments) = (e.param(None), e.param(None));
        if let Some(approval) = approval {
            let pieces = vec![
                Piece::Words(format!("{} wants to call ", short(&agent.signature.name))),
                Piece::Text(tool),
                Piece::Words("(".to_owned()),
                Piece::Value(arguments, Type::Json),
                Piece::Words(")".to_owned()),
            ];
            e.permitted(agent, approval, pieces);
        }
        let site =
            code::EffectCall { effect: effect.0, type_arg: None, delivery: Delivery::Default, label: None };
        let number = e.builder.effect_call(site);
        let number = e.fits(number);
        let row = e.temps(3);
        e.load(row, &Value::text(&**connection));
        e.put(Op::Move, row.saturating_add(1), tool, 0);
        e.put(Op::Move, row.saturating_add(2), arguments, 0);
        e.put(Op::Effect, row, number, row);
        e.put(Op::Return, row, 0, 0);
        Some(add(e))
    }

    fn tool_emitter(
        &mut self,
        agent: &'p Agent,
        tool: &str,
        approval: Option<&'p Approval>,
    ) -> Emitter<'_, 'p> {
        let name = format!("{} to {tool}", agent.signature.name);
        let locals = approval.map_or(&[][..], |approval| &approval.locals);
        let mut e = Emitter::new(self, name.into(), locals);
        e.at(agent.span);
        e
    }
}

/// A name without its module.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
