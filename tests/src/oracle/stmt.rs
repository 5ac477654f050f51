//! Blocks and statements.

use super::context::{Eval, Machine, Place};
use super::data::{as_int, items, record};
use super::exit::{Exit, broken};
use super::scheduler::Waiting;
use carapace_check::tree::{Block, Expr, LocalId, StateId, Stmt, StmtKind};
use carapace_module::Value;
use std::rc::Rc;

/// Whether a loop goes on after its body.
enum After {
    Next,
    Stop,
}

impl<'p> Machine<'p> {
    pub(super) fn block<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, block: &'p Block) -> Eval<'a> {
        Box::pin(async move {
            for stmt in &block.stmts {
                self.stmt(at, stmt).await?;
            }
            match &block.value {
                Some(value) => self.expr(at, value).await,
                None => Ok(Value::None),
            }
        })
    }

    fn stmt<'a>(self: &'a Rc<Self>, at: &'a Place<'p>, stmt: &'p Stmt) -> Eval<'a> {
        Box::pin(async move {
            self.step()?;
            match &stmt.kind {
                StmtKind::Let(local, value) | StmtKind::Assign(local, value) => {
                    let value = self.expr(at, value).await?;
                    at.set(*local, value)?;
                }
                StmtKind::Set(state, keys, value) => self.write_state(at, *state, keys, value).await?,
                StmtKind::For(local, items, body) => self.each(at, *local, items, body).await?,
                StmtKind::While(condition, body) => {
                    while self.truth(at, condition).await? {
                        self.step()?;
                        if let After::Stop = self.round(at, body).await? {
                            break;
                        }
                    }
                }
                StmtKind::Repeat(times, body) => {
                    let times = as_int(&self.expr(at, times).await?)?;
                    for _ in 0..times.max(0) {
                        self.step()?;
                        if let After::Stop = self.round(at, body).await? {
                            break;
                        }
                    }
                }
                StmtKind::Listen(local, wait, body) => {
                    let what = self.wait_text(at, "listen", wait).await?;
                    let op = self.scheduler.ask(&at.task, what, false);
                    at.set(*local, super::data::text(&op.to_string()))?;
                    // However the block is left, nobody waits for the buffer after it.
                    let _buffer = Waiting { scheduler: &self.scheduler, op };
                    self.block(at, body).await?;
                }
                StmtKind::Expr(expr) => {
                    self.expr(at, expr).await?;
                }
                StmtKind::Test(_) => return Err(broken("a test statement in a flow")),
            }
            Ok(Value::None)
        })
    }

    async fn each(
        self: &Rc<Self>,
        at: &Place<'p>,
        local: LocalId,
        list: &'p Expr,
        body: &'p Block,
    ) -> Result<(), Exit> {
        let all = match self.expr(at, list).await? {
            Value::Map(map) => map.entries.iter().map(|(k, v)| record(vec![k.clone(), v.clone()])).collect(),
            list => items(&list)?.to_vec(),
        };
        for item in all {
            self.step()?;
            at.set(local, item)?;
            if let After::Stop = self.round(at, body).await? {
                break;
            }
        }
        Ok(())
    }

    async fn round(self: &Rc<Self>, at: &Place<'p>, body: &'p Block) -> Result<After, Exit> {
        match self.block(at, body).await {
            Ok(_) | Err(Exit::Continue) => Ok(After::Next),
            Err(Exit::Break) => Ok(After::Stop),
            Err(exit) => Err(exit),
        }
    }

    async fn write_state(
        self: &Rc<Self>,
        at: &Place<'p>,
        state: StateId,
        keys: &'p [Expr],
        value: &'p Expr,
    ) -> Result<(), Exit> {
        let keys = self.all(at, keys).await?;
        let value = self.expr(at, value).await?;
        self.world.borrow_mut().states.insert((state, key_text(&keys)), value);
        Ok(())
    }
}

/// A state's key, written canonically.
pub(super) fn key_text(keys: &[Value]) -> String {
    keys.iter().map(super::data::canonical).collect::<Vec<_>>().join("/")
}
